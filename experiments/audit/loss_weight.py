"""Which beta of the class-balanced loss helps at which imbalance?

Command: python -m experiments.audit.loss_weight --cache FEATURES
Time: about 15 minutes on 2 CPU cores with other programs running.
Resumable: every (set, cut) is a row of `loss_weight.json`.

The training images are cut to an exponential long tail (class j of k keeps the
first `n * F^(-j / (k - 1))` images, n the largest class, F the imbalance
factor), a linear head is fitted on frozen ImageNet features with the
class-balanced softmax loss (logistic regression whose images weigh as the
effective number of their class says), and the mean of the class accuracies on
the test images, which are not cut, is compared with beta = 0, the default.
"""

import argparse
import json

import numpy as np

from experiments import features
from experiments.audit.probe import probe
from experiments.audit.probe import splits
from experiments.audit.probe import within_class_rank
from experiments.results import result_path

BETAS = (0.0, 0.9, 0.99, 0.999)
FACTORS = (1, 3, 10, 30)
SETS = ("cub100", "cars196", "grocery", "cifar100")


def cut(labels, factor):
    """Returns the images that an exponential tail keeps."""
    counts = np.bincount(labels)
    kept = counts
    if factor > 1:
        power = np.arange(len(counts)) / (len(counts) - 1)
        wanted = (counts.max() * float(factor) ** -power).astype(int)
        kept = np.minimum(np.maximum(wanted, 1), counts)
    return within_class_rank(labels) < kept[labels]


def weights(counts, beta):
    """Returns class weights by effective number, of mean 1 over images."""
    raw = (1 - beta) / (1 - beta**counts)
    return raw / (raw @ counts) * counts.sum()


def main():
    """Measures what is missing and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--factors", nargs="+", type=int, default=FACTORS)
    args = parser.parse_args()
    path = result_path(__file__)
    rows = json.loads(path.read_text()) if path.exists() else {}
    for factor in args.factors:
        for name in args.sets:
            if f"{name}/{factor}" in rows:
                continue
            train, test = splits(args.cache, name, "imagenet")
            kept = cut(train[1], factor)
            train = train[0][kept], train[1][kept]
            counts = np.bincount(train[1])
            found = {
                "images": int(counts.sum()),
                "largest": int(counts.max()),
                "smallest": int(counts.min()),
            }
            for beta in BETAS:
                found[str(beta)] = probe(train, test, weights(counts, beta))
            rows[f"{name}/{factor}"] = found
            path.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
            print(f"{name}/{factor}", found, flush=True)
    for key, row in rows.items():
        numbers = " | ".join(f"{100 * row[str(b)]:.1f}" for b in BETAS)
        print(f"| {key} | {row['largest']}-{row['smallest']} | {numbers} |")


if __name__ == "__main__":
    main()
