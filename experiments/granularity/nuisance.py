"""Figure 6.12: nuisance factors raise granularity.

Command: python -m experiments.granularity.nuisance
Time: see README.md. Needs the image set and the weights.

Ten test images of each bird species (cub100), 160 pixels, under Gaussian
noise, salt and pepper, and reduced resolution of growing strength; features
of the ImageNet and the birds body. Expected: RankM rises with the strength.
"""

import argparse

import numpy as np

from experiments import features
from experiments.granularity import charts
from fgkeras.granularity import rankm

STRENGTHS = {
    "gaussian_noise": [8, 16, 32, 64],
    "salt_and_pepper": [0.01, 0.03, 0.1, 0.3],
    "low_resolution": [96, 64, 32, 16],
}
AXES = {
    "gaussian_noise": "deviation of the noise (of 255)",
    "salt_and_pepper": "share of pixels turned",
    "low_resolution": "resolution (pixels)",
}


def images(args):
    """Returns uint8 images and their labels."""
    from fgkeras import data
    from fgkeras.data.batches.arrays import decode_split

    source = data.open(f"zip:{args.data}/{args.set}/{args.set}.zip")
    part = features.per_class_subset(
        source.split("test").labels, args.per_class
    )
    source = source.select("test", part)
    encoded, split, _ = data.load_encoded(source, "test")
    return decode_split(encoded, args.size), split.labels


def main():
    """Measures each strength of each factor and draws them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    parser.add_argument("--set", default="cub100")
    parser.add_argument("--per-class", type=int, default=10)
    parser.add_argument("--size", type=int, default=160)
    parser.add_argument(
        "--bodies", nargs="+", default=["imagenet", "inat_birds"]
    )
    args = parser.parse_args()
    from fgkeras.data.images import nuisance

    pixels, labels = images(args)
    model = features.build_model(args.data, args.bodies, args.size)

    def measure(changed):
        parts = []
        for start in range(0, len(changed), 64):
            out = model.predict_on_batch(changed[start : start + 64] * 1.0)
            parts.append(out if isinstance(out, list) else [out])
        return {
            body: round(
                rankm(
                    np.concatenate([part[i] for part in parts]), labels
                ).value,
                4,
            )
            for i, body in enumerate(args.bodies)
        }

    result = {"images": len(labels), "none": measure(pixels)}
    print("none", result["none"], flush=True)
    figure, axes = charts.new_figure(3, 2.9, 2.8)
    for axis, (factor, strengths) in zip(axes, STRENGTHS.items(), strict=True):
        rows = [result["none"]]
        for strength in strengths:
            rows.append(measure(getattr(nuisance, factor)(pixels, strength)))
            print(factor, strength, rows[-1], flush=True)
        none = args.size if factor == "low_resolution" else 0
        result[factor] = [
            {"strength": strength, **row}
            for strength, row in zip([none, *strengths], rows, strict=True)
        ]
        for body in args.bodies:
            axis.plot(
                range(len(rows)), [row[body] for row in rows], "o-",
                color=charts.COLORS[body], label=charts.NAMES[body],
            )  # fmt: skip
        axis.set_xticks(range(len(rows)), [none, *strengths])
        axis.set_xlabel(AXES[factor])
        axis.set_ylim(0, 1)
        axis.set_title(factor.replace("_", " "))
    axes[0].set_ylabel("RankM")
    axes[0].legend()
    charts.save_figure(figure, "nuisance")
    charts.save_result("nuisance", result)


if __name__ == "__main__":
    main()
