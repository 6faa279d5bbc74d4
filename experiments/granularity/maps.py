"""Figures 6.1, 6.9 and 6.11: t-SNE maps with their granularity.

Command: python -m experiments.granularity.maps
Time: see README.md. Needs the features of `experiments.features`.

First row: the ten classes of CIFAR-100 that are most fine-grained among
themselves (bitter), ten at random, and the ten least so (sweet), ImageNet
features of the test images. Second row: birds (cub100) under three
pre-trainings, 15 test images of each species. RankM is of what is drawn. The
thesis reports .380 (ImageNet) and .075 (iNaturalist) for NABirds.
"""

import argparse

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from experiments import features
from experiments.granularity import charts
from fgkeras.granularity import class_pairs
from fgkeras.granularity import rankm


def place(values):
    """Returns a place in the plane for each image."""
    values = values / np.linalg.norm(values, axis=1, keepdims=True)
    values = PCA(50, random_state=0).fit_transform(values)
    return TSNE(random_state=0, init="pca", perplexity=30).fit_transform(values)


def panel(axis, values, labels, title):
    """Draws a map and returns its RankM."""
    measured = rankm(values, labels)
    low, high = measured.interval()
    places = place(values)
    axis.scatter(
        *places.T, c=measured.class_ids, s=3, cmap="nipy_spectral", linewidths=0
    )
    axis.set_title(f"{title}\nRankM {measured.value:.3f}")
    axis.set_xticks([])
    axis.set_yticks([])
    axis.grid(visible=False)
    print(title, round(measured.value, 4), flush=True)
    return {
        "images": len(labels),
        "rankm": round(measured.value, 4),
        "interval": [round(low, 4), round(high, 4)],
    }


def main():
    """Measures and draws."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    args = parser.parse_args()
    result = {}
    found = features.load(args.cache, "cifar100", "test", "imagenet")
    names = found.class_names[found.labels]
    pairs = class_pairs(found.features, names)
    subsets = {
        "bitter": pairs.bitter(10),
        "random": np.random.default_rng(0).permutation(found.class_names)[:10],
        "sweet": pairs.sweet(10),
    }
    figure, axes = charts.new_figure(3, 2.6, 2.9)
    for axis, (title, chosen) in zip(axes, subsets.items(), strict=True):
        part = np.isin(names, chosen)
        result[title] = panel(
            axis, found.features[part], names[part], f"cifar100, {title} ten"
        )
        result[title]["classes"] = sorted(chosen.tolist())
    charts.save_figure(figure, "maps_subsets")
    result["hardest_pairs"] = [
        [first, second, round(value, 4)]
        for first, second, value, _ in pairs.hardest(5)
    ]
    figure, axes = charts.new_figure(3, 2.6, 2.9)
    for axis, body in zip(axes, features.BODIES, strict=True):
        found = features.load(args.cache, "cub100", "test", body)
        part = features.per_class_subset(found.labels, 15)
        result[f"cub100 {body}"] = panel(
            axis, found.features[part], found.labels[part],
            f"cub100, {charts.NAMES[body]}",
        )  # fmt: skip
    charts.save_figure(figure, "maps_bodies")
    charts.save_result("maps", result)


if __name__ == "__main__":
    main()
