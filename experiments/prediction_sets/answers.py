"""Hierarchical answers on long tails: accuracy against what they tell.

Command: python -m experiments.prediction_sets.answers --cache FEATURES \
    --data DATA
Time: see README.md.
Resumable: every (set, imbalance, seed) is a line of `answers.jsonl`.

Parents are those of the sets' `classes.csv`: family and order of a bird,
coarse class and group of a product. Probabilities are calibrated on a share of
the training images that was held back, and so are the bounds for a wanted
accuracy; `halves` are of test images, halved over and over, which is the case
that the guarantee is about. Beside the answers stands what the same images give
without parents: the class where its probability reaches the bound, otherwise
nothing.
"""

import argparse
import csv
import pathlib

import numpy as np

from experiments import features
from experiments.plots import pyplot
from experiments.prediction_sets.cells import CELLS
from experiments.prediction_sets.cells import Cell
from experiments.prediction_sets.cells import calibrated
from experiments.prediction_sets.cells import rounded
from experiments.results import keep_row
from experiments.results import kept_rows
from experiments.results import result_path
from fgkeras.evaluation import Hierarchy
from fgkeras.evaluation import accuracy_specificity_curve
from fgkeras.evaluation import fit_answer_bound
from fgkeras.evaluation import hierarchical_answers

PARENTS = {
    "cub100": ("family", "order"),
    "grocery": ("coarse", "group"),
}
BOUNDS = (0.0, *(np.arange(50, 100, 5) / 100).tolist(), 0.97, 0.99, 0.999)
WANTED = (0.9, 0.95)
DRAWS = 100


def hierarchy_of(data, name, class_names):
    """Returns the `Hierarchy` of a set by its table of classes."""
    path = pathlib.Path(data) / name / "classes.csv"
    with open(path, encoding="utf-8", newline="") as file:
        rows = {row["class"]: row for row in csv.DictReader(file)}
    return Hierarchy(
        class_names,
        {
            column: [rows[c][column] for c in class_names]
            for column in PARENTS[name]
        },
    )


def short(row):
    """Returns what of a row of a curve stands in the results."""
    return {
        "bound": row["bound"],
        "accuracy": row["accuracy"]["value"],
        "answered": row["answered"],
        "of_answered": row["accuracy_answered"],
        "information": row["information"],
        "levels": row["levels"],
    }


def flat(labels, p):
    """Accuracy and information of the class or nothing, at every bound."""
    top, sure = p.argmax(axis=1), p.max(axis=1)
    out = []
    for bound in BOUNDS:
        named = sure >= bound
        right = (top == labels) | ~named
        out.append(
            {
                "bound": bound,
                "accuracy": float(right.mean()),
                "information": float(named.mean()),
            }
        )
    return out


def measured(cell, tree):
    """Returns curves, and the bounds for a wanted accuracy."""
    counts, labels, logits, test_logits = cell.share()
    out = {}
    for kind in ("softmax", "adjusted"):
        prior = np.log(counts / counts.sum()) if kind == "adjusted" else 0.0
        p, test_p = calibrated(labels, logits - prior, test_logits - prior)
        out[kind] = found = {"wanted": {}}
        for part, rows in (
            ("same", cell.same),
            ("all", np.arange(len(cell.test_y))),
        ):
            truth, shown = cell.test_y[rows], test_p[rows]
            if (kind, part) == ("softmax", "all"):
                curve = accuracy_specificity_curve(truth, shown, tree, BOUNDS)
                found[part] = [short(row) for row in curve]
                found[f"{part}, flat"] = flat(truth, shown)
            for wanted in WANTED:
                bound = fit_answer_bound(labels, p, tree, accuracy=wanted)
                (row,) = accuracy_specificity_curve(
                    truth, shown, tree, [min(bound.bound, 1.0)]
                )
                key = f"{wanted:g}, {part}"
                found["wanted"][key] = {
                    **short(row),
                    "low": row["accuracy"]["low"],
                    "high": row["accuracy"]["high"],
                    "images": bound.num_images,
                }
        logits_of_kind = test_logits - prior
        for wanted in WANTED:
            found["wanted"][f"{wanted:g}, halves"] = halves(
                cell, logits_of_kind, tree, wanted
            )
    return out


