"""Batches on which miners are compared with loops."""

import numpy as np


def random_case(seed, size=14, *, ties=False):
    """Labels with a singleton and a large class; their distances."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 4, size)
    labels[3] = 9
    x = rng.normal(size=(size, 3))
    if ties:
        x = np.round(x)
    d = np.linalg.norm(x[:, None] - x[None], axis=-1)
    return labels, d.astype("float32")


def pairs_of(labels, anchor):
    """Columns of the positives and of the negatives of an anchor."""
    others = [j for j in range(len(labels)) if j != anchor]
    same = [j for j in others if labels[j] == labels[anchor]]
    return same, [j for j in others if labels[j] != labels[anchor]]
