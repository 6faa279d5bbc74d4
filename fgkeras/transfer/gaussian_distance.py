"""Domain distance with a Gaussian, not only a mean, for each class."""

import numpy as np

from fgkeras.transfer.domain import check_features
from fgkeras.transfer.ground_distances import ground_distances
from fgkeras.transfer.transport import transport


def gaussian_class_distance(
    source_features, source_labels, target_features, target_labels
):
    """Transport distance whose classes are Gaussians instead of points.

    Use it where classes of the same mean but another spread should count as
    different. The ground distance is the 2-Wasserstein distance of two
    Gaussians with the classes' means and (1/n) covariances:

        |m_a - m_b|^2 + tr A + tr B - 2 tr (A^1/2 B A^1/2)^1/2

    and the root of its optimal transport cost is returned. The last trace is
    the nuclear norm of X_a X_b' / sqrt(n_a n_b) for centered images X, so the
    full covariances are used without being formed, and the time goes with the
    images of a class instead of the dimensions.

    Args:
        source_features: Float array of shape `(num_images, dim)`.
        source_labels: Integer array of shape `(num_images,)`, 0-based.
        target_features: Float array of shape `(num_target_images, dim)`.
        target_labels: Integer array of shape `(num_target_images,)`, 0-based.

    Returns:
        Float, in the unit of the features.

    Raises:
        ValueError: for arrays that do not fit.

    Example:

    >>> points = [[-1.0], [1.0]]
    >>> round(gaussian_class_distance(
    ...     points, [0, 0], [[-3.0], [3.0]], [0, 0]), 6)
    2.0

    References:
        Alvarez-Melis, Fusi, "Geometric Dataset Distances via Optimal
        Transport", 2020 (Gaussian classes as ground distance).
    """
    source = _classes(source_features, source_labels)
    target = _classes(target_features, target_labels)
    squared = (
        ground_distances(
            np.stack([c[0] for c in source]), np.stack([c[0] for c in target])
        )
        ** 2
    )
    for i, (_, x, x_spread, _) in enumerate(source):
        for j, (_, y, y_spread, _) in enumerate(target):
            joint = np.linalg.svd(x @ y.T, compute_uv=False).sum()
            squared[i, j] += x_spread + y_spread - 2 * joint
    cost = transport(
        np.maximum(squared, 0.0),
        [c[3] for c in source],
        [c[3] for c in target],
    ).cost
    return float(np.sqrt(cost))


def _classes(features, labels):
    """Mean, centered images / sqrt(n), trace of covariance, n per class."""
    features, labels = check_features(features, labels)
    found = []
    for label in np.unique(labels):
        x = features[labels == label].astype(np.float64)
        mean = x.mean(axis=0)
        x = (x - mean) / np.sqrt(len(x))
        found.append((mean, x, float(np.vdot(x, x)), len(x)))
    return found
