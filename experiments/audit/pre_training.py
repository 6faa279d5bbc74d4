"""Does the pre-training of the lowest granularity give the best classifier?

Command: python -m experiments.audit.pre_training --cache FEATURES
Time: about 10 minutes on 2 CPU cores with other programs running.
Resumable: every (set, pre-training) is a row of `pre_training.json`.

RankM of the training images (at most 3,000, drawn as the audit draws them)
against the accuracy of a linear probe on the test images, for three
pre-trainings of one network (MobileNetV2, 160 px). The rule of the audit:
take the pre-training of the lowest RankM. The default: ImageNet.
"""

import argparse
import json
import pathlib

from experiments import features
from experiments.audit.probe import rankm_and_probe


def main():
    """Measures what is missing and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    parser.add_argument("--sets", nargs="+", default=features.SETS)
    args = parser.parse_args()
    path = pathlib.Path(__file__).with_suffix(".json")
    rows = json.loads(path.read_text()) if path.exists() else {}
    for name in args.sets:
        for body in features.BODIES:
            if f"{name}/{body}" in rows:
                continue
            rows[f"{name}/{body}"] = rankm_and_probe(args.cache, name, body)
            path.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
            print(name, body, rows[f"{name}/{body}"], flush=True)
    for name in args.sets:
        found = {body: rows[f"{name}/{body}"] for body in features.BODIES}
        chosen = min(found, key=lambda body: found[body]["rankm"])
        best = max(found, key=lambda body: found[body]["probe"])
        print(
            f"| {name} | {chosen} | {100 * found[chosen]['probe']:.1f} | "
            f"{100 * found['imagenet']['probe']:.1f} | "
            f"{100 * found[best]['probe']:.1f} ({best}) |"
        )


if __name__ == "__main__":
    main()
