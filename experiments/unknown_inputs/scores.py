"""Which score tells pictures of other things, and of other species, best?

Command: python -m experiments.unknown_inputs.scores --cache FEATURES
Time: see README.md.
Resumable: every (set, imbalance, body, seed) is a line of `scores.jsonl`.

A fifth of the classes, drawn by the seed, is unknown: no head sees them, and
their test images are the nearest unknown ones, of the same source. A head is
trained on frozen features of the others, without a share of every class that
is held back for the threshold. Far sets are pictures of other things.
"""

import argparse

import numpy as np

from experiments import features
from experiments import heads
from experiments.audit.loss_weight import cut
from experiments.prediction_sets.cells import probabilities
from experiments.prediction_sets.cells import rounded
from experiments.results import keep_row
from experiments.results import kept_rows
from experiments.results import result_path
from fgkeras.data.cuts.validation import held_back
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split
from fgkeras.evaluation import energy_scores
from fgkeras.evaluation import fit_known_threshold
from fgkeras.evaluation import fit_temperature
from fgkeras.evaluation import known_report
from fgkeras.evaluation import largest_probability_scores
from fgkeras.evaluation import nearest_scores

CELLS = (
    "cub100/1/imagenet",
    "cub100/1/inat_birds",
    "cub100/10/imagenet",
    "grocery/1/imagenet",
    "cars196/1/imagenet",
)
SCORES = ("energy", "nearest", "nearest 5", "nearest 20", "probability")
SETS = ("cub100", "cub100b", "cars196", "grocery", "cifar100", "omniglot")
SHARE, UNKNOWN, MOST = 0.2, 0.2, 3000
NEAR = "held-out classes"


class Cell:
    """Known and unknown images of one set, and a head of the known."""

    def __init__(self, cache, name, seed, others):
        self.set, factor, body = name.split("/")
        train = features.load(cache, self.set, "train", body)
        test = features.load(cache, self.set, "test", body)
        generator = np.random.default_rng(seed)
        classes = len(train.class_names)
        unknown = generator.permutation(classes)[: int(UNKNOWN * classes)]
        known = np.setdiff1d(np.arange(classes), unknown)
        place = np.full(classes, -1)
        place[known] = np.arange(len(known))
        rows = np.flatnonzero(cut(train.labels, float(factor)))
        rows = rows[place[train.labels[rows]] >= 0]
        self.classes = len(known)
        fit, held = _held_back(train.ids[rows], place[train.labels[rows]], seed)
        fit, held = rows[fit], rows[held]
        self.y = place[train.labels[fit]]
        self.x = train.features[fit]
        self.counts = np.bincount(self.y, minlength=self.classes)
        self.model = heads.train_head(self.x, self.y, self.classes, {}, seed)
        inside = place[test.labels] >= 0
        self.held = train.features[held]
        self.held_y = place[train.labels[held]]
        self.known = test.features[inside]
        self.known_y = place[test.labels[inside]]
        self.others = {NEAR: test.features[~inside]}
        for name in others:
            if name == self.set:
                continue
            found = features.load(cache, name, "test", body).features
            some = generator.permutation(len(found))[:MOST]
            self.others[name] = found[np.sort(some)]
        logits = heads.logits_of(self.model, self.held)
        self.temperature = fit_temperature(self.held_y, logits)

    def score(self, name, x):
        """Returns a score of images by their features."""
        if name.startswith("nearest"):
            k = int(name.partition(" ")[2] or 1)
            return nearest_scores(x, self.x, k=k)
        logits = heads.logits_of(self.model, x)
        if name == "energy":
            return energy_scores(logits)
        return largest_probability_scores(
            probabilities(logits, self.temperature)
        )

    def measured(self):
        """Returns the numbers of every score."""
        out = {}
        for name in SCORES:
            known = self.score(name, self.known)
            found = told(
                self.score(name, self.held),
                known,
                {k: self.score(name, x) for k, x in self.others.items()},
            )
            kept = known >= found["threshold"]
            found["kept_thirds"] = [
                float(kept[mask[self.known_y]].mean())
                for mask in heads.thirds(self.counts)
            ]
            out[name] = found
        logits = heads.logits_of(self.model, self.known)
        right = float((logits.argmax(axis=1) == self.known_y).mean())
        return {
            "accuracy": right,
            "known": len(self.known),
            "calibration": len(self.held),
            "scores": out,
        }


