"""Two detectors of wrong labels, and both together, at equal budgets.

Command: python -m experiments.suspects.detectors --cache FEATURES
    (features: python -m experiments.features --bodies imagenet)
Time: 15 to 60 s a cell on one CPU core with other programs running.
Resumable: a line of `detectors.jsonl` for each cell; tables in `detectors.md`.

Of all labels of a set (train and test as one) 5 % are flipped, to a random
other class or to that of the nearest mean. Found: the share of them among as
many first places of each list. "Features" is `label_doubts`; "out-of-fold" the
margin of log-probabilities of a logistic regression in 5 folds; "larger" and
"mean" join the scores of both; `--detector both` takes the mean.
"Self-confidence" and "margin" are the scores by which confident learning ranks,
on the same probabilities. The share of the seeds' planted ones together, and
Wilson's interval of it.
"""

import argparse
import time

import numpy as np

from experiments import features as stored
from experiments.results import keep_row
from experiments.results import kept_rows
from experiments.results import result_path
from experiments.suspects.planted import FLIPS
from experiments.suspects.planted import SPLITS
from experiments.suspects.planted import nearest_classes
from experiments.suspects.planted import other
from experiments.suspects.planted import recall
from fgkeras.evaluation import wilson_interval
from fgkeras.storage import whole_file
from fgkeras.suspects import confident_label_errors
from fgkeras.suspects import label_doubts
from fgkeras.suspects import normalized_margin
from fgkeras.suspects import out_of_fold_doubts
from fgkeras.suspects import out_of_fold_probabilities
from fgkeras.suspects import self_confidence

SETS, SHARE = ("cub100", "cars196", "grocery"), 0.05
KINDS = (*FLIPS, "nothing")
METHODS = ("prune_by_noise_rate", "prune_by_class", "both",
           "confident_learning")  # fmt: skip


def plant(features, labels, flip, seed):
    """Returns labels with errors in them, and their places."""
    rng = np.random.default_rng([seed, KINDS.index(flip)])
    count = round(SHARE * len(labels)) if flip != "nothing" else 0
    flipped = rng.permutation(len(labels))[:count]
    wrong = labels.copy()
    if flip == "nearest":
        wrong[flipped] = nearest_classes(features, labels)[labels[flipped]]
    elif flip == "random":
        wrong[flipped] = other(labels[flipped], labels.max() + 1, rng)
    return wrong, flipped


def measure(features, labels, flip, seed):
    """Plants, and returns how many each detector finds."""
    wrong, flipped = plant(features, labels, flip, seed)
    begun = time.time()
    plain = label_doubts(features, wrong).scores
    half = time.time()
    told = out_of_fold_probabilities(features, wrong, seed=seed)
    folds = out_of_fold_doubts(features, wrong, told).scores
    done = time.time()
    # Every class of these sets has images enough: nothing is NaN.
    scores = {
        "features": plain,
        "out-of-fold": folds,
        "larger": np.maximum(plain, folds),
        "mean": (plain + folds) / 2,
        "self-confidence": -self_confidence(wrong, told),
        "margin": -normalized_margin(wrong, told),
    }
    wanted = {*flipped.tolist()}
    counted = {
        method: confident_label_errors(wrong, told, method=method)
        for method in METHODS
    }
    return {
        "images": len(labels),
        "planted": len(flipped),
        "right": float((told.argmax(axis=1) == labels).mean()),
        "seconds": [round(half - begun, 1), round(done - half, 1)],
        "found": {
            name: recall(np.argsort(-values, kind="stable").tolist(), wanted)
            for name, values in scores.items()
        },
        "from 1 on": {
            name: [
                int((scores[name] >= 1).sum()),
                int((scores[name][flipped] >= 1).sum()),
            ]
            for name in ("features", "out-of-fold", "larger", "mean")
        },
        "counted": {
            method: [int(mask.sum()), int(mask[flipped].sum())]
            for method, mask in counted.items()
        },
    }


def tables(cells):
    """Returns the tables as Markdown."""
    (first, *_) = next(iter(cells.values()))
    names = list(first["found"])
    lines = [
        "| set | labels flipped to | " + " | ".join(names) + " |",
        "| --- " * (len(names) + 2) + "|",
    ]
    for (name, flip), group in cells.items():
        planted = sum(cell["planted"] for cell in group)
        if not planted:
            continue
        texts = [name, f"{flip} class"]
        for key in names:
            hits = sum(cell["found"][key] for cell in group)
            low, high = wilson_interval([hits], [planted])
            texts.append(
                f"{100 * hits / planted:.1f} ({100 * low[0]:.1f} to "
                f"{100 * high[0]:.1f})"
            )
        lines.append("| " + " | ".join(texts) + " |")
    heads = [f"from 1 on: {n}" for n in first["from 1 on"]]
    heads += [f"counted: {m}" for m in METHODS]
    lines += [
        "",
        "| set | labels flipped to | planted | told right, % | "
        + " | ".join(heads)
        + " |",
        "| --- " * (len(heads) + 4) + "|",
    ]
    for (name, flip), group in cells.items():
        texts = [
            name,
            f"{flip} class" if group[0]["planted"] else flip,
            f"{group[0]['planted']}",
            f"{100 * np.mean([c['right'] for c in group]):.0f}",
        ]
        for part in ("from 1 on", "counted"):
            for key in group[0][part]:
                pair = np.mean([c[part][key] for c in group], axis=0)
                texts.append(f"{pair[0]:.0f}, {pair[1]:.0f} planted")
        lines.append("| " + " | ".join(texts) + " |")
    return "\n".join(lines) + "\n"


def main():
    """Measures what is missing, and writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    stored.add_arguments(parser)
    parser.add_argument("--body", default="imagenet")
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    path = result_path(__file__, ".jsonl")
    rows, cells = kept_rows(path), {}
    for name in args.sets:
        parts = [stored.load(args.cache, name, s, args.body) for s in SPLITS]
        features = np.concatenate([part.features for part in parts])
        labels = np.concatenate([part.labels for part in parts])
        for flip in KINDS:
            for seed in range(args.seeds if flip != "nothing" else 1):
                key = f"{name} {flip} {seed}"
                if key not in rows:
                    rows[key] = {
                        "name": key,
                        **measure(features, labels, flip, seed),
                    }
                    keep_row(path, rows[key])
                    print(rows[key], flush=True)
                cells.setdefault((name, flip), []).append(rows[key])
    text = tables(cells)
    with whole_file(result_path(__file__, ".md")) as file:
        file.write(text.encode("utf-8"))
    print(text)


if __name__ == "__main__":
    main()
