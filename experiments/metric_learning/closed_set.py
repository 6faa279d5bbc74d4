"""Closed set: triplet methods against softmax, and the size of the region.

Command: python -m experiments.metric_learning.closed_set --cache FEATURES
    (features made by `python -m experiments.features`)
Resumable: rows are appended to `closed_set.jsonl`; the table goes to
    `closed_set.md`.

100 birds, the set's own split, frozen ImageNet features, a linear embedding of
64 numbers. Every method tries the same four learning rates on a fifth of the
training images held back, then trains on all of them with 3 seeds. Classes are
told by the soft vote of 3 anchors per class: k-means centres after training, or
learned ones (triplet-a, -hn-a); softmax by its own head.

Expected order (thesis, Table 2.2, flowers / birds): softmax 65.1 / 77.2, naive
48.7 / 61.2, hard negatives 64.6 / 77.9, manifold 65.9 / 79.3, anchors
66.8 / 80.7; with Figure 2.8's best region at 60 % of the class. There the whole
network was trained, on other images.
"""

import argparse

import numpy as np

from experiments import features as stored
from experiments.metric_learning import protocol
from fgkeras.models import anchor_classifier
from fgkeras.models import start_anchors

METHODS = (
    "softmax",
    "triplet-naive",
    "triplet-hn",
    "triplet-m",
    "triplet-hn-a",
    "triplet-a",
)
REGIONS = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)


def accuracy(trained, method, train, labels, test, test_labels):
    """Returns the share of test images whose class is told right."""
    if method == "softmax":
        logits = trained.model.predict(test, batch_size=1024, verbose=0)
    elif method in ("triplet-a", "triplet-hn-a"):
        logits = trained.model.predict(test, batch_size=1024, verbose=0)
        logits = logits["logits"]
    else:
        model = anchor_classifier(trained.embedder, int(labels.max()) + 1)
        model = start_anchors(model, trained.embed(train), labels)
        logits = model.predict(test, batch_size=1024, verbose=0)
    return float((logits.argmax(axis=1) == test_labels).mean())


def main():
    """Runs what is not there yet, and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    protocol.add_arguments(parser)
    parser.add_argument("--set", default="cub100")
    args = parser.parse_args()
    train = stored.load(args.cache, args.set, "train", args.body)
    test = stored.load(args.cache, args.set, "test", args.body)
    held = np.random.default_rng(0).random(len(train.labels)) < 0.2
    rows = protocol.Rows(f"{args.out}/closed_set.jsonl", args)

    def once(method, rate, seed, options="", inner=False):
        x, y = train.features, train.labels
        if inner:
            data = (x[~held], y[~held], x[held], y[held])
        else:
            data = (x, y, test.features, test.labels)
        trained, seconds = protocol.trained_embedding(
            *data[:2], method, rate, seed, args, options
        )
        out = {"accuracy": 100 * accuracy(trained, method, *data)}
        if not inner:
            out |= protocol.scores(trained.embed(data[2]), data[3])
        return {**out, "rate": rate, "seconds": seconds}

    def tuned(method):
        found = {
            rate: rows.get(
                f"{args.set} {method} tune {rate}",
                lambda rate=rate: once(method, rate, 0, inner=True),
            )["accuracy"]
            for rate in protocol.RATES
        }
        return max(found, key=found.get)

    shown = {}
    for method in args.methods or METHODS:
        rate = tuned(method)
        shown[method] = [
            rows.get(
                f"{args.set} {method} seed {seed}",
                lambda seed=seed, rate=rate, method=method: once(
                    method, rate, seed
                ),
            )
            for seed in range(args.seeds)
        ]
    if not args.methods or "triplet-m" in args.methods:
        rate = tuned("triplet-m")
        for region in REGIONS:
            shown[f"triplet-m, nearest {region}"] = [
                rows.get(
                    f"{args.set} region {region} seed {seed}",
                    lambda seed=seed, region=region: once(
                        "triplet-m", rate, seed, f"nearest={region}"
                    ),
                )
                for seed in range(args.seeds)
            ]
    text = protocol.table(shown, ["accuracy", "R@1", "MAP@R", "NMI", "F1"])
    with open(f"{args.out}/closed_set.md", "w", encoding="utf-8") as file:
        file.write(text)
    print(text)


if __name__ == "__main__":
    main()
