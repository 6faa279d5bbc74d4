"""Table 5.2's grid on frozen features of long-tailed CIFAR.

Command: python -m experiments.long_tailed_cifar.table --budget frozen
Time: see README.md.
Resumable: every (set, imbalance, seed) is a line of `frozen.json`.

CIFAR-10, CIFAR-100 and the 20 superclasses of CIFAR-100; the seed draws the
cut, the validation share, the start and the order of the images. Features are
the first 256 principal components of those of the training images.
"""

import csv
import json

import numpy as np

from experiments import features
from experiments.results import results_folder
from experiments.tail_grid import as_lines
from experiments.tail_grid import grid_rows
from experiments.tail_grid import missing
from fgkeras.data.cuts.exponential import exponential_counts
from fgkeras.data.cuts.long_tail import long_tail_cut

SETS = ("cifar10", "cifar20", "cifar100")
IMBALANCES = (1, 10, 20, 50, 100, 200)
COMPONENTS = 256
COMMON = {"data.batch_size": 256, "train.epochs": 30}


def cell(args, name, imbalance, seed):
    """Returns training images, cut, and test images: features and labels."""
    folder = "cifar10" if name == "cifar10" else "cifar100"
    train = features.load(args.cache, folder, "train", "imagenet")
    test = features.load(args.cache, folder, "test", "imagenet")
    to = np.arange(len(train.class_names))
    if name == "cifar20":
        to = superclasses(args.data, train.class_names)
    labels = to[train.labels]
    largest = np.bincount(labels).max()
    counts = exponential_counts(labels.max() + 1, largest, imbalance)
    kept = long_tail_cut(labels, counts, seed)
    x, asked = principal(train.features[kept], test.features)
    return (x, labels[kept]), (asked, to[test.labels])


def principal(features, others):
    """Returns both in the first principal components of the one."""
    mean = features.mean(axis=0)
    centred = features - mean
    _, vectors = np.linalg.eigh(centred.T @ centred)
    basis = vectors[:, : -COMPONENTS - 1 : -1]
    return centred @ basis, (others - mean) @ basis


def superclasses(data, names):
    """Returns the number of the superclass of each class."""
    path = f"{data}/cifar100/classes.csv"
    with open(path, newline="", encoding="utf-8") as file:
        coarse = {row["class"]: row["coarse"] for row in csv.DictReader(file)}
    found = sorted(set(coarse.values()))
    return np.array([found.index(coarse[str(n)]) for n in names])


def measure(args):
    """Measures what is missing and returns all rows."""
    path = results_folder(__file__) / "frozen.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    for seed in range(args.seeds):
        for imbalance in args.imbalances:
            for name in args.sets:
                key = f"{name}/{imbalance}/{seed}"
                rows = found.setdefault(key, {})
                asked = missing(rows)
                if not asked:
                    continue
                train, test = cell(args, name, imbalance, seed)
                rows |= grid_rows(name, train, test, seed, COMMON, asked)
                path.write_text(as_lines(found), "utf-8")
                print(f"{key} done", flush=True)
    return found
