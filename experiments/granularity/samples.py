"""RankM of a sample: images within all classes, or some of the classes.

Command: python -m experiments.granularity.samples --cache FEATURES
    (features: python -m experiments.features)
Time: a minute on 2 CPU cores with other programs running.
Result: `samples.json` beside this file.

RankM (ImageNet features) of the training split of each set, of samples of 2 to
10 images of every class, and of samples as large that hold 5 images of some
classes, the mean of 5 draws each; and of 50 classes with 12 images of each,
drawn 20 times, where sets of other sizes compare.
"""

import argparse
import json

import numpy as np

from experiments import features as stored
from experiments.results import result_path
from fgkeras.granularity import drawn_granularity
from fgkeras.granularity import rankm
from fgkeras.jobs.sample_indices import sample_indices
from fgkeras.storage import whole_file

SETS = ("cub100", "cars196", "grocery")
IMAGES, DRAWS, OF_SOME = (2, 3, 5, 10), 5, 5


def of_some_classes(labels, max_images, rng):
    """Returns positions of 5 images of each of as many classes as fit."""
    classes = rng.permutation(np.unique(labels))[: max_images // OF_SOME]
    return np.concatenate(
        [
            rng.permutation(np.flatnonzero(labels == c))[:OF_SOME]
            for c in classes
        ]
    )


def measure(found):
    """Returns the row of a set."""
    x, y = found.features, found.labels
    counts = np.unique(y, return_counts=True)[1]
    row = {
        "classes": len(counts),
        "images": len(y),
        "all": rankm(x, y).value,
        "samples": {},
    }
    for count in IMAGES:
        size, within, some = count * len(counts), [], []
        for seed in range(DRAWS):
            kept = sample_indices(y, size, seed=seed)
            within.append(rankm(x[kept], y[kept]).value)
            kept = of_some_classes(y, size, np.random.default_rng(seed))
            some.append(rankm(x[kept], y[kept]).value)
        row["samples"][count] = {
            "of every class": float(np.mean(within)),
            "5 of some classes": float(np.mean(some)),
        }
    row["drawn"] = drawn_granularity(
        rankm, x, y, 50, images_drawn=min(12, counts.min()), num_draws=20
    ).summary
    return row


def main():
    """Measures every set and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    stored.add_arguments(parser)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--body", default="imagenet")
    args = parser.parse_args()
    rows = {}
    for name in args.sets:
        rows[name] = measure(stored.load(args.cache, name, "train", args.body))
        print(name, json.dumps(rows[name]), flush=True)
    with whole_file(result_path(__file__)) as file:
        file.write((json.dumps(rows, indent=1) + "\n").encode("utf-8"))


if __name__ == "__main__":
    main()
