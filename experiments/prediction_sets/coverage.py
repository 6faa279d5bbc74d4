"""Coverage and size of prediction sets on long tails, by both scores.

Command: python -m experiments.prediction_sets.coverage --cache FEATURES
Time: see README.md.
Resumable: every (set, imbalance, seed, way) is a line of `coverage.jsonl`.

The ways differ in where the calibration images come from: a share of the
training images held back; out-of-fold scores of all of them; and test images,
halved over and over, which is the case that the guarantee is about.
"""

import argparse

import numpy as np

from experiments import features
from experiments.prediction_sets.cells import CELLS
from experiments.prediction_sets.cells import Cell
from experiments.prediction_sets.cells import calibrated
from experiments.prediction_sets.cells import rounded
from experiments.results import keep_row
from experiments.results import kept_rows
from experiments.results import result_path
from fgkeras.evaluation import fit_prediction_sets
from fgkeras.evaluation import prediction_set_report

WAYS = ("share", "folds", "halves")
SCORES = ("plain", "prevalence", "adjusted, plain")
LEVEL, DRAWS = 0.9, 200


def fitted(score, counts, labels, logits, test_logits):
    """Returns the sets of a score and the test images' probabilities."""
    if score.startswith("adjusted"):
        prior = np.log(counts / counts.sum())
        logits, test_logits = logits - prior, test_logits - prior
    p, test_p = calibrated(labels, logits, test_logits)
    prevalence = counts if score == "prevalence" else None
    sets = fit_prediction_sets(
        labels,
        p,
        level=LEVEL,
        score=score.split()[-1],
        prevalence=prevalence,
    )
    return sets, test_p


def numbers(sets, labels, probabilities, counts, *, guaranteed):
    """Returns what of a report stands in the results."""
    found = prediction_set_report(
        labels,
        sets.in_set(probabilities),
        sets=sets,
        train_counts=counts,
        guaranteed=guaranteed,
        num_bootstrap=0,
    )
    return {
        "images": found["num_images"],
        "calibration": found["calibration_images"],
        "coverage": found["coverage"]["value"],
        "expected": found["expected"],
        "macro": found["macro_coverage"]["value"],
        "under_half": found["classes_under_half"],
        "size": found["size"]["mean"]["value"],
        "median": found["size"]["median"],
        "empty": found["size"]["empty"],
        "single": found["size"]["single"],
        "groups": {
            name: {
                "range": group["range"],
                "macro": group["macro_coverage"]["value"],
                "size": group["mean_size"],
            }
            for name, group in (found["groups"] or {}).items()
            if group["num_images"]
        },
    }


def measured(cell, way):
    """Returns the numbers of each score for one way."""
    if way == "halves":
        return halves(cell)
    counts, labels, logits, test_logits = getattr(cell, way)()
    out = {}
    for score in SCORES:
        sets, p = fitted(score, counts, labels, logits, test_logits)
        out[score] = {
            part: numbers(
                sets,
                cell.test_y[rows],
                p[rows],
                cell.counts,
                guaranteed=way == "share",
            )
            for part, rows in (
                ("same", cell.same),
                ("all", np.arange(len(cell.test_y))),
            )
        }
    return out


def halves(cell):
    """Halves the test images of the training's shares, again and again."""
    logits = cell.whole()
    generator = np.random.default_rng(cell.seed)
    found = {score: [] for score in SCORES}
    for _ in range(DRAWS):
        order = generator.permutation(cell.same)
        one, two = np.array_split(order, 2)
        unused = np.setdiff1d(np.arange(len(cell.test_y)), one)
        for score in SCORES:
            sets, p = fitted(
                score, cell.counts, cell.test_y[one], logits[one], logits
            )
            same = numbers(
                sets, cell.test_y[two], p[two], cell.counts, guaranteed=True
            )
            rest = p[unused]
            own = sets.in_set(rest)[np.arange(len(rest)), cell.test_y[unused]]
            by_class = [
                own[cell.test_y[unused] == c].mean()
                for c in np.unique(cell.test_y[unused])
            ]
            found[score].append(
                (
                    same["coverage"],
                    same["expected"]["inside"],
                    np.mean(by_class),
                    same["size"],
                    same["calibration"],
                )
            )
    return {
        score: dict(
            zip(
                ("coverage", "inside", "macro", "size", "calibration"),
                np.mean(rows, axis=0).tolist(),
                strict=True,
            )
        )
        for score, rows in found.items()
    }


