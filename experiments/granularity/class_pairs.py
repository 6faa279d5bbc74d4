"""Granularity of two classes against the error of a linear classifier.

Command: python -m experiments.granularity.class_pairs
Time: see README.md. Needs the features of `experiments.features`.

Gaussians: two classes in the plane that part (those of Figure 6.4, at 13
distances); the training error of logistic regression falls as granularity does.
A check of our own, not Figure 6.7 of the thesis. Pairs (after Figure 6.8):
pairs of CIFAR-100 classes, 500 training images each. With 1,280 features the
1,000 images of a pair can be separated without error, so both the error and the
granularity are taken on the first 16 principal components of the ImageNet
features. Expected: Pearson's r near 1 for the Gaussians, clearly positive for
the pairs.
"""

import argparse
import itertools

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from experiments import features
from experiments.granularity import charts
from fgkeras import granularity

INDICES = ("rankm", "rsm", "rank", "rs")


def training_error(values, labels):
    """Returns the training error of logistic regression (C = 1)."""
    fitted = LogisticRegression(max_iter=300).fit(values, labels)
    return float(np.mean(fitted.predict(values) != labels))


def gaussians(repeats=5):
    """Returns rows of error and indices for two Gaussians that part."""
    rng = np.random.default_rng(0)
    rows = []
    for separation in np.linspace(0, 6, 13):
        for _ in range(repeats):
            x, y = granularity.two_gaussians(separation, 500, seed=rng)
            row = {"separation": float(separation)}
            row["error"] = training_error(x, y)
            for index in INDICES:
                measured = getattr(granularity, index)(x, y, metric="euclidean")
                row[index] = measured.value
            rows.append(row)
    return rows


def cifar_pairs(cache, num_pairs, components, seed=0):
    """Returns rows of error and indices for random pairs of classes."""
    found = features.load(cache, "cifar100", "train", "imagenet")
    values = found.features / np.linalg.norm(
        found.features, axis=1, keepdims=True
    )
    values = PCA(components, random_state=0).fit_transform(values) * 10
    pairs = list(itertools.combinations(range(100), 2))
    chosen = np.random.default_rng(seed).permutation(len(pairs))[:num_pairs]
    rows = []
    for i in chosen:
        part = np.flatnonzero(np.isin(found.labels, pairs[i]))
        x, y = values[part], found.labels[part]
        row = {"classes": [found.class_names[c].item() for c in pairs[i]]}
        row["error"] = training_error(x, y)
        for index in INDICES:
            measured = getattr(granularity, index)(x, y, metric="euclidean")
            row[index] = measured.value
        rows.append(row)
        if len(rows) % 100 == 0:
            print(f"{len(rows)} of {num_pairs} pairs", flush=True)
    return rows


def draw(axis, rows, title):
    """Draws error over each index."""
    for index, color in zip(
        INDICES, ("#1f6f8b", "#c8553d", "#6a994e", "#8d6a9f"), strict=True
    ):
        axis.plot(
            [row[index] for row in rows], [row["error"] for row in rows],
            ".", markersize=3, alpha=0.5, color=color, label=index,
        )  # fmt: skip
    axis.set_xlabel("granularity")
    axis.set_ylabel("training error")
    axis.set_title(title)
    axis.legend(markerscale=2)


def main():
    """Measures, correlates and draws."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--components", type=int, default=16)
    args = parser.parse_args()
    groups = {
        "gaussians": gaussians(),
        "cifar100 pairs": cifar_pairs(args.cache, args.pairs, args.components),
    }
    figure, axes = charts.new_figure(2)
    result = {"components": args.components}
    for axis, (name, rows) in zip(axes, groups.items(), strict=True):
        error = [row["error"] for row in rows]
        result[name] = {
            "pearson": {
                index: charts.pearson([row[index] for row in rows], error)
                for index in INDICES
            },
            "error": [round(min(error), 4), round(max(error), 4)],
        }
        if "classes" in rows[0]:
            ranked = sorted(rows, key=lambda row: -row["rankm"])
            result[name]["finest"] = [
                {k: v if k == "classes" else round(v, 4) for k, v in r.items()}
                for r in ranked[:5]
            ]
        draw(axis, rows, name)
        print(name, result[name]["pearson"], flush=True)
    charts.save_figure(figure, "class_pairs")
    charts.save_result("class_pairs", result)


if __name__ == "__main__":
    main()
