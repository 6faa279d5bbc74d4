"""Wrong labels where classes are small, or large and small.

Command: python -m experiments.suspects.few_images --cache FEATURES
    (features: python -m experiments.features)
Time: 2 minutes on 2 CPU cores with other programs running.
Resumable: a line of `few_images.jsonl` for each cell; table in `few_images.md`.

Of each class of cub100 (train and test as one) so many images are drawn: 5, 10,
20, or from 60 down to 6 (an exponential tail). Of all labels 4 % are flipped,
to a random other class or to that of the nearest mean. Recall at the number
planted of each judge and of their sum, `label_doubts`; 4 draws. "Unweighted":
the sum with a linear judge in which every image weighs the same.
"""

import argparse

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
from fgkeras.suspects import label_doubts
from fgkeras.suspects import leave_one_out_margins
from fgkeras.suspects import neighbor_margins
from fgkeras.suspects.checked import standard_units

SHARE, SIZES, TAIL = 0.04, ("5", "10", "20", "60 to 6"), (60, 6)


def cut(labels, size, rng):
    """Returns positions of the images that are kept of each class."""
    classes = labels.max() + 1
    if size.isdigit():
        counts = np.full(classes, int(size))
    else:
        counts = np.geomspace(*TAIL, classes).round().astype(int)
    parts = [
        rng.permutation(np.flatnonzero(labels == c))[: counts[c]]
        for c in range(classes)
    ]
    return np.concatenate(parts)


def unweighted_margins(features, labels, penalty=1.0):
    """Returns the linear judge's margins, fitted to images of one weight."""
    x = features / np.linalg.norm(features, axis=1, keepdims=True)
    x = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    wanted = np.eye(labels.max() + 1)[labels]
    inverse = np.linalg.inv(x.T @ x + penalty * np.eye(x.shape[1]))
    held = np.einsum("ij,ij->i", x @ inverse, x)[:, None]
    scores = (x @ (inverse @ (x.T @ wanted)) - held * wanted) / (1 - held)
    at = np.arange(len(x)), labels
    own = scores[at].copy()
    scores[at] = -np.inf
    return scores.max(axis=1) - own


def measure(features, labels, flip, rng):
    """Plants, and returns how many each judge finds."""
    count = round(SHARE * len(labels))
    flipped = rng.permutation(len(labels))[:count]
    wrong = labels.copy()
    if flip == "nearest":
        wrong[flipped] = nearest_classes(features, labels)[labels[flipped]]
    else:
        wrong[flipped] = other(labels[flipped], labels.max() + 1, rng)
    near = neighbor_margins(features, wrong)[0]
    plain = unweighted_margins(features, wrong)
    scores = {
        "sum": label_doubts(features, wrong).scores,
        "neighbours alone": near,
        "linear alone": leave_one_out_margins(features, wrong),
        "sum, unweighted": standard_units(near) + 2 * standard_units(plain),
    }
    wanted = {*flipped.tolist()}
    return {
        "planted": count,
        "found": {
            name: recall(
                np.argsort(-np.nan_to_num(values, nan=-99)).tolist(), wanted
            )
            for name, values in scores.items()
        },
    }


def table(cells):
    """Returns the table as Markdown."""
    names = list(next(iter(cells.values()))[0]["found"])
    lines = [
        "| images a class | labels flipped to | " + " | ".join(names) + " |",
        "| --- " * (len(names) + 2) + "|",
    ]
    for (size, flip), group in cells.items():
        planted = sum(cell["planted"] for cell in group)
        texts = [size, f"{flip} class"]
        for name in names:
            hits = sum(cell["found"][name] for cell in group)
            low, high = wilson_interval([hits], [planted])
            texts.append(
                f"{100 * hits / planted:.1f} ({100 * low[0]:.1f} to "
                f"{100 * high[0]:.1f})"
            )
        lines.append("| " + " | ".join(texts) + " |")
    return "\n".join(lines) + "\n"


def main():
    """Measures what is missing, and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    stored.add_arguments(parser)
    parser.add_argument("--body", default="imagenet")
    parser.add_argument("--sizes", nargs="+", default=SIZES)
    parser.add_argument("--draws", type=int, default=4)
    args = parser.parse_args()
    path = result_path(__file__, ".jsonl")
    rows, cells = kept_rows(path), {}
    parts = [stored.load(args.cache, "cub100", s, args.body) for s in SPLITS]
    features = np.concatenate([part.features for part in parts])
    labels = np.concatenate([part.labels for part in parts])
    for size in args.sizes:
        for flip in FLIPS:
            for draw in range(args.draws):
                name = f"{size} {flip} {draw}"
                if name not in rows:
                    rng = np.random.default_rng([draw, len(flip)])
                    kept = cut(labels, size, rng)
                    rows[name] = {
                        "name": name,
                        **measure(features[kept], labels[kept], flip, rng),
                    }
                    keep_row(path, rows[name])
                    print(rows[name], flush=True)
                cells.setdefault((size, flip), []).append(rows[name])
    text = table(cells)
    with whole_file(result_path(__file__, ".md")) as file:
        file.write(text.encode("utf-8"))
    print(text)


if __name__ == "__main__":
    main()
