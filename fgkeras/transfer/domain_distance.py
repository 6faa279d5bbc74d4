"""How far apart two sets of images are, and how alike."""

import numpy as np

from fgkeras.transfer.domain import Domain
from fgkeras.transfer.ground_distances import ground_distances
from fgkeras.transfer.transport import transport

# The published decay, for features of about 2,048 dimensions.
GAMMA = 0.01


def domain_distance(source, target):
    """Earth mover's distance between the class means of two domains.

    Use it to ask how far a set to pre-train on is from the set to recognize.

        d(S, T) = min_F sum_ij F_ij |g(s_i) - g(t_j)|

    over flows F whose margins are the classes' shares of the images.

    Args:
        source: `Domain`.
        target: `Domain` of the same features.

    Returns:
        Float, in the unit of the features.

    Raises:
        ValueError: for what is no domain, or features of other dimensions.

    Example:

    >>> line = [Domain([[a], [a + 1.0]], [1, 1], "xy") for a in (0.0, 5.0)]
    >>> domain_distance(*line)
    5.0

    References:
        Cui, Song, Sun, Howard, Belongie, "Large Scale Fine-Grained
        Categorization and Domain-Specific Transfer Learning", 2018, eq. 2.
    """
    return transport(
        class_distances(source, target), source.weights, target.weights
    ).cost


def domain_similarity(source, target, *, gamma=GAMMA):
    """Similarity of two domains, 1 where their classes coincide.

        sim(S, T) = exp(-gamma d(S, T))

    Args:
        source: `Domain`.
        target: `Domain` of the same features.
        gamma: Float above 0, per unit of the features. It spreads the values
            and changes no order. Defaults to `0.01`, as published.

    Returns:
        Float in (0, 1].

    Raises:
        ValueError: as `domain_distance`, and for gamma <= 0.

    Example:

    >>> domain = Domain([[1.0], [2.0]], [1, 1], "ab")
    >>> domain_similarity(domain, domain)
    1.0
    """
    check_gamma(gamma)
    return float(np.exp(-gamma * domain_distance(source, target)))


def class_distances(source, target):
    """Distances between the class means of two domains.

    Args:
        source: `Domain`.
        target: `Domain` of the same features.

    Returns:
        `float64` array of shape `(source classes, target classes)`.

    Raises:
        ValueError: for what is no domain, or features of other dimensions.
    """
    for name, value in (("source", source), ("target", target)):
        if not isinstance(value, Domain):
            raise ValueError(
                f"{name} must be a Domain. Received: {name} of type "
                f"{type(value).__name__}. Make it with make_domain(features, "
                "labels)."
            )
    if source.network and target.network and source.network != target.network:
        raise ValueError(
            "Domains are compared by features of one network. Received: "
            f"{source.network} and {target.network}. Make both with the same "
            "weights and size."
        )
    return ground_distances(source.means, target.means)


def check_gamma(gamma):
    """Raises unless gamma is above 0."""
    if not 0 < gamma < float("inf"):
        raise ValueError(
            f"gamma must be above 0. Received: gamma={gamma}. The published "
            f"value is {GAMMA}."
        )
