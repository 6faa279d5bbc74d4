"""Figure 6.4: four indices on two Gaussian classes that part.

Command: python -m experiments.granularity.separation
Time: see README.md. Needs no images.

Expected: from about 1.0, 1.0, 0.5, 0.5 (RS, RSM, Rank, RankM) at distance 0 to
0.18, 0.13, 0, 0 at distance 10. The thesis prints a figure only; `REFERENCE`
was measured with a program of its own (20 draws of 2 x 1,000 points).
"""

import argparse

import numpy as np

from experiments.granularity import charts
from fgkeras.granularity import simulated_granularity

SEPARATIONS = [0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9, 10]
REFERENCE = {
    "RS": [1.0003, 0.9801, 0.9230, 0.8442, 0.7491, 0.6570, 0.5718]
    + [0.4424, 0.3546, 0.2964, 0.2546, 0.2218, 0.1980, 0.1768],
    "RSM": [1.0039, 1.0745, 1.0648, 0.9513, 0.7744, 0.5988, 0.4723]
    + [0.3315, 0.2585, 0.2139, 0.1826, 0.1585, 0.1412, 0.1256],
    "Rank": [0.4988, 0.4816, 0.4339, 0.3684, 0.2913, 0.2186, 0.1546]
    + [0.0692, 0.0263, 0.0095, 0.0029, 0.0007, 0.0002, 0.0],
    "RankM": [0.4897, 0.4027, 0.3083, 0.2274, 0.1593, 0.1069, 0.0668]
    + [0.0218, 0.0054, 0.0017, 0.0004, 0.0001, 0.0, 0.0],
}


def main():
    """Measures, compares and draws."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=20)
    args = parser.parse_args()
    found = simulated_granularity(SEPARATIONS, num_repeats=args.repeats)
    result = {"separations": SEPARATIONS, "repeats": args.repeats}
    figure, axes = charts.new_figure(2)
    for name, values in found.items():
        mean, deviation = values.mean(1), values.std(1, ddof=1)
        error = np.abs(mean - REFERENCE[name])
        # Both means are of draws, so their difference spreads sqrt(2) wider.
        spread = deviation * np.sqrt(1 / args.repeats + 1 / 20) + 5e-5
        result[name] = {
            "mean": mean.round(4).tolist(),
            "deviation": deviation.round(4).tolist(),
            "largest_difference": round(float(error.max()), 4),
            "largest_difference_in_spreads": round(
                float((error / spread).max()), 2
            ),
        }
        axis = axes[0] if name in ("RS", "RSM") else axes[1]
        line = axis.errorbar(
            SEPARATIONS, mean, deviation, label=name, linewidth=1, capsize=2
        )
        axis.plot(
            SEPARATIONS, REFERENCE[name], "o", markersize=4,
            markerfacecolor="none", color=line[0].get_color(),
        )  # fmt: skip
    for axis in axes:
        axis.set_xlabel("distance of the two means (deviations)")
        axis.set_ylabel("granularity")
        axis.set_ylim(bottom=0)
        axis.legend()
    charts.save_figure(figure, "separation")
    charts.save_result("separation", result)


if __name__ == "__main__":
    main()
