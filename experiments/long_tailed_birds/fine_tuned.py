"""Fine-tuned bodies on a long tail: softmax, focal, adjustment, two stages.

Command: python -m experiments.long_tailed_birds.fine_tuned
Time: see README.md.
Resumable: a cell is a run folder; finished ones are rows of `fine_tuned.json`.

MobileNetV2 from ImageNet, every layer trained, by `fgkeras train` with its own
defaults; cub100 is cut as in `frozen.py`, and grocery is as it is. No method
has a setting that was chosen: tau is 1, beta and gamma are the thesis' for
iNaturalist, the second stage of 4.2.2 sees at most as many images of a class as
the median class has. Its rate, 1e-6 in the thesis, has a second row of 1e-4.
"""

import argparse
import json
import pathlib

import numpy as np

from experiments import features
from experiments import heads
from experiments.long_tailed_birds.frozen import table
from experiments.results import result_path
from fgkeras.config import Config
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.train import train

CELLS = (("cub100", 30), ("cub100", 10), ("grocery", 1))
WEIGHTS = "mobilenet_v2_imagenet.weights.h5"
EPOCHS, SIZE = 12, 128
ADJUSTED = "softmax, logits - log prior"
RATES = (1e-6, 1e-4)


def methods(counts, epochs):
    """Returns the options of each method.

    Args:
        counts: Integer array, training images of each class.
        epochs: Int, of the first stage.
    """
    cap = int(np.median(counts))
    return {
        "softmax": {},
        "class-balanced focal": {
            "loss.name": "focal",
            "loss.beta": 0.999,
            "loss.gamma": 0.5,
        },
        "logit-adjusted loss": {"loss.name": "logit-adjusted"},
        **{
            f"two stages, rate {rate:g}": {
                "stages.all.tune": "all",
                "stages.all.train.epochs": epochs,
                "stages.balanced.tune": "all",
                "stages.balanced.data.cut": f"cap:{cap}",
                "stages.balanced.train.epochs": 5,
                "stages.balanced.train.learning_rate": rate,
            }
            for rate in RATES
        },
    }


def config(args, name, factor, changes, seed):
    """Returns the `Config` of one training."""
    values = {
        "data.source": f"zip:{args.data}/{name}/{name}.zip",
        "data.size": SIZE,
        "model.backbone": "mobilenet_v2",
        "model.weights": f"{args.data}/weights/{WEIGHTS}",
        "train.epochs": args.epochs,
        "train.validate_every": args.epochs,
        "seed": seed,
    }
    if factor > 1:
        values["data.cut"] = f"exponential:{factor}"
    if any(key.startswith("stages.") for key in changes):
        values.pop("train.epochs")
    return Config.read(changes=values | changes)


def tested(labels, logits, counts):
    """Returns the mean class accuracy, of all and of thirds, and top-1."""
    each = heads.class_accuracies(labels, logits)
    return {
        "mean": float(each.mean()),
        "thirds": [float(each[m].mean()) for m in heads.thirds(counts)],
        "top1": float(np.mean(logits.argmax(axis=1) == labels)),
    }


def measure(args, name, factor, seed, found, note):
    """Trains what is missing of one cell and seed."""
    key = f"{name}/{factor}/{seed}"
    rows = found.setdefault(key, {})
    plain = config(args, name, factor, {}, seed)
    folder = pathlib.Path(args.runs) / key / "softmax"
    if "softmax" not in rows:
        train(plain, folder)
    counts = np.asarray(
        RunFolder(folder).read_json("classes.json")["train_counts"]
    )
    for method, changes in methods(counts, args.epochs).items():
        if method in rows and (method != "softmax" or ADJUSTED in rows):
            continue
        out = folder.parent / method.replace(" ", "_")
        train(config(args, name, factor, changes, seed), out)
        with np.load(out / "predictions.npz") as file:
            labels, logits = file["labels"], file["logits"]
        rows[method] = tested(labels, logits, counts)
        if method == "softmax":
            prior = np.log(counts / counts.sum())
            rows[ADJUSTED] = tested(labels, logits - prior, counts)
        note()
        print(f"{key} {method}: {rows[method]}", flush=True)


def main():
    """Measures what is missing and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="../shared/data", help="image sets")
    parser.add_argument(
        "--runs",
        default=str(pathlib.Path(features.CACHE) / "long_tailed_birds"),
        help="run folders",
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument(
        "--cells", nargs="+", default=[f"{n}/{f}" for n, f in CELLS]
    )
    args = parser.parse_args()
    path = result_path(__file__)
    found = json.loads(path.read_text()) if path.exists() else {}

    def note():
        path.write_text(json.dumps(found, indent=1) + "\n", "utf-8")

    for seed in range(args.seeds):
        for cell in args.cells:
            name, factor = cell.split("/")
            measure(args, name, int(factor), seed, found, note)
    table(found)


if __name__ == "__main__":
    main()
