"""How far an index could be off, everything it depends on redrawn."""

import statistics

import numpy as np

from fgkeras.granularity.medoids import checked


def resampled_interval(
    index,
    values,
    labels,
    *,
    metric="unit_euclidean",
    num_resamples=50,
    level=0.95,
    seed=0,
):
    """Interval of an index by repeated halves of every class.

    The index is computed anew on random halves of each class, medoids and
    neighbours included. Halves drawn without repetition spread as much as the
    whole set does over repeated collection, whereas an image drawn twice, as a
    bootstrap does, would be its own neighbour at distance 0. The interval is

        value -+ z * deviation of the halves

    about the value of the whole set. It is about the choice of images, not of
    classes. Use `Granularity.interval` where this takes too long.

    Args:
        index: Callable of `(values, labels, metric=...)` returning a
            `Granularity` or a float, such as `rankm`.
        values: Features or a matrix of distances; see `Distances`.
        labels: One label per image, in any form; see `class_labels`.
        metric: String; see `Distances`. Defaults to `"unit_euclidean"`.
        num_resamples: Int at least 2. Defaults to `50`.
        level: Float in [0, 1]. Defaults to `0.95`.
        seed: Int. Defaults to `0`.

    Returns:
        `(low, high)`, floats.

    Raises:
        ValueError: for options out of range, a class of fewer than four
            images, and what the index refuses.

    Example:

    >>> from fgkeras.granularity import rankm, two_gaussians
    >>> x, y = two_gaussians(2.0, 200, seed=0)
    >>> low, high = resampled_interval(rankm, x, y, metric="euclidean")
    >>> low < 0.159 < high
    True

    References:
        Shao and Wu, "A General Theory for Jackknife Variance Estimation",
        1989 (deleting half of the sample).
    """
    if num_resamples < 2 or not 0 < level < 1:
        raise ValueError(
            "num_resamples must be at least 2 and level between 0 and 1. "
            f"Received: num_resamples={num_resamples}, level={level}. Usual "
            "are 50 and 0.95."
        )
    distances, classes = checked(values, labels, metric)
    if classes.counts.min() < 4:
        small = classes.names[classes.counts.argmin()].item()
        raise ValueError(
            "Halves need at least four images in every class. Received: "
            f"{classes.counts.min()} of class {small!r}. Use "
            "`Granularity.interval`, or leave out such classes."
        )
    whole = float(index(distances.values, classes.ids, metric=distances.metric))
    generator = np.random.default_rng(seed)
    halves = np.empty(num_resamples)
    for i in range(num_resamples):
        chosen = np.sort(_half(classes, generator))
        part = distances.values[chosen]
        if distances.metric == "precomputed":
            part = part[:, chosen]
        halves[i] = float(
            index(part, classes.ids[chosen], metric=distances.metric)
        )
    width = statistics.NormalDist().inv_cdf((1 + level) / 2)
    width *= float(halves.std(ddof=1))
    return whole - width, whole + width


def _half(classes, generator):
    """Draws half of each class; of an odd one, half rounded at random."""
    parts = []
    for class_id in range(classes.num_classes):
        members = classes.members(class_id)
        size = (len(members) + generator.integers(2)) // 2
        parts.append(generator.permutation(members)[:size])
    return np.concatenate(parts)
