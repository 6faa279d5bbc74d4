"""What the granularity experiments share: charts, correlations, results."""

import json

import numpy as np

from experiments import plots
from experiments.results import results_folder

COLORS = {
    "imagenet": "#1f6f8b",
    "inat_birds": "#c8553d",
    "inat_insects": "#6a994e",
    "pixels": "#777777",
    "on coarse": "#8d6a9f",
}
NAMES = {
    "imagenet": "ImageNet",
    "inat_birds": "iNat birds",
    "inat_insects": "iNat insects",
    "pixels": "pixels",
    "on coarse": "ImageNet, on coarse",
}


def new_figure(columns=1, width=4.6, height=3.4):
    """Returns a matplotlib figure and a flat list of its axes."""
    pyplot = plots.pyplot()
    pyplot.rcParams.update(
        {
            "font.size": 8,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": "#dddddd",
            "grid.linewidth": 0.6,
            "axes.axisbelow": True,
            "legend.frameon": False,
        }
    )
    figure, axes = pyplot.subplots(
        1, columns, figsize=(width * columns, height), squeeze=False
    )
    return figure, list(axes[0])


def save_figure(figure, name):
    """Writes `NAME.png` beside this file."""
    figure.tight_layout()
    figure.savefig(results_folder(__file__) / f"{name}.png", dpi=110)


def save_result(name, result):
    """Writes `NAME.json` beside this file and says where."""
    path = results_folder(__file__) / f"{name}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(f"wrote {path.name}", flush=True)


def pearson(x, y, num_resamples=2000, seed=0):
    """Returns Pearson's r with two 95 % intervals, rounded.

    `fisher` assumes a bivariate normal, `bootstrap` redraws the points.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    r = float(np.corrcoef(x, y)[0, 1])
    width = 1.959964 / np.sqrt(len(x) - 3)
    fisher = np.tanh(np.arctanh(r) + np.array([-width, width]))
    rng = np.random.default_rng(seed)
    draws = []
    for index in rng.integers(len(x), size=(num_resamples, len(x))):
        if np.ptp(x[index]) > 0 and np.ptp(y[index]) > 0:
            draws.append(np.corrcoef(x[index], y[index])[0, 1])
    return {
        "r": round(r, 4),
        "points": len(x),
        "fisher": [round(float(v), 4) for v in fisher],
        "bootstrap": [
            round(float(v), 4) for v in np.quantile(draws, [0.025, 0.975])
        ],
    }
