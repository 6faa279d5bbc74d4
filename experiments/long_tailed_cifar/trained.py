"""Cells of Table 5.2 trained from scratch by `fgkeras train`, in one table.

Command: python -m experiments.long_tailed_cifar.table --budget short
Time: see README.md.
Resumable: a cell is a run folder; finished ones are rows of `trained.json`.

`short` is ResNet-20 for 30 epochs, four losses and two further drops of the
rate on CIFAR-10 at imbalance 100; `full` is ResNet-32 and 200 epochs as in the
paper, on the whole grid.
"""

import csv
import json
import pathlib

import numpy as np

from experiments import tail_grid
from experiments.results import results_folder
from fgkeras.config import Config
from fgkeras.runs.train import train

# Epochs, backbone, epochs of the drops.
SCHEDULES = {
    "short": ("cifar_resnet20", 30, (24, 27)),
    "full": ("cifar_resnet32", 200, (160, 180)),
}
FACTORS = [0.01, 0.0001]
COMPARED = {
    "softmax": {"loss.name": "softmax"},
    "focal 1 0.9999": {
        "loss.name": "focal",
        "loss.beta": 0.9999,
        "loss.gamma": 1,
    },
    "balanced-softmax": {"loss.name": "balanced-softmax"},
    "ldam, deferred weights": {
        "loss.name": "ldam",
        "model.head": "cosine:30",
        "loss.beta": 0.9999,
    },
}
# Images of a class up to which it is of the tail, and of the middle.
GROUPS = [200, 1000]
SLOW_DROP = "rate drops by 0.1"


def settings(budget):
    """Returns the settings by name."""
    if budget == "full":
        return {**tail_grid.grid(), **COMPARED}
    softer = {"train.factors": [0.1, 0.01]}
    return {
        **COMPARED,
        **{
            f"{name}, {SLOW_DROP}": {**COMPARED[name], **softer}
            for name in ("softmax", "focal 1 0.9999")
        },
    }


def cells(budget, args):
    """Returns pairs of set and imbalance."""
    if budget == "short":
        return [("cifar10", 100)]
    return [(s, i) for i in args.imbalances for s in args.sets]


def config(args, budget, name, imbalance, changes, seed):
    """Returns the `Config` of one cell."""
    body, epochs, drops = SCHEDULES[budget]
    epochs = args.epochs or epochs
    drops = [d for d in drops if d < epochs]
    folder = "cifar10" if name == "cifar10" else "cifar100"
    values = {
        "data.source": f"zip:{args.data}/{folder}/{folder}.zip",
        "data.cut": f"exponential:{imbalance}",
        "data.batch_size": 128,
        "data.augmentation": "pad_crop",
        "model.backbone": body,
        "train.optimizer": "sgd",
        "train.learning_rate": 0.1,
        "train.epochs": epochs,
        "train.schedule": "step",
        "train.warmup_epochs": min(5, epochs // 6),
        "train.boundaries": drops,
        "train.factors": FACTORS[: len(drops)],
        "train.weight_decay": 2e-4,
        "evaluation.groups": GROUPS,
        "seed": seed,
    }
    if name == "cifar20":
        values["data.label_column"] = "coarse"
    values |= changes
    values["train.factors"] = values["train.factors"][: len(drops)]
    if values["loss.name"] == "ldam":
        values = deferred(values, drops)
    return Config.read(changes=values)


def deferred(values, drops):
    """Weights the classes from the first drop of the rate on."""
    beta, epochs = values.pop("loss.beta"), values.pop("train.epochs")
    first = drops[0] if drops else epochs - 1
    return values | {
        "stages.first.tune": "all",
        "stages.first.train.epochs": first,
        "stages.second.tune": "all",
        "stages.second.continues": True,
        "stages.second.loss.beta": beta,
        "stages.second.train.epochs": epochs - first,
    }


def measure(args):
    """Trains what is missing and returns all rows."""
    path = results_folder(__file__) / "trained.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    for seed in range(args.seeds):
        for name, imbalance in cells(args.budget, args):
            for setting, changes in settings(args.budget).items():
                key = f"{args.budget}/{name}/{imbalance}/{seed}/{setting}"
                if key in found:
                    continue
                asked = config(
                    args, args.budget, name, imbalance, changes, seed
                )
                out = pathlib.Path(args.runs) / key.replace(" ", "_")
                folder, metrics = train(asked, out)
                found[key] = row(folder, metrics)
                path.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
                print(f"{key}: {found[key]}", flush=True)
    return found


def row(folder, metrics):
    """Returns what a run measured: the end, and how it went.

    Args:
        folder: Path of the run.
        metrics: Its metrics.

    Returns:
        Dict of `test`: top-1 and the means of head, middle and tail; and
        `by_epoch`: top-1 on the same images after each epoch, which chose
        nothing.
    """
    groups = metrics["groups"]
    means = [groups[n]["class_mean"] for n in ("head", "medium", "tail")]
    with open(pathlib.Path(folder) / "history.csv", encoding="utf-8") as file:
        history = list(csv.DictReader(file))
    return {
        "test": [
            round(float(value), 4)
            for value in (
                metrics["top1"]["value"],
                *(np.nan if m is None else m["value"] for m in means),
            )
        ],
        "by_epoch": [
            round(float(line["val_accuracy"]), 4)
            for line in history
            if line.get("val_accuracy")
        ],
    }
