"""Similarity between all sets, and whether the nearer source transfers better.

Command: python -m experiments.transfer.similarity --cache FEATURES
Time: a few minutes on 2 CPU cores.
Result: `similarity.json` beside this file.

1. Domain similarity (earth mover's distance of class means, gamma 0.01) of
   the training splits of all sets, in the ImageNet features.
2. Transfer: a linear embedding (discriminant analysis on unit-length ImageNet
   features, within-class scatter shrunk by a tenth towards its mean variance,
   64 dimensions) is learnt on the training split of a source set and used on
   the test split of a target set, whose classes it has never seen: Recall@1
   by cosine. Rank correlation of similarity and Recall@1 over the five sources
   of each target (the claim of figure 4.6 of the thesis, in small).
3. The same for the three pre-trainings in the place of the sources is table
   4.7's shape: see `experiments/audit/pre_training.json`.
"""

import argparse
import json

import numpy as np
import scipy.linalg
import scipy.stats

from experiments import features
from experiments.results import result_path
from fgkeras.transfer import make_domain
from fgkeras.transfer import similarity_matrix

DIMS, SHRINKAGE, MAX_TEST = 64, 0.1, 4000


def unit(x):
    """Returns rows of length 1."""
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def embedding(x, y):
    """Returns the matrix of a shrunk discriminant analysis."""
    x = unit(x).astype("float64")
    counts = np.bincount(y)
    present = counts > 0
    sums = np.zeros((len(counts), x.shape[1]))
    np.add.at(sums, y, x)
    means = sums / np.maximum(counts, 1)[:, None]
    inside = x - means[y]
    within = inside.T @ inside / len(x)
    scale = np.trace(within) / len(within)
    within = (1 - SHRINKAGE) * within + SHRINKAGE * scale * np.eye(len(within))
    apart = means[present] - x.mean(axis=0)
    between = (apart * counts[present, None]).T @ apart / len(x)
    size = len(within)
    _, vectors = scipy.linalg.eigh(
        between, within, subset_by_index=[size - DIMS, size - 1]
    )
    return vectors


def recall_at_1(x, y):
    """Share of images whose nearest other image has their label."""
    x = unit(x).astype("float32")
    alike = x @ x.T
    np.fill_diagonal(alike, -2)
    return float((y[alike.argmax(axis=1)] == y).mean())


def main():
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    parser.add_argument("--sets", nargs="+", default=features.SETS)
    args = parser.parse_args()
    sets, domains, maps, tests = args.sets, {}, {}, {}
    for name in sets:
        train = features.load(args.cache, name, "train", "imagenet")
        domains[name] = make_domain(train.features, train.labels)
        maps[name] = embedding(train.features, train.labels)
        test = features.load(args.cache, name, "test", "imagenet")
        per_class = max(MAX_TEST // len(np.unique(test.labels)), 2)
        kept = features.per_class_subset(test.labels, per_class)
        tests[name] = test.features[kept], test.labels[kept]
    matrix = similarity_matrix(domains)
    recall = {
        target: {
            "none": recall_at_1(*tests[target]),
            **{
                source: recall_at_1(
                    unit(tests[target][0]) @ maps[source], tests[target][1]
                )
                for source in sets
            },
        }
        for target in sets
    }
    correlation = {}
    for j, target in enumerate(sets):
        others = [i for i in range(len(sets)) if i != j]
        correlation[target] = float(
            scipy.stats.spearmanr(
                [matrix.similarities[i, j] for i in others],
                [recall[target][sets[i]] for i in others],
            ).statistic
        )
    result = {
        "sets": sets,
        "distances": matrix.distances.round(3).tolist(),
        "similarities": matrix.similarities.round(4).tolist(),
        "recall at 1": recall,
        "rank correlation": correlation,
    }
    path = result_path(__file__)
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print("similarity (rows: sources, columns: targets)", *sets)
    for name, row in zip(sets, matrix.similarities, strict=True):
        print(f"{name:9s}", *(f"{v:.3f}" for v in row))
    for target in sets:
        numbers = "  ".join(
            f"{k} {100 * v:.1f}" for k, v in recall[target].items()
        )
        print(f"{target:9s} {numbers}  rho {correlation[target]:.2f}")


if __name__ == "__main__":
    main()
