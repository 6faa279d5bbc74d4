"""No more of a class than people can look at."""

import numpy as np


def class_cap(order, classes, *, cap):
    """Keeps the first so many of each class of an order.

    Use it behind any strategy: a pool of common species would drown the rare.

    Args:
        order: Integer array of shape `(num_offered,)`, positions.
        classes: Integer array of shape `(num_images,)`, predicted ones.
        cap: Int at least 1.

    Returns:
        `int64 (num_kept,)`, positions in the same order.

    Raises:
        ValueError: If the cap is below 1, or positions lie outside.

    Example:

    >>> class_cap([3, 0, 1, 2], [0, 0, 1, 0], cap=2).tolist()
    [3, 0, 2]
    """
    order, classes = np.asarray(order, np.int64), np.asarray(classes)
    if cap < 1:
        raise ValueError(
            f"cap must be at least 1. Received: cap={cap}. Leave it out to "
            "offer all."
        )
    if order.size and not 0 <= order.min() <= order.max() < len(classes):
        raise ValueError(
            "The order must name pictures that have a class. Received: "
            f"positions from {order.min()} to {order.max()} for {len(classes)} "
            "classes."
            " Give positions in the pool."
        )
    own = classes[order]
    by_class = np.argsort(own, kind="stable")
    sorted_classes = own[by_class]
    first = np.searchsorted(sorted_classes, sorted_classes, side="left")
    place = np.empty(len(order), np.int64)
    place[by_class] = np.arange(len(order)) - first
    return order[place < cap]
