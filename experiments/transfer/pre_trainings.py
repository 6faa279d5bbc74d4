"""Table 4.7 in small: linear probes of each pre-training, and of two together.

Command: python -m experiments.transfer.pre_trainings --cache FEATURES
Time: some 6 minutes on one CPU core; the rows of single pre-trainings are those
of `python -m experiments.audit.pre_training`.
Resumable: every set is a row of `pre_trainings.json`.

"Both": the features of the ImageNet and of the birds body side by side, each of
length 10 / sqrt(2). The thesis fine-tunes whole networks, and trains one on
both sets of images; here both are seen through frozen features.
"""

import argparse
import json

import numpy as np

from experiments import features
from experiments.audit import pre_training
from experiments.audit.probe import probe
from experiments.audit.probe import splits
from experiments.audit.probe import unit
from experiments.results import result_path


def both(cache, name):
    """Returns the splits of a set with two kinds of features side by side."""
    first = splits(cache, name, "imagenet")
    second = splits(cache, name, "inat_birds")
    return [
        (np.concatenate([unit(a[0]), unit(b[0])], axis=1), a[1])
        for a, b in zip(first, second, strict=True)
    ]


def main():
    """Measures what is missing and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    parser.add_argument("--sets", nargs="+", default=features.SETS)
    args = parser.parse_args()
    path = result_path(__file__)
    rows = json.loads(path.read_text()) if path.exists() else {}
    known = json.loads(result_path(pre_training.__file__).read_text())
    for name in args.sets:
        if name not in rows:
            rows[name] = {
                body: known[f"{name}/{body}"]["probe"]
                for body in features.BODIES
            }
            rows[name]["both"] = probe(*both(args.cache, name))
            path.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
            print(name, rows[name], flush=True)
    for name, row in rows.items():
        cells = (f"{100 * row[b]:.1f}" for b in (*features.BODIES, "both"))
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
