"""Unseen classes: every metric loss, HDML and DVML, on three pairs of sets.

Command: python -m experiments.metric_learning.unseen_classes --cache FEATURES
    (features made by `python -m experiments.features`)
Resumable: rows are appended to `unseen_classes.jsonl`; the tables go to
    `unseen_classes.md`.

Birds: the 100 species of cub100 against the 100 of cub100b. Cars: ids 1-98
against 99-196. Characters: omniglot's background against its evaluation
alphabets. Frozen ImageNet features, a linear embedding of 64 numbers, the same
1000 steps of 128 images for every method. Every method tries the same four
learning rates, trained on the first three quarters of the training classes and
judged by MAP@R on the last quarter; the best one is trained on all training
classes with 3 seeds. Test classes are looked at once, at the end.

`hdml-triplet-base` and the like are what HDML and DVML add to: their own metric
loss alone (`bases.py`). PCA: the first 64 principal components of the features
(of length 1) of the training classes, without their labels.

Published orders to compare with (whole networks, other crops): HDML and DVML
above their own triplet and N-pair; N-pair above triplet.
"""

import argparse
import csv
import pathlib

import numpy as np

from experiments import features as stored
from experiments.metric_learning import protocol
from experiments.metric_learning.bases import BASES
from experiments.metric_learning.bases import trained_base
from fgkeras.registries import METHODS

SETS = ("cub", "cars", "omniglot")
DIMS = 64
ROWS = [
    row
    for method in METHODS.names()
    for row in (f"{method}-base", method)
    if row in BASES or row in METHODS
]


def data_of(name, data, cache, body):
    """Returns `(features, labels)` trained on and `(features, labels)` tested.

    Labels are in the order in which classes are cut.
    """
    if name == "cub":
        train = protocol.both_splits(cache, "cub100", body)[:2]
        return train, protocol.both_splits(cache, "cub100b", body)[:2]
    if name == "omniglot":
        parts = [
            stored.load(cache, "omniglot", split, body)
            for split in ("train", "test")
        ]
        return tuple((part.features, part.labels) for part in parts)
    features, labels, names = protocol.both_splits(cache, "cars196", body)
    with open(
        pathlib.Path(data) / "cars196" / "classes.csv", encoding="utf-8"
    ) as file:
        number = {
            row["class"]: int(row["cars196_id"]) for row in csv.DictReader(file)
        }
    # By the set's own numbers, not by the alphabet.
    labels = np.array([number[name] for name in names])[labels]
    first = labels <= 98
    return (features[first], labels[first]), (features[~first], labels[~first])


def principal(features, others, dims=DIMS):
    """Returns principal components of unit vectors, found on other ones."""
    from sklearn.decomposition import PCA

    features, others = (
        x / np.linalg.norm(x, axis=1, keepdims=True) for x in (features, others)
    )
    return PCA(dims, random_state=0).fit(others).transform(features)


def main():
    """Runs what is not there yet, and writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    protocol.add_arguments(parser)
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument(
        "--table", action="store_true", help="of the rows that are there"
    )
    args = parser.parse_args()
    rows = protocol.Rows(f"{args.out}/unseen_classes.jsonl", args)
    columns = ["NMI", "F1", "R@1", "R@2", "R@4", "R@8", "MAP@R"]
    pages = []
    for name in args.sets:
        (x, y), (tx, ty) = data_of(name, args.data, args.cache, args.body)
        y = protocol.renumbered(y)
        inner = y < (3 * (y.max() + 1)) // 4

        def once(method, rate, seed, data, where=(x, y, tx, ty, inner)):
            x, y, tx, ty, inner = where
            if data == "inner":
                where = (x[inner], y[inner], x[~inner], y[~inner])
            else:
                where = (x, y, tx, ty)
            make = protocol.trained_embedding
            if method in BASES:
                make = trained_base
            trained, seconds = make(*where[:2], method, rate, seed, args)
            found = protocol.scores(trained.embed(where[2]), where[3])
            return {**found, "rate": rate, "seconds": seconds}

        raw = rows.get(
            f"{name} features",
            lambda tx=tx, ty=ty: {**protocol.scores(tx, ty), "seconds": 0.0},
        )
        linear = rows.get(
            f"{name} pca-{DIMS}",
            lambda x=x, tx=tx, ty=ty: {
                **protocol.scores(principal(tx, x), ty),
                "seconds": 0.0,
            },
        )
        shown = {
            "features as they are": [raw],
            f"PCA-{DIMS} of the features": [linear],
        }
        for method in args.methods or ROWS:
            last = f"{name} {method} seed {args.seeds - 1}"
            if args.table and last not in rows.found:
                continue
            tried = {
                rate: rows.get(
                    f"{name} {method} tune {rate}",
                    lambda m=method, r=rate: once(m, r, 0, "inner"),
                )["MAP@R"]
                for rate in protocol.RATES
            }
            best = max(tried, key=tried.get)
            shown[method] = [
                rows.get(
                    f"{name} {method} seed {seed}",
                    lambda m=method, r=best, s=seed: once(m, r, s, "all"),
                )
                for seed in range(args.seeds)
            ]
        # The same seed is the same start and the same batches.
        gained = {
            f"{method} minus its base": [
                {**one, **{c: one[c] - other[c] for c in columns}}
                for one, other in zip(shown[method], shown[base], strict=True)
            ]
            for base, method in BASES.items()
            if base in shown and method in shown
        }
        classes = len(np.unique(ty))
        pages.append(
            f"## {name}: {len(ty)} test images of {classes} classes\n\n"
            + protocol.table({**shown, **gained}, columns)
        )
        with open(f"{args.out}/unseen_classes.md", "w", encoding="utf-8") as f:
            f.write("\n".join(pages))
    print("\n".join(pages))


if __name__ == "__main__":
    main()
