"""Does the pre-training of the lowest granularity give the best classifier?

Command: python -m experiments.audit.pre_training --cache FEATURES
Time: about 10 minutes on 2 CPU cores with other programs running.
Resumable: every (set, pre-training) is a row of `pre_training.json`.

RankM of the training images (at most 3,000, drawn as the audit draws them)
against the accuracy of a linear probe on the test images, for three
pre-trainings of one network (MobileNetV2, 160 px). The rule of the audit:
take the pre-training of the lowest RankM. The default: ImageNet. Beside it what
two plain scores of the same training images choose: k nearest neighbours and
nearest class mean, each image told by the others.
"""

import argparse
import itertools
import json

from experiments import features
from experiments.audit.probe import leave_one_out
from experiments.audit.probe import rankm_and_probe
from experiments.results import result_path

# What each score must be to be chosen.
CHOICES = {"rankm": min, "knn": max, "class mean": max}


def agreement(rows, sets, score):
    """Returns how many pairs of pre-trainings a score orders as the probe."""
    sign = -1 if CHOICES[score] is min else 1
    agreed = [
        sign * (a[score] - b[score]) * (a["probe"] - b["probe"]) > 0
        for name in sets
        for a, b in itertools.combinations(
            [rows[f"{name}/{body}"] for body in features.BODIES], 2
        )
    ]
    return f"{sum(agreed)} of {len(agreed)}"


def main():
    """Measures what is missing and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    parser.add_argument("--sets", nargs="+", default=features.SETS)
    args = parser.parse_args()
    path = result_path(__file__)
    rows = json.loads(path.read_text()) if path.exists() else {}
    for name in args.sets:
        for body in features.BODIES:
            row = rows.setdefault(f"{name}/{body}", {})
            if set(CHOICES) < set(row):
                continue
            if "rankm" not in row:
                row |= rankm_and_probe(args.cache, name, body)
            row |= leave_one_out(args.cache, name, body)
            path.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
            print(name, body, row, flush=True)
    for name in args.sets:
        found = {body: rows[f"{name}/{body}"] for body in features.BODIES}
        best = max(found, key=lambda body: found[body]["probe"])
        cells = [name]
        for score, take in CHOICES.items():
            chosen = take(found, key=lambda body, s=score: found[body][s])
            cells.append(f"{chosen} ({found[chosen][score]:.3f})")
        chosen = min(found, key=lambda body: found[body]["rankm"])
        for body in (chosen, "imagenet", best):
            cells.append(f"{100 * found[body]['probe']:.1f}")
        print("| " + " | ".join(cells) + f" ({best}) |")
    for score in CHOICES:
        print(
            f"{score}: {agreement(rows, args.sets, score)} pairs as the probe"
        )


if __name__ == "__main__":
    main()