def halves(cell, logits, tree, wanted):
    """The bound fitted to one half of test images, tested on the other."""
    generator = np.random.default_rng(cell.seed)
    found = []
    for _ in range(DRAWS):
        one, two = np.array_split(generator.permutation(cell.same), 2)
        p, test_p = calibrated(cell.test_y[one], logits[one], logits[two])
        bound = fit_answer_bound(cell.test_y[one], p, tree, accuracy=wanted)
        got = hierarchical_answers(test_p, tree, bound.bound)
        right = got.right(cell.test_y[two])
        found.append((bound.bound, right.mean(), got.information().mean()))
    keys = ("bound", "accuracy", "information")
    means = np.mean(found, axis=0).tolist()
    return {**dict(zip(keys, means, strict=True)), "images": len(one)}


def curve_mean(rows, kind, part, key):
    """Returns a number of the curve at each bound, mean over seeds."""
    return np.mean(
        [[r[key] for r in row["kinds"][kind][part]] for row in rows], axis=0
    )


def draw(cells, path):
    """Draws accuracy against information."""
    plt = pyplot()
    figure, axes = plt.subplots(
        1, len(cells), figsize=(3.4 * len(cells), 3.1), squeeze=False
    )
    for axis, (name, rows) in zip(axes[0], cells.items(), strict=True):
        for part, style, label in (
            ("all", "o-", "with parents"),
            ("all, flat", "s--", "class or nothing"),
        ):
            x = curve_mean(rows, "softmax", part, "information")
            y = curve_mean(rows, "softmax", part, "accuracy")
            axis.plot(x, 100 * y, style, label=label, markersize=3)
        axis.set_title(name)
        axis.set_xlabel("information of an answer (1: a class)")
        axis.grid(alpha=0.3)
    axes[0][0].set_ylabel("right answers, %")
    axes[0][0].legend()
    figure.tight_layout()
    figure.savefig(path, dpi=80)


def tables(rows, chart):
    """Prints the tables of README.md and draws the curves."""
    cells = {}
    for row in rows.values():
        cells.setdefault(row["cell"], []).append(row)
    print(
        "| set, imbalance | bound | right % | class % | level 1 % | level 2 % "
        "| unknown % | right of named % | information | flat: right % | flat: "
        "named % |"
    )
    print("|" + " --- |" * 11)
    for name, found in cells.items():
        parts = [row["kinds"]["softmax"] for row in found]
        for i, bound in enumerate(BOUNDS):
            if bound not in (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99):
                continue
            at = [part["all"][i] for part in parts]
            levels = [list(row["levels"].values()) for row in at]
            shown = [
                f"{bound:g}",
                f"{100 * np.mean([r['accuracy'] for r in at]):.1f}",
                *(f"{100 * v:.0f}" for v in np.mean(levels, axis=0)),
                f"{100 * np.mean([r['of_answered'] or 1 for r in at]):.1f}",
                f"{np.mean([r['information'] for r in at]):.2f}",
            ]
            bare = [part["all, flat"][i] for part in parts]
            shown += [
                f"{100 * np.mean([r['accuracy'] for r in bare]):.1f}",
                f"{100 * np.mean([r['information'] for r in bare]):.0f}",
            ]
            print(f"| {name} | {' | '.join(shown)} |")
    print("\n| set, imbalance | scores | wanted, on | bound | right % | info |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, found in cells.items():
        for kind in ("softmax", "adjusted"):
            for key in found[0]["kinds"][kind]["wanted"]:
                at = [row["kinds"][kind]["wanted"][key] for row in found]
                right = [100 * r["accuracy"] for r in at]
                print(
                    f"| {name} | {kind} | {key} "
                    f"| {np.mean([r['bound'] for r in at]):.2f} "
                    f"| {np.mean(right):.1f} ({min(right):.1f}-"
                    f"{max(right):.1f}) "
                    f"| {np.mean([r['information'] for r in at]):.2f} |"
                )
    draw(cells, chart)


def main():
    """Measures what is missing, prints the tables and draws the curves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    parser.add_argument("--cells", nargs="+", default=CELLS)
    parser.add_argument("--seeds", type=int, default=5)
    args = parser.parse_args()
    path = result_path(__file__, ".jsonl")
    rows = kept_rows(path)
    for cell_name in args.cells:
        for seed in range(args.seeds):
            name = f"{cell_name}/{seed}"
            if name in rows:
                continue
            cell = Cell(args.cache, cell_name, seed)
            tree = hierarchy_of(args.data, cell.set, cell.class_names)
            kinds = measured(cell, tree)
            row = {
                "name": name,
                "cell": cell_name,
                "seed": seed,
                "kinds": rounded(kinds),
            }
            keep_row(path, row)
            print(name, flush=True)
    tables(kept_rows(path), result_path(__file__, ".png"))


if __name__ == "__main__":
    main()
