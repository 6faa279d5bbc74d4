"""Batches on which losses are compared with loops."""

import numpy as np

LABELS = np.array([0, 2, 0, 1, 1, 0, 3, 2, 0])


def batch(seed=0, dim=4):
    """Labels with a singleton, and rows of unequal length in float64."""
    rng = np.random.default_rng(seed)
    return LABELS, rng.normal(size=(len(LABELS), dim))


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def partners(anchor):
    """Columns of the positives and of the negatives of an anchor."""
    others = [j for j in range(len(LABELS)) if j != anchor]
    same = [j for j in others if LABELS[j] == LABELS[anchor]]
    return same, [j for j in others if LABELS[j] != LABELS[anchor]]
