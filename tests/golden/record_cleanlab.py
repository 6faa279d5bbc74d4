"""Records what cleanlab finds wrong in labels.

    python tests/golden/record_cleanlab.py

with cleanlab 2.9.0 installed; it takes seconds. Writes `cleanlab.json` beside
this file: the versions, and for each set its labels and probabilities, the
thresholds, the confident joint, the scores and what each method finds.
"""

import json
import pathlib
import platform

import cleanlab
import numpy as np
from cleanlab.count import compute_confident_joint
from cleanlab.count import get_confident_thresholds
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores

METHODS = (
    "prune_by_noise_rate", "prune_by_class", "both", "confident_learning",
)  # fmt: skip


def made(counts, columns, noise, sharpness, seed, unseen=()):
    """Labels and probabilities: softmax of scores around the true class."""
    rng = np.random.default_rng(seed)
    true = np.repeat(np.arange(len(counts)), counts)
    logits = rng.normal(size=(len(true), columns))
    logits[np.arange(len(true)), true] += sharpness
    logits[:, list(unseen)] -= 4
    p = np.exp(logits)
    p = (p / p.sum(axis=1, keepdims=True)).round(4)
    p[:, 0] += (1 - p.sum(axis=1)).round(4)
    flipped = rng.random(len(true)) < noise
    shift = rng.integers(1, len(counts), len(true))
    labels = np.where(flipped, (true + shift) % len(counts), true)
    return labels, p.round(4)


def all_doubted():
    """Class 0 has three images, each of them surely of another class."""
    labels = np.repeat(np.arange(4), [3, 4, 4, 4])
    rng = np.random.default_rng(3)
    p = np.zeros((15, 4))
    p[:3] = np.full((3, 4), 0.02) + 0.92 * np.eye(4)[1:]
    for i in range(3, 15):
        rest = rng.uniform(0.01, 0.05, 4)
        rest[0] = 0.005
        # One of class 1 is of class 2, so that something is found.
        true = 2 if i == 3 else labels[i]
        rest[true] = 0
        rest[true] = 1 - rest.sum()
        p[i] = rest
    return labels, p.round(4)


SETS = {
    "balanced": made([25] * 5, 5, 0.2, 2.5, 0),
    # Column 4 is never the likeliest, and column 7 has no label.
    "long_tailed": made([70, 35, 18, 9, 6, 4, 2], 8, 0.15, 2, 1, unseen=(4, 7)),
    # A class of one image, and some whose every image is doubted.
    "few_images": made([3, 2, 2, 4, 1, 3], 6, 0.3, 1.2, 2),
    "all_doubted": all_doubted(),
}


def record(labels, p):
    joint = compute_confident_joint(labels, p)
    return {
        "labels": labels.tolist(),
        "probabilities": p.tolist(),
        "thresholds": get_confident_thresholds(labels, p).tolist(),
        "confident_joint": joint.tolist(),
        "self_confidence": get_label_quality_scores(
            labels, p, method="self_confidence"
        ).tolist(),
        "normalized_margin": get_label_quality_scores(
            labels, p, method="normalized_margin"
        ).tolist(),
        "found": {
            method: np.flatnonzero(
                find_label_issues(labels, p, filter_by=method, n_jobs=1)
            ).tolist()
            for method in METHODS
        },
        "ranked": {
            score: find_label_issues(
                labels, p, n_jobs=1, return_indices_ranked_by=score
            ).tolist()
            for score in ("self_confidence", "normalized_margin")
        },
    }


def main():
    found = {
        "versions": {
            "cleanlab": cleanlab.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "sets": {name: record(*made) for name, made in SETS.items()},
    }
    path = pathlib.Path(__file__).with_name("cleanlab.json")
    text = json.dumps(found, separators=(",", ":"))
    path.write_text(text.replace(',"', ',\n"') + "\n")


if __name__ == "__main__":
    main()