def told(held, known, others):
    """Returns the numbers of one score.

    Args:
        held: Float array, scores of the calibration images.
        known: Float array, scores of test images of the known classes.
        others: Dict of name to float array, scores of unknown ones.
    """
    threshold = fit_known_threshold(held)
    found = known_report(known, others, threshold=threshold)
    return {
        "threshold": threshold,
        "kept": found["kept"]["value"],
        "sets": {
            other: {
                **row["auroc"],
                "fpr95": row["fpr95"],
                "refused": row["refused"]["value"],
                "images": row["num_images"],
            }
            for other, row in found["sets"].items()
        },
    }


def _held_back(ids, labels, seed):
    ids = tuple(ids.tolist())
    names = [f"{i:03d}" for i in range(labels.max() + 1)]
    source = Source("set", names, {"train": Split(ids, labels)})
    found = held_back(source, "train", share=SHARE, seed=seed, name="held")
    place = {image: i for i, image in enumerate(ids)}
    return (
        np.array([place[i] for i in found.split(part).ids])
        for part in ("train", "held")
    )


def tables(rows):
    """Prints the tables of README.md."""
    cells = {}
    for row in rows.values():
        cells.setdefault(row["cell"], []).append(row)
    print("| known | unknown | " + " | ".join(SCORES) + " |")
    print("| --- | --- |" + " --- |" * len(SCORES))
    for cell, found in cells.items():
        for other in found[0]["scores"]["energy"]["sets"]:
            shown = []
            for name in SCORES:
                at = [row["scores"][name]["sets"][other] for row in found]
                value, low, high = (
                    np.mean([a[key] for a in at])
                    for key in ("value", "low", "high")
                )
                shown.append(f"{value:.3f} ({low:.3f}-{high:.3f})")
            print(f"| {cell} | {other} | {' | '.join(shown)} |")
    print(
        "\n| known | right % | score | kept % | thirds % | fpr95, refused % |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for cell, found in cells.items():
        right = 100 * np.mean([row["accuracy"] for row in found])
        for name in SCORES:
            at = [row["scores"][name] for row in found]
            kept = [100 * a["kept"] for a in at]
            thirds = 100 * np.mean([a.get("kept_thirds", []) for a in at], 0)
            parts = []
            for other in at[0]["sets"]:
                fpr = 100 * np.mean([a["sets"][other]["fpr95"] for a in at])
                refused = 100 * np.mean(
                    [a["sets"][other]["refused"] for a in at]
                )
                parts.append(f"{other} {fpr:.0f}, {refused:.0f}")
            print(
                f"| {cell} | {right:.1f} | {name} | {np.mean(kept):.1f} "
                f"({min(kept):.1f}-{max(kept):.1f}) | "
                f"{', '.join(f'{t:.0f}' for t in thirds)} "
                f"| {'; '.join(parts)} |"
            )


def main():
    """Measures what is missing, and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", default=str(features.CACHE))
    parser.add_argument("--cells", nargs="+", default=CELLS)
    parser.add_argument("--others", nargs="+", default=SETS)
    parser.add_argument("--seeds", type=int, default=5)
    args = parser.parse_args()
    path = result_path(__file__, ".jsonl")
    rows = kept_rows(path)
    for cell_name in args.cells:
        for seed in range(args.seeds):
            name = f"{cell_name}/{seed}"
            if name in rows:
                continue
            cell = Cell(args.cache, cell_name, seed, args.others)
            row = {"name": name, "cell": cell_name, "seed": seed}
            keep_row(path, {**row, **rounded(cell.measured())})
            print(name, flush=True)
    tables(kept_rows(path))


if __name__ == "__main__":
    main()
