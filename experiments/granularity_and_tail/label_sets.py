"""Does a long tail hurt finer label sets less?

Command: python -m experiments.granularity_and_tail.label_sets --cache FEATURES
Time: see README.md.
Resumable: every (set, kind, draw) is a line of `label_sets.json`.

Label sets of the same number of classes are made of the same images: `coarse`
takes parents as classes; `apart` takes one child of each of as many parents as
there are; `siblings` takes all children of few parents. Each is cut to an
exponential tail, and evenly to as many images in all. The loss of the tail is
the accuracy of the last third of the classes under the even cut less that
under the tail; RankM of the label set is of the test images, on the same
features. The order of the classes, their choice and the images are drawn.
"""

import argparse
import csv
import json

import numpy as np

from experiments import features
from experiments import heads
from experiments.audit.probe import within_class_rank
from experiments.results import result_path
from experiments.stacked_heads import on_sphere
from experiments.stacked_heads import train_heads
from experiments.tail_grid import as_lines
from fgkeras.data.cuts.exponential import exponential_counts
from fgkeras.granularity import rankm

# Parents, classes of a label set, largest class, imbalance.
SETS = {
    "cub100": ("family", 20, 29, 10),
    "cars196": ("make", 20, 13, 10),
    "grocery": ("coarse", 20, 30, 10),
    "cifar100": ("coarse", 20, 200, 50),
}
KINDS = ("coarse", "apart", "siblings")
SETTINGS = {
    "softmax": {"loss.name": "softmax"},
    "balanced softmax": {"loss.name": "balanced-softmax"},
}


def parents_of(args, name, class_names):
    """Returns the parent of each class."""
    path = f"{args.data}/{name}/classes.csv"
    with open(path, newline="", encoding="utf-8") as file:
        column = {
            row["class"]: row[SETS[name][0]] for row in csv.DictReader(file)
        }
    return np.array([column[str(n)] for n in class_names])


