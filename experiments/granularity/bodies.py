"""Granularity under several pre-trainings of one network, by all four indices.

Command: python -m experiments.granularity.bodies
Time: see README.md. Needs the features of `experiments.features`.

Test images of five sets and, of Omniglot, 100 characters, under three
pre-trainings of MobileNetV2 and as plain pixels (16 x 16 squares). Not Figure
6.6 of the thesis, which compares architectures: there is one architecture here,
and what differs is what it was trained on. Expected: the pre-training that saw
such images gives the lowest value, pixels the highest; the indices order the
(set, body) pairs alike.
"""

import argparse
import io

import numpy as np
from PIL import Image
from scipy.stats import spearmanr

from experiments import features
from experiments.granularity import charts
from fgkeras import data
from fgkeras import granularity

INDICES = ("rankm", "rsm", "rank", "rs")


def omniglot_part(labels, count=100, seed=0):
    """Returns the images of `count` characters drawn at random."""
    present = np.unique(labels)
    chosen = np.random.default_rng(seed).permutation(present)[:count]
    return np.flatnonzero(np.isin(labels, chosen))


def test_part(name, labels):
    """Returns the test images that the experiments take of a set."""
    if name == "omniglot":
        return omniglot_part(labels)
    if name == "cifar100":
        return features.per_class_subset(labels, 40)
    return np.arange(len(labels))


def pixels(root, name, ids, side=16):
    """Returns the images as vectors of `3 * side * side` values."""
    source = data.open(f"zip:{root}/{name}/{name}.zip")
    rows = []
    for image in ids:
        picture = Image.open(io.BytesIO(source.read(str(image)))).convert("RGB")
        picture = picture.resize((side, side), Image.Resampling.BOX)
        rows.append(np.asarray(picture, "float32").ravel() + 1)
    return np.stack(rows)


def main():
    """Measures, writes the table and draws it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    parser.add_argument("--sets", nargs="+", default=features.SETS)
    args = parser.parse_args()
    table = {}
    for name in args.sets:
        first = features.load(args.cache, name, "test", "imagenet")
        labels, part = first.labels, test_part(name, first.labels)
        for body in (*features.BODIES, "pixels"):
            if body == "pixels":
                values = pixels(args.data, name, first.ids[part])
            else:
                found = features.load(args.cache, name, "test", body)
                values = found.features[part]
            row = {}
            for index in INDICES:
                measured = getattr(granularity, index)(values, labels[part])
                row[index] = round(measured.value, 4)
                if index == "rankm":
                    row["interval"] = [round(v, 4) for v in measured.interval()]
            table[f"{name} {body}"] = row
            print(name, body, row, flush=True)
    columns = np.array([[row[i] for i in INDICES] for row in table.values()])
    agreement = spearmanr(columns).statistic.round(3).tolist()
    figure, axes = charts.new_figure(1, 6.4, 3.2)
    bodies = (*features.BODIES, "pixels")
    for j, body in enumerate(bodies):
        rows = [table[f"{name} {body}"] for name in args.sets]
        value = np.array([row["rankm"] for row in rows])
        limits = np.array([row["interval"] for row in rows]).T
        axes[0].bar(
            np.arange(len(rows)) + 0.2 * (j - 1.5), value, 0.18,
            yerr=np.abs(limits - value), color=charts.COLORS[body],
            label=charts.NAMES[body], error_kw={"linewidth": 0.8},
        )  # fmt: skip
    axes[0].set_xticks(range(len(args.sets)), args.sets)
    axes[0].set_ylabel("RankM")
    axes[0].grid(axis="x", visible=False)
    axes[0].set_ylim(0, 1.15)
    axes[0].legend(ncol=4, loc="upper center")
    charts.save_figure(figure, "bodies")
    charts.save_result(
        "bodies",
        {"indices": INDICES, "rank_correlation": agreement, "rows": table},
    )


if __name__ == "__main__":
    main()
