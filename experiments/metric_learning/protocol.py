"""What the two comparisons share: sets, trainings, rows that stay."""

import json
import pathlib
import time

import numpy as np

from experiments import features as stored
from experiments.results import results_folder
from fgkeras.config import Config
from fgkeras.config.methods import method_named
from fgkeras.runs.embedding.feature_training import train_on_features
from fgkeras.runs.embedding.metrics import embedding_metrics

RATES = (3e-4, 1e-3, 3e-3, 1e-2)
BATCH, STEPS = 128, 1000
FIRST_DEFAULTS = {"method.start": "random", "method.dim": 64}


def add_arguments(parser):
    """Adds what both scripts take."""
    stored.add_arguments(parser)
    parser.add_argument("--body", default="imagenet")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--methods", nargs="*", help="some of them only")
    parser.add_argument(
        "--out",
        default=str(results_folder(__file__)),
        help="folder of the rows",
    )


def both_splits(cache, name, body):
    """Returns features, labels and class names of all images of a set."""
    parts = [stored.load(cache, name, s, body) for s in ("train", "test")]
    return (
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.labels for part in parts]),
        parts[0].class_names,
    )


def renumbered(labels):
    """Returns labels from 0 without gaps."""
    return np.unique(labels, return_inverse=True)[1]


def run_config(method, rate, seed, num_images, steps, options=""):
    """Returns the config of one training: the same steps for every method."""
    listed = method_named(method).kind in ("listed", "joint")
    rounds = max(steps // 10, 1)
    per_epoch = -(-num_images // BATCH)
    drawn = {"data.batch_size": BATCH}
    if listed:
        drawn = {
            "method.triplets": BATCH // 3,
            "method.resample_steps": rounds,
        }
    return Config.read(
        changes={
            "method.name": method,
            "method.options": options,
            # As all rows that are recorded; `no_training.py` has the other.
            **({} if method == "softmax" else FIRST_DEFAULTS),
            "train.mode": "frozen",
            "train.learning_rate": rate,
            "train.epochs": 10 if listed else max(round(steps / per_epoch), 1),
            "train.save_seconds": 1e9,
            **drawn,
            "seed": seed,
        }
    )


def trained_embedding(features, labels, method, rate, seed, args, options=""):
    """Trains once; returns `Trained` and the seconds it took."""
    config = run_config(method, rate, seed, len(labels), args.steps, options)
    started = time.monotonic()
    trained = train_on_features(features, renumbered(labels), config)
    return trained, time.monotonic() - started


def scores(embeddings, labels, ks=(1, 2, 4, 8)):
    """Returns Recall@K, MAP@R, NMI and F1 as a flat dict, in percent."""
    found = embedding_metrics(embeddings, labels, ks=ks, num_bootstrap=0)
    out = {
        f"R@{k}": 100 * v["value"]
        for k, v in found["retrieval"]["recall_at"].items()
    }
    out["MAP@R"] = 100 * found["retrieval"]["map_at_r"]["value"]
    out["NMI"] = 100 * found["clustering"]["nmi"]
    out["F1"] = 100 * found["clustering"]["f1"]
    return out


class Rows:
    """Lines of a file, each with a name; a name that is there is not redone.

    Rows of another `--steps` or `--body` stay in the file and are not used.
    """

    def __init__(self, path, args):
        self.path, self.found = pathlib.Path(path), {}
        self.kind = {"steps": args.steps, "body": args.body}
        if self.path.exists():
            for line in self.path.read_text("utf-8").splitlines():
                if line.endswith("}"):
                    row = json.loads(line)
                    if self.kind.items() <= row.items():
                        self.found[row["name"]] = row
        self.path.parent.mkdir(parents=True, exist_ok=True)

    def get(self, name, make):
        """Returns the row of a name; `make` gives it if it is not there."""
        if name not in self.found:
            row = {"name": name, **self.kind, **make()}
            self.found[name] = row
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            numbers = {
                k: float(f"{v:.4g}")
                for k, v in row.items()
                if isinstance(v, float)
            }
            print(f"{name}: {numbers}", flush=True)
        return self.found[name]


def table(rows, columns):
    """Returns a Markdown table of mean +- half a 95 % interval over seeds."""
    from scipy import stats

    lines = [
        "| " + " | ".join(["method", *columns, "seconds a run"]) + " |",
        "|" + " --- |" * (len(columns) + 2),
    ]
    for title, found in rows.items():
        cells = [title]
        for column in [*columns, "seconds"]:
            values = np.array([row[column] for row in found])
            text = f"{values.mean():.1f}"
            if len(values) > 1 and column != "seconds":
                error = values.std(ddof=1) / np.sqrt(len(values))
                half = stats.t.ppf(0.975, len(values) - 1) * error
                text += f" ± {half:.1f}"
            cells.append(text)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