def label_set(kind, parents, sizes, num, least, rng):
    """Returns the new label of each class, -1 where it is not taken.

    Args:
        kind: One of `KINDS`.
        parents: Array of strings, the parent of each class.
        sizes: Training images of each class.
        num: Int, classes of a label set.
        least: Int, images that each needs.
        rng: `numpy.random.Generator`.
    """
    out = np.full(len(parents), -1)
    enough = sizes >= least
    groups = [np.flatnonzero(parents == p) for p in np.unique(parents)]
    groups = [groups[i] for i in rng.permutation(len(groups))]
    if kind == "coarse":
        groups = [g for g in groups if sizes[g].sum() >= least][:num]
        for label, group in enumerate(groups):
            out[group] = label
        return out
    groups = [rng.permutation(g[enough[g]]) for g in groups]
    groups = [g for g in groups if len(g)]
    if kind == "siblings":
        groups = sorted(
            (g for g in groups if len(g) > 1), key=len, reverse=True
        )
        # Large families first, in a drawn order among the larger half.
        half = groups[: max(len(groups) // 2, 1)]
        order = [half[i] for i in rng.permutation(len(half))]
        chosen = np.concatenate([*order, *groups[len(half) :]])[:num]
    else:
        depth = max(len(g) for g in groups)
        rounds = [g[i] for i in range(depth) for g in groups if i < len(g)]
        chosen = np.array(rounds[:num])
    out[rng.permutation(chosen)] = np.arange(len(chosen))
    return out


def taken(labels, counts, rng):
    """Returns so many drawn images of each class."""
    order = rng.permutation(len(labels))
    order = order[labels[order] >= 0]
    rank = within_class_rank(labels[order])
    return np.sort(order[rank < counts[labels[order]]])


def measure(train, test, to, largest, imbalance, seed):
    """Returns RankM, and the tail's accuracy under both cuts, per setting."""
    rng = np.random.default_rng([seed, 1])
    y, asked = to[train.labels], to[test.labels]
    seen, asked_of = asked >= 0, on_sphere(test.features)
    x, num = on_sphere(train.features), to.max() + 1
    counts = exponential_counts(num, largest, imbalance)
    even = np.full(num, counts.sum() // num)
    even[: counts.sum() % num] += 1
    tail = heads.thirds(counts)[2]
    row = {
        "classes": int(num),
        "images": int(counts.sum()),
        "rankm": round(rankm(test.features[seen], asked[seen]).value, 4),
    }
    for cut, sizes in (("tail", counts), ("even", even)):
        rows = taken(y, sizes, rng)
        kernels, biases = train_heads(
            x[rows], y[rows], sizes, list(SETTINGS.values()), seed
        )
        for k, name in enumerate(SETTINGS):
            logits = asked_of[seen] @ kernels[k] + biases[k]
            each = heads.class_accuracies(asked[seen], logits)
            row[f"{name}, {cut}"] = [
                round(float(np.nanmean(each[tail])), 4),
                round(float(np.nanmean(each)), 4),
            ]
    return row


def lost(row, setting, place=0):
    """Returns what the tail cut costs: points of the last third, or of all."""
    even, tail = row[f"{setting}, even"], row[f"{setting}, tail"]
    return 100 * (even[place] - tail[place])


def table(found):
    """Prints means with 95 % intervals over draws, and rank correlations."""
    from scipy.stats import spearmanr

    cells = {}
    for key, row in found.items():
        cells.setdefault(tuple(key.split("/")[:2]), []).append(row)
    print("| set | labels | RankM | even % | " + " | ".join(SETTINGS) + " |")
    print("| --- | --- | --- | --- |" + " --- |" * len(SETTINGS))
    for (name, kind), rows in cells.items():
        line = []
        for setting in SETTINGS:
            values = np.array([lost(row, setting) for row in rows])
            half = 1.96 * values.std(ddof=1) / len(values) ** 0.5
            line.append(f"{values.mean():.1f} ± {half:.1f}")
        index = np.mean([row["rankm"] for row in rows])
        even = 100 * np.mean([row["softmax, even"][0] for row in rows])
        numbers = [f"{index:.3f}", f"{even:.1f}", *line]
        print(f"| {name} | {kind} | {' | '.join(numbers)} |")
    for setting in SETTINGS:
        for name in dict.fromkeys(s for s, _ in cells):
            rows = [
                row for (s, _), r in cells.items() if s == name for row in r
            ]
            index = [row["rankm"] for row in rows]
            points = [lost(row, setting) for row in rows]
            shares = [
                p / (100 * row[f"{setting}, even"][0])
                for p, row in zip(points, rows, strict=True)
            ]
            print(
                f"{setting}, {name}: Spearman of RankM with the points lost "
                f"{spearmanr(index, points).statistic:+.2f}, with the share "
                f"lost {spearmanr(index, shares).statistic:+.2f} "
                f"({len(rows)} label sets)"
            )


def main():
    """Measures what is missing and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--draws", type=int, default=8)
    args = parser.parse_args()
    path = result_path(__file__)
    found = json.loads(path.read_text()) if path.exists() else {}
    for name in args.sets:
        train = features.load(args.cache, name, "train", "imagenet")
        test = features.load(args.cache, name, "test", "imagenet")
        parents = parents_of(args, name, train.class_names)
        sizes = np.bincount(train.labels, minlength=len(parents))
        _, num, largest, imbalance = SETS[name]
        # Where the features are of a few images of each class.
        largest = min(largest, int(sizes.max()))
        imbalance = min(imbalance, largest)
        for draw in range(args.draws):
            for kind in KINDS:
                key = f"{name}/{kind}/{draw}"
                if key in found:
                    continue
                rng = np.random.default_rng([draw, 0])
                to = label_set(kind, parents, sizes, num, largest, rng)
                found[key] = measure(train, test, to, largest, imbalance, draw)
                path.write_text(as_lines(found), "utf-8")
                print(key, found[key], flush=True)
    table(found)


if __name__ == "__main__":
    main()
