"""Does the resolution of the lowest granularity give the best classifier?

Command: for each PX of 96 128 224:
    python -m experiments.features --size PX --cache FEATURES/PX \
        --bodies imagenet --sets cub100 cars196 grocery
    then python -m experiments.audit.resolution --cache FEATURES
Time: features some 7 minutes, the probes 3 minutes, on one CPU core.
Resumable: every (set, resolution) is a row of `resolution.json`.

RankM of the training images (at most 3,000, drawn as the audit draws them)
against the accuracy of a linear probe on the test images, ImageNet features of
one network at several resolutions. The rule of the audit: take the resolution
of the lowest RankM. The default: 160 pixels.
"""

import argparse
import json
import pathlib

from experiments import features
from experiments.audit.probe import rankm_and_probe
from experiments.results import result_path

SETS = ("cub100", "cars196", "grocery")
SIZES = (96, 128, 160, 224)
DEFAULT = 160


def main():
    """Measures what is missing and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    args = parser.parse_args()
    path = result_path(__file__)
    rows = json.loads(path.read_text()) if path.exists() else {}
    for name in args.sets:
        for size in args.sizes:
            if f"{name}/{size}" in rows:
                continue
            cache = pathlib.Path(args.cache)
            cache = cache if size == DEFAULT else cache / str(size)
            rows[f"{name}/{size}"] = rankm_and_probe(cache, name, "imagenet")
            path.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
            print(name, size, rows[f"{name}/{size}"], flush=True)
    for name in args.sets:
        found = {size: rows[f"{name}/{size}"] for size in args.sizes}
        chosen = min(found, key=lambda size: found[size]["rankm"])
        cells = " | ".join(
            f"{found[s]['rankm']:.3f} {100 * found[s]['probe']:.1f}"
            for s in args.sizes
        )
        print(
            f"| {name} | {cells} | {chosen} | "
            f"{100 * found[chosen]['probe']:.1f} | "
            f"{100 * found[DEFAULT]['probe']:.1f} |"
        )


if __name__ == "__main__":
    main()
