"""Figure 6.5: granularity as coarse labels become fine.

Command: python -m experiments.granularity.relabelling
Time: see README.md. Needs the features of `experiments.features`.

CIFAR-100 (test images): from its 20 superclasses to 100 classes, a superclass
at a time in random order. Birds (cub100, test images): from orders to families
to species in the same way. The thesis takes features of a network trained on
the superclasses and 100 orders; here 20 orders, frozen features of three
pre-trainings, and, nearest to the thesis, ImageNet features under a linear
layer trained on the coarsest labels of the training images ("on coarse").
Expected: every curve rises.
"""

import argparse

import numpy as np
from sklearn.linear_model import LogisticRegression

from experiments import features
from experiments.granularity import charts
from fgkeras import data
from fgkeras.granularity import Distances
from fgkeras.granularity import class_labels
from fgkeras.granularity import class_medoids
from fgkeras.granularity import rank
from fgkeras.granularity import rankm

# From the coarsest labels to those before the classes.
LEVELS = {"cifar100": ["coarse"], "cub100": ["order", "family"]}


def label_steps(source, columns, seed):
    """Yields labels of the test images from the first column to the classes."""
    for coarse, fine in zip(columns, [*columns[1:], None], strict=True):
        base = source if fine is None else data.relabel(source, fine)
        steps = data.coarse_to_fine(base, coarse, seed=seed)
        if coarse != columns[0]:
            next(steps)  # the last step of the level before
        for step in steps:
            labels = step.split("test").labels
            yield np.asarray(step.class_names)[labels]


class Medoids:
    """RankM under many labellings that share classes: each class once."""

    def __init__(self, values):
        self.distances = Distances(values)
        self.columns = {}

    def rankm(self, labels):
        """Returns RankM under these labels."""
        classes = class_labels(labels)
        block = np.stack(
            [self._column(classes, c) for c in range(classes.num_classes)], 1
        )
        own = block[np.arange(len(labels)), classes.ids][:, None]
        ranks = (block <= own * (1 + self.distances.tolerance)).sum(1)
        k = classes.num_classes
        return k / (k - 1) * float((1 - 1 / ranks).mean())

    def _column(self, classes, class_id):
        members = classes.members(class_id)
        key = members.tobytes()
        if key not in self.columns:
            part = Distances(self.distances.values[members])
            medoid = class_medoids(part, np.zeros(len(members), int))
            every = np.arange(len(self.distances))
            column = self.distances.block(every, members[medoid])
            self.columns[key] = column[:, 0]
        return self.columns[key]


def curve(source, columns, values, repeats):
    """Returns numbers of classes and RankM, `(repeats, steps)` each."""
    medoids = Medoids(values)
    counts, scores = [], []
    for seed in range(repeats):
        row = []
        for labels in label_steps(source, columns, seed):
            row.append((len(np.unique(labels)), medoids.rankm(labels)))
            if seed == 0 and len(row) == 1:
                whole = rankm(values, labels).value
                if abs(whole - row[0][1]) > 1e-9:
                    raise SystemExit("The shared medoids disagree with rankm.")
        counts.append([count for count, _ in row])
        scores.append([score for _, score in row])
    return np.array(counts), np.array(scores)


def on_coarse(cache, name, parents):
    """Returns test features under a linear layer trained on the parents."""
    train = features.load(cache, name, "train", "imagenet")
    test = features.load(cache, name, "test", "imagenet")
    part = features.per_class_subset(train.labels, 100)
    fitted = LogisticRegression(max_iter=100)
    fitted.fit(unit(train.features[part]), parents[train.labels[part]])
    return fitted.decision_function(unit(test.features)).astype("float32")


def unit(values):
    """Returns features of length 10."""
    return 10 * values / np.linalg.norm(values, axis=1, keepdims=True)


def levels(values, labels, source, columns):
    """Returns RankM, and Rank of up to 40 images a class, of whole levels."""
    part = features.per_class_subset(labels, 40)
    found = {}
    for level in (*columns, "class"):
        names = source.hierarchy.get(level, source.class_names)
        names = np.asarray(names)[labels]
        found[level] = {
            "rankm": round(rankm(values, names).value, 4),
            "rank": round(rank(values[part], names[part]).value, 4),
        }
    return found


def main():
    """Measures and draws both sets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    parser.add_argument("--sets", nargs="+", default=LEVELS)
    parser.add_argument("--repeats", type=int, default=20)
    args = parser.parse_args()
    figure, axes = charts.new_figure(len(args.sets))
    result = {"repeats": args.repeats}
    for axis, (name, columns) in zip(
        axes,
        {name: LEVELS[name] for name in args.sets}.items(),
        strict=True,
    ):
        source = data.open(f"zip:{args.data}/{name}/{name}.zip")
        first = features.load(args.cache, name, "test", "imagenet")
        labels = first.labels
        place = {k: i for i, k in enumerate(source.split("test").ids)}
        source = source.select("test", [place[k] for k in first.ids])
        parents = np.asarray(source.hierarchy[columns[0]])
        for body in (*features.BODIES, "on coarse"):
            if body == "on coarse":
                values = on_coarse(args.cache, name, parents)
            else:
                found = features.load(args.cache, name, "test", body)
                values = found.features
            counts, scores = curve(source, columns, values, args.repeats)
            mean, deviation = scores.mean(0), scores.std(0, ddof=1)
            whole = levels(values, labels, source, columns)
            steps = np.diff(scores, axis=1)
            result[f"{name} {body}"] = {
                "levels": whole,
                "classes": counts.mean(0).round(1).tolist(),
                "rankm": mean.round(4).tolist(),
                "deviation": deviation.round(4).tolist(),
                "rising_steps_of_the_mean": round(
                    float((np.diff(mean) > 0).mean()), 3
                ),
                "rising_steps": round(float((steps > 0).mean()), 3),
            }
            print(name, body, whole, flush=True)
            color = charts.COLORS[body]
            axis.plot(
                counts.mean(0), mean, ".-", color=color,
                label=charts.NAMES[body], linewidth=1,
            )  # fmt: skip
            axis.fill_between(
                counts.mean(0), mean - deviation, mean + deviation,
                color=color, alpha=0.2, linewidth=0,
            )  # fmt: skip
        axis.set_title(f"{name}: {' → '.join([*columns, 'class'])}")
        axis.set_xlabel("classes")
        axis.set_ylabel("RankM")
        axis.set_ylim(bottom=0)
        axis.legend()
    charts.save_figure(figure, "relabelling")
    charts.save_result("relabelling", result)


if __name__ == "__main__":
    main()
