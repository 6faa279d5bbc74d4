"""Which classes of the source stand nearest to each class of the target."""

import numpy as np

from fgkeras.transfer.domain_distance import class_distances


def nearest_classes(source, target, num_nearest=3):
    """Lists the source classes nearest to each target class.

    Use it to see by name what a similarity means: cardinals should be near to
    other songbirds, not to cars.

    Args:
        source: `Domain`.
        target: `Domain` of the same features.
        num_nearest: Int at least 1; more than the source has gives all.
            Defaults to `3`.

    Returns:
        List of one dict per target class, nearest target classes first:
        `target` (str), `weight` (float, its share of the target's images) and
        `sources`, a list of `{"name", "distance"}`, nearest first.

    Raises:
        ValueError: as `domain_distance`, and for num_nearest < 1.

    Example:

    >>> from fgkeras.transfer.domain import Domain
    >>> source = Domain([[0.0], [5.0]], [1, 1], ["crow", "truck"])
    >>> target = Domain([[4.0], [0.5]], [1, 1], ["bus", "raven"])
    >>> [(row["target"], row["sources"][0]["name"])
    ...     for row in nearest_classes(source, target, 1)]
    [('raven', 'crow'), ('bus', 'truck')]
    """
    if num_nearest < 1:
        raise ValueError(
            "num_nearest must be at least 1. Received: "
            f"num_nearest={num_nearest}."
        )
    distances = class_distances(source, target)
    order = np.argsort(distances, axis=0, kind="stable")[:num_nearest]
    first = distances[order[0], np.arange(len(target))]
    weights = target.weights
    return [
        {
            "target": target.class_names[j],
            "weight": float(weights[j]),
            "sources": [
                {
                    "name": source.class_names[i],
                    "distance": float(distances[i, j]),
                }
                for i in order[:, j]
            ],
        }
        for j in np.argsort(first, kind="stable")
    ]
