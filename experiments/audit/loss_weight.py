"""Which loss or adjustment helps at which imbalance?

Command: python -m experiments.audit.loss_weight --cache FEATURES
Time: see README.md.
Resumable: every (set, cut, seed) is a line of `loss_weight.json`.

The training images are cut to an exponential long tail (class j of k keeps the
first `n * F^(-j / (k - 1))` images, n the largest class, F the imbalance
factor). Heads are trained on frozen ImageNet features with the losses, stages
and defaults of `fgkeras train --mode frozen`, and measured by the mean of the
class accuracies on the test images, which are not cut.
"""

import argparse
import json

import numpy as np

from experiments import features
from experiments import tail_grid
from experiments.audit.probe import splits
from experiments.audit.probe import within_class_rank
from experiments.results import result_path

FACTORS = (1, 3, 10, 30)
SETS = ("cub100", "cars196", "grocery", "cifar100")
SHOWN = (
    "softmax 0.0",
    "softmax 0.99",
    "softmax 0.999",
    "softmax 0.9999",
    "focal 0.5 0.999",
    "logit-adjusted 1",
    "logit-adjusted 1.25",
    "logit-adjusted 1.5",
    "adjusted 1",
    "adjusted 1.25",
    "adjusted 1.5",
)


def cut(labels, factor):
    """Returns the images that an exponential tail keeps."""
    counts = np.bincount(labels)
    kept = counts
    if factor > 1:
        power = np.arange(len(counts)) / (len(counts) - 1)
        wanted = (counts.max() * float(factor) ** -power).astype(int)
        kept = np.minimum(np.maximum(wanted, 1), counts)
    return within_class_rank(labels) < kept[labels]


def table(found):
    """Prints means over seeds, and how far each is below the best."""
    cells = {}
    for key, rows in found.items():
        if tail_grid.missing(rows["settings"]):
            continue
        cells.setdefault(key.rsplit("/", 1)[0], []).append(rows)
    print("| set, imbalance | sizes | " + " | ".join(SHOWN) + " | best |")
    print("| --- | --- |" + " --- |" * (len(SHOWN) + 1))
    behind = {name: [] for name in SHOWN}
    for key, seeds in cells.items():
        mean = {
            name: 100
            * np.mean([rows["settings"][name]["test"] for rows in seeds])
            for name in seeds[0]["settings"]
        }
        best = max(mean, key=mean.get)
        sizes = "{}-{}".format(*seeds[0]["sizes"])
        numbers = " | ".join(f"{mean[name]:.1f}" for name in SHOWN)
        print(f"| {key} | {sizes} | {numbers} | {mean[best]:.1f} {best} |")
        for name in SHOWN:
            behind[name].append(mean[best] - mean[name])
    worst = " | ".join(
        f"{np.mean(behind[n]):.1f}, at most {max(behind[n]):.1f}" for n in SHOWN
    )
    print(f"| below the best | | {worst} | |")


def main():
    """Measures what is missing and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--factors", nargs="+", type=int, default=FACTORS)
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    path = result_path(__file__)
    found = json.loads(path.read_text()) if path.exists() else {}
    for seed in range(args.seeds):
        for factor in args.factors:
            for name in args.sets:
                key = f"{name}/{factor}/{seed}"
                row = found.setdefault(key, {"sizes": [], "settings": {}})
                asked = tail_grid.missing(row["settings"])
                if not asked:
                    continue
                train, test = splits(args.cache, name, "imagenet")
                kept = cut(train[1], factor)
                train = train[0][kept], train[1][kept]
                counts = np.bincount(train[1])
                row["sizes"] = [int(counts.max()), int(counts.min())]
                row["settings"] |= tail_grid.grid_rows(
                    name, train, test, seed, settings=asked
                )
                path.write_text(tail_grid.as_lines(found), "utf-8")
                print(f"{key} done", flush=True)
    table(found)


if __name__ == "__main__":
    main()
