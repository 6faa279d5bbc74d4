"""What training an embedding adds to doing nothing, and which defaults do.

Command: python -m experiments.metric_learning.no_training --cache FEATURES
    (features made by `python -m experiments.features --bodies imagenet`, of
    cub100, cars196, grocery and omniglot)
Resumable: rows are appended to `no_training.jsonl`; the tables go to
    `no_training.md`.

Half of a set's classes are trained on, the other half is tested on; of omniglot
the background and the evaluation alphabets. Frozen ImageNet features.

1. Which defaults: on the training classes alone (240 at most), of which every
   other one is held back, all of `CHOICES`, one seed.
2. What they give: the default command (`fgkeras train --mode frozen --method
   NAME`), 3 seeds, beside the raw features and as many of their principal
   components as the embedding has numbers, on the test classes.
3. `--only tuned`: one method, fine-tuned at 128 pixels for 3 epochs, one seed,
   the first half of the classes against the second (of omniglot as above).
"""

import argparse
import itertools
import pathlib
import tempfile
import time

import numpy as np

from experiments import features as stored
from experiments.metric_learning import protocol
from fgkeras.config import Config
from fgkeras.data import open as open_source
from fgkeras.jobs import train
from fgkeras.runs.embedding.feature_training import train_on_features
from fgkeras.runs.embedding.metrics import embedding_ranks
from fgkeras.runs.embedding.untrained import Untrained
from fgkeras.runs.embedding.untrained import untrained_report
from fgkeras.training.reporter import SILENT

SETS = ("cub100", "cars196", "grocery", "omniglot")
METHODS = (
    "multi-similarity",
    "proxy-anchor",
    "margin",
    "triplet-semi-hard",
    "n-pair",
)
TUNED = "multi-similarity"
# Start, numbers, rate and epochs: what it was before, and a grid.
CHOICES = (
    ("random", 64, 1e-3, 60),
    ("random", 512, 1e-3, 60),
    *itertools.product(("pca",), (64, 128, 512), (1e-4, 1e-3), (10, 60)),
)
# Of omniglot's 964 background characters; the other sets have fewer.
CHOSEN_ON = 240


def halves(name, cache, body):
    """Returns features and labels trained on, and those tested on."""
    if name == "omniglot":
        parts = [
            stored.load(cache, name, split, body) for split in ("train", "test")
        ]
        return tuple((part.features, part.labels) for part in parts)
    features, labels, _ = protocol.both_splits(cache, name, body)
    # Every other class: neighbours in the alphabet are often relatives.
    first = labels % 2 == 0
    return (features[first], labels[first]), (features[~first], labels[~first])


def trained(features, labels, seed, **options):
    """Trains by the defaults but for `options`."""
    changes = {
        "train.mode": "frozen",
        "train.save_seconds": 1e9,
        "seed": seed,
        **{name.replace("__", "."): value for name, value in options.items()},
    }
    config = Config.read(changes=changes)
    numbers = np.unique(labels, return_inverse=True)[1]
    return train_on_features(features, numbers, config), config.resolved()


class Beside:
    """Scores of embeddings of test classes beside what was there before."""

    def __init__(self, features, labels, tested, test_labels, seed=0):
        self.features, self.tested = features, tested
        self.labels, self.seed = test_labels, seed
        self.ranks = {}

    def of(self, embeddings, dim, num_bootstrap):
        """Returns a flat dict, in percent."""
        if dim not in self.ranks:
            start = Untrained.measured(self.features, dim, _NoBody(), self.seed)
            self.ranks[dim] = start.ranks(self.tested, self.labels, SILENT)
        ranks = embedding_ranks(embeddings, self.labels)
        found = untrained_report(
            self.ranks[dim], ranks, num_bootstrap=num_bootstrap, seed=0
        )
        out = {"R@1": 100 * float(np.mean(ranks.first_rank == 1))}
        for name, row in found.items():
            out[name] = 100 * row["recall_at"]["1"]["value"]
            gain = row["gain"]["recall_at_1"]
            for key in ("value", "low", "high"):
                if gain[key] is not None:
                    out[f"over {name} {key}"] = 100 * gain[key]
        return out


class _NoBody:
    """Stands for the model of features that were made before."""

    def get_weights(self):
        return []


def choose(rows, args):
    """Rows of step 1: every choice on training classes alone."""
    for name, method in itertools.product(args.sets, args.methods or METHODS):
        (x, y), _ = halves(name, args.cache, args.body)
        numbers = np.unique(y, return_inverse=True)[1]
        x, y = x[numbers < CHOSEN_ON], y[numbers < CHOSEN_ON]
        held = numbers[numbers < CHOSEN_ON] % 2 == 1
        beside = Beside(x[~held], y[~held], x[held], y[held])
        for start, dim, rate, epochs in CHOICES:

            def make(start=start, dim=dim, rate=rate, epochs=epochs):
                began = time.monotonic()
                model, _ = trained(
                    x[~held],  # noqa: B023
                    y[~held],  # noqa: B023
                    0,
                    method__name=method,  # noqa: B023
                    method__start=start,
                    method__dim=dim,
                    train__learning_rate=rate,
                    train__epochs=epochs,
                )
                found = beside.of(model.embed(x[held]), dim, 0)  # noqa: B023
                return {**found, "seconds": time.monotonic() - began}

            rows.get(
                f"{name} {method} {start} {dim} {rate} {epochs} chosen", make
            )