def spread(values, digits, factor=1.0):
    """Returns mean and range of values as text."""
    values = factor * np.asarray(values, float)
    mean, low, high = values.mean(), values.min(), values.max()
    return f"{mean:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def tables(rows):
    """Prints the tables of README.md."""
    print("| set, imbalance | score | coverage % | inside | macro % | size |")
    print("| --- | --- | --- | --- | --- | --- |")
    cells = list(dict.fromkeys(row["cell"] for row in rows.values()))

    def of(cell, way, score):
        return [
            row["scores"][score]
            for row in rows.values()
            if (row["cell"], row["way"]) == (cell, way)
        ]

    for cell in cells:
        for score in SCORES:
            found = of(cell, "halves", score)
            if not found:
                continue
            shown = [
                spread([f["coverage"] for f in found], 1, 100),
                f"{100 * np.mean([f['inside'] for f in found]):.0f} %",
                spread([f["macro"] for f in found], 1, 100),
                spread([f["size"] for f in found], 1),
            ]
            print(f"| {cell} | {score} | {' | '.join(shown)} |")
    for way in WAYS[:2]:
        print(f"\n{way}")
        print(
            "| set, imbalance | score | coverage % | inside | macro % | "
            "classes under half % | size | single % | macro %, size: head | "
            "medium | tail |"
        )
        print("|" + " --- |" * 11)
        for cell in cells:
            for score in SCORES:
                found = of(cell, way, score)
                if not found:
                    continue
                same = [f["same"] for f in found]
                every = [f["all"] for f in found]
                inside = sum(s["expected"]["inside"] for s in same)
                shown = [
                    spread([s["coverage"] for s in same], 1, 100),
                    f"{inside} of {len(same)}",
                    spread([f["macro"] for f in every], 1, 100),
                    f"{100 * np.mean([f['under_half'] for f in every]):.0f}",
                    spread([s["size"] for s in same], 1),
                    f"{100 * np.mean([s['single'] for s in same]):.0f}",
                ]
                for group in ("head", "medium", "tail"):
                    parts = [
                        f["groups"][group]
                        for f in every
                        if group in f["groups"]
                    ]
                    if parts:
                        macro = np.mean([p["macro"] for p in parts])
                        size = np.mean([p["size"] for p in parts])
                        shown.append(f"{100 * macro:.0f}, {size:.1f}")
                    else:
                        shown.append("")
                print(f"| {cell} | {score} | {' | '.join(shown)} |")


def main():
    """Measures what is missing, and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", default=str(features.CACHE))
    parser.add_argument("--cells", nargs="+", default=CELLS)
    parser.add_argument("--ways", nargs="+", default=WAYS)
    parser.add_argument("--seeds", type=int, default=5)
    args = parser.parse_args()
    path = result_path(__file__, ".jsonl")
    rows = kept_rows(path)
    for cell_name in args.cells:
        for seed in range(args.seeds):
            for way in args.ways:
                name = f"{cell_name}/{seed}/{way}"
                if name in rows:
                    continue
                cell = Cell(args.cache, cell_name, seed)
                row = {
                    "name": name,
                    "cell": cell_name,
                    "seed": seed,
                    "way": way,
                    "scores": rounded(measured(cell, way)),
                }
                keep_row(path, row)
                print(name, flush=True)
    tables(kept_rows(path))


if __name__ == "__main__":
    main()
