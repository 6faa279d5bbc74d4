"""An index on the same number of classes, so that sets compare."""

import dataclasses

import numpy as np

from fgkeras.granularity.class_labels import class_labels


@dataclasses.dataclass(frozen=True, eq=False)
class DrawnGranularity:
    """An index over repeated draws of classes.

    Attributes:
        values: `float64 (num_draws,)`, the index of each draw.
        num_classes: Int, classes of a draw.
        images_drawn: Int, images of each class, or `None` for all.

    Example:

    >>> found = DrawnGranularity(np.array([0.1, 0.2, 0.3]), 5, None)
    >>> {name: round(value, 2) for name, value in found.summary.items()}
    {'value': 0.2, 'low': 0.11, 'high': 0.29}
    """

    values: np.ndarray
    num_classes: int
    images_drawn: int | None

    def __float__(self):
        return float(self.values.mean())

    @property
    def summary(self):
        """Dict of `value`, the mean, and `low`, `high`: 95 % of the draws."""
        low, high = np.quantile(self.values, [0.025, 0.975])
        return {"value": float(self), "low": float(low), "high": float(high)}


def drawn_granularity(
    index,
    values,
    labels,
    num_classes,
    *,
    images_drawn=None,
    num_draws=50,
    metric="unit_euclidean",
    seed=0,
    progress=None,
):
    """Measures an index on classes drawn at random, again and again.

    RankM of a set grows with its number of classes, since each adds a medoid
    that may be nearer, and with the images of a class where they are few,
    since the medoid itself is always right. Two sets compare where both numbers
    are the same: draw as many classes as the smaller set has, and as many
    images of each.

    Args:
        index: Callable of `(values, labels, metric=...)` returning a
            `Granularity`, such as `rankm`.
        values: Float array of shape `(num_images, dim)`, features.
        labels: One label per image, in any form; see `class_labels`.
        num_classes: Int at least 2, classes of a draw. All of the set are
            drawn once, unless `images_drawn` leaves a choice.
        images_drawn: Int at least 2, or `None`: images of each class in a
            draw, from the classes that have so many; `None` takes all images
            of the classes that have two.
        num_draws: Int at least 1. Defaults to `50`.
        metric: `"euclidean"`, `"unit_euclidean"` or `"cosine"`. Defaults to
            `"unit_euclidean"`.
        seed: Int. Defaults to `0`.
        progress: `None`, or callable of `(done, total)`.

    Returns:
        `DrawnGranularity`.

    Raises:
        ValueError: for more classes or images than there are.

    Example:

    >>> from fgkeras.granularity import rankm
    >>> x = np.repeat(np.arange(8.0), 10)
    >>> x = np.stack([x + np.tile(np.linspace(0, 2, 10), 8), 0 * x], axis=1)
    >>> y = np.repeat(np.arange(8), 10)
    >>> few = drawn_granularity(rankm, x, y, 2, metric="euclidean")
    >>> float(few) < rankm(x, y, metric="euclidean").value
    True
    """
    values = np.asarray(values)
    able = check_draw(labels, num_classes, images_drawn)
    if num_draws < 1:
        raise ValueError(
            f"num_draws must be at least 1. Received: num_draws={num_draws}."
        )
    ids = class_labels(labels).ids
    members = {c: np.flatnonzero(ids == c) for c in able}
    if num_classes == len(able) and images_drawn is None:
        num_draws = 1
    rng = np.random.default_rng(seed)
    found = np.empty(num_draws)
    for draw in range(num_draws):
        parts = [
            members[c]
            if images_drawn is None
            else rng.permutation(members[c])[:images_drawn]
            for c in rng.permutation(able)[:num_classes]
        ]
        rows = np.concatenate(parts)
        found[draw] = float(index(values[rows], ids[rows], metric=metric))
        if progress:
            progress(draw + 1, num_draws)
    return DrawnGranularity(found, num_classes, images_drawn)


def check_draw(labels, num_classes, images_drawn=None):
    """Returns the classes that can be drawn, or says why they are too few.

    Args:
        labels: One label per image, in any form; see `class_labels`.
        num_classes: Int, classes of a draw.
        images_drawn: Int, images of each, or `None` for all, two at least.

    Returns:
        Int64 array, positions of classes in their order.

    Raises:
        ValueError: for fewer than two of either, or more than there are.

    Example:

    >>> check_draw(["a", "a", "b", "c", "c"], 2).tolist()
    [0, 2]
    """
    if num_classes < 2 or (images_drawn is not None and images_drawn < 2):
        raise ValueError(
            "At least two classes and two images of each are drawn. Received: "
            f"num_classes={num_classes}, images_drawn={images_drawn} "
            "(--classes-drawn, --images-drawn)."
        )
    counts = class_labels(labels).counts
    able = np.flatnonzero(counts >= (images_drawn or 2))
    if num_classes > len(able):
        raise ValueError(
            f"{num_classes} classes of {images_drawn or 2} images or more "
            f"cannot be drawn. Received: num_classes={num_classes}, "
            f"images_drawn={images_drawn}; {len(able)} of {len(counts)} "
            "classes have so many. Draw fewer of either (--classes-drawn, "
            "--images-drawn)."
        )
    return able