def test(rows, args):
    """Rows of step 2: the defaults, on the test classes."""
    for name in args.sets:
        (x, y), (tx, ty) = halves(name, args.cache, args.body)
        beside = Beside(x, y, tx, ty)
        for method, seed in itertools.product(
            args.methods or METHODS, range(args.seeds)
        ):

            def make(method=method, seed=seed):
                began = time.monotonic()
                model, config = trained(x, y, seed, method__name=method)  # noqa: B023
                dim = config.method.dim
                found = beside.of(model.embed(tx), dim, 1000)  # noqa: B023
                return {
                    **found,
                    "dim": dim,
                    "rate": config.train.learning_rate,
                    "epochs": config.train.epochs,
                    "start": config.method.start,
                    "seconds": time.monotonic() - began,
                }

            rows.get(f"{name} {method} seed {seed}", make)


def tuned(rows, args):
    """Rows of step 3: the whole network, beside its own features."""
    for name in args.sets:
        source = f"zip:{args.data}/{name}/{name}.zip"
        if name == "omniglot":
            parts = {"data.train_split": "train", "data.test_split": "test"}
        else:
            half = open_source(source).num_classes // 2
            parts = {
                "data.train_split": "*",
                "data.test_split": "*",
                "data.classes": f"0:{half}",
                "data.test_classes": f"{half}:{2 * half}",
            }
        changes = {
            "data.source": source,
            **parts,
            "data.size": 128,
            "model.backbone": "mobilenet_v2",
            "model.weights": f"{args.data}/weights/mobilenet_v2_"
            f"{args.body}.weights.h5",
            "method.name": TUNED,
            "train.epochs": 3,
        }

        def make(changes=changes):
            with tempfile.TemporaryDirectory() as folder:
                found = train(
                    Config.read(changes=changes), folder, restart=True
                ).metrics
            before = found["untrained"]
            out = {"R@1": 100 * found["retrieval"]["recall_at"]["1"]["value"]}
            for kind in ("features", "components"):
                row = before[kind]
                out[kind] = 100 * row["recall_at"]["1"]["value"]
                gain = row["gain"]["recall_at_1"]
                for key in ("value", "low", "high"):
                    out[f"over {kind} {key}"] = 100 * gain[key]
            return {**out, "seconds": found["seconds"]}

        rows.get(f"{name} {TUNED} tuned", make)


def write_tables(rows, args):
    """Writes means over the seeds, and what each choice gave."""
    lines = [
        "| set | method | Recall@1 | raw | PCA | over raw | over PCA |",
        "|" + " --- |" * 7,
    ]
    for name, method in itertools.product(
        args.sets, (*(args.methods or METHODS), f"{TUNED} tuned")
    ):
        keys = [f"{name} {method} seed {seed}" for seed in range(args.seeds)]
        keys.append(f"{name} {method}")
        found = [rows.found[key] for key in keys if key in rows.found]
        if not found:
            continue
        cells = [name, method]
        cells += [
            f"{np.mean([r[k] for r in found]):.1f}"
            for k in ("R@1", "features", "components")
        ]
        for kind in ("features", "components"):
            value, low, high = (
                np.mean([r[f"over {kind} {key}"] for r in found])
                for key in ("value", "low", "high")
            )
            cells.append(f"{value:+.1f} ({low:+.1f} to {high:+.1f})")
        lines.append("| " + " | ".join(cells) + " |")
    lines += [
        "",
        "| start | numbers | rate | epochs | over raw features | not below |",
        "|" + " --- |" * 6,
    ]
    for choice in CHOICES:
        ending = " ".join(map(str, choice)) + " chosen"
        gains = [
            row["R@1"] - row["features"]
            for key, row in rows.found.items()
            if key.endswith(" " + ending)
        ]
        if gains:
            cells = [*map(str, choice), f"{np.mean(gains):+.2f}"]
            cells.append(f"{np.sum(np.array(gains) >= 0)} of {len(gains)}")
            lines.append("| " + " | ".join(cells) + " |")
    path = pathlib.Path(args.out) / "no_training.md"
    path.write_text("\n".join(lines) + "\n", "utf-8")


def main():
    """Runs what is not there yet, and writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    protocol.add_arguments(parser)
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument(
        "--only", choices=("choose", "test", "tuned"), help="one of the steps"
    )
    args = parser.parse_args()
    rows = protocol.Rows(f"{args.out}/no_training.jsonl", args)
    for step, work in (("choose", choose), ("test", test), ("tuned", tuned)):
        if args.only in (None, step):
            work(rows, args)
            write_tables(rows, args)


if __name__ == "__main__":
    main()
