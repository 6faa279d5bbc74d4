"""How far a mean over the test images could be off: percentile bootstrap."""

import numpy as np

_BLOCK_DRAWS = 2_000_000


def bootstrap_interval(
    values, *, classes=None, num_resamples=1000, level=0.95, seed=0
):
    """Percentile bootstrap interval of a mean over images or over classes.

    Without `classes`, images are redrawn with replacement and averaged. With
    `classes`, images are redrawn *within* their class, and the statistic is the
    mean of the class means. A class of n images then redraws n - 1 of them,
    which makes the variance of its mean unbiased: redrawing n would make it too
    small by (n - 1) / n, a third for classes of three. A class with a single
    image cannot tell its spread: such classes are one stratum, whose images are
    redrawn among each other, which also counts how the classes differ and so
    is never too narrow. Where every class has a single image this is the
    interval of the mean over images. A lone class of one image adds nothing.

    The interval is about the choice of test images. It does not know how far
    another training run would be. Where all values are equal it has no width.

    Args:
        values: Float array of shape `(num_images,)`, any statistic per image:
            0 or 1 for right or wrong, a loss, a rank.
        classes: `None`, or integer array of shape `(num_images,)`.
        num_resamples: Int at least 1. Defaults to `1000`.
        level: Float in [0, 1], the share of the resampled means inside.
            Defaults to `0.95`.
        seed: Int. Defaults to `0`.

    Returns:
        `(low, high)`, floats.

    Raises:
        ValueError: for no values, NaN, shapes that differ, or options outside
            their range.

    Example:

    >>> low, high = bootstrap_interval([0, 1] * 50)
    >>> low < 0.5 < high, round(high - low, 1)
    (True, 0.2)

    References:
        Efron, "Bootstrap Methods: Another Look at the Jackknife", 1979.
        McCarthy and Snowden, "The Bootstrap and Finite Population Sampling",
        1985 (n - 1 draws per stratum). Cochran, "Sampling Techniques", 1977,
        5A.12 (collapsed strata).
    """
    values = np.asarray(values, np.float64)
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise ValueError(
            "values must be one finite number per image, for at least one "
            f"image. Received: values.shape={values.shape}. Leave out images "
            "without a value."
        )
    if num_resamples < 1 or not 0 < level < 1:
        raise ValueError(
            "num_resamples must be at least 1 and level between 0 and 1. "
            f"Received: num_resamples={num_resamples}, level={level}. Usual "
            "are 1000 and 0.95."
        )
    generator = np.random.default_rng(seed)
    if classes is None:
        means = _image_means(values, num_resamples, generator)
    else:
        classes = np.asarray(classes)
        if classes.shape != values.shape:
            raise ValueError(
                "classes must be one class per value. Received: "
                f"classes.shape={classes.shape}, values.shape={values.shape}. "
                "Give the labels of the same images."
            )
        strata, weights = _strata(classes)
        if len(weights) == 1:
            means = _image_means(values, num_resamples, generator)
        else:
            means = _stratum_means(
                values, strata, weights, num_resamples, generator
            )
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _image_means(values, num_resamples, generator):
    means = np.empty(num_resamples)
    for part in _blocks(num_resamples, len(values)):
        size = (part.stop - part.start, len(values))
        means[part] = values[generator.integers(len(values), size=size)].mean(1)
    return means


def _strata(classes):
    """Number of each image's stratum, and how many classes each stands for."""
    _, index, sizes = np.unique(
        classes, return_inverse=True, return_counts=True
    )
    single = sizes == 1
    if single.sum() < 2:
        return index, np.ones(len(sizes))
    # Those of one image together, after all others.
    number = np.where(single, (~single).sum(), np.cumsum(~single) - 1)
    weights = np.append(np.ones((~single).sum()), single.sum())
    return number[index], weights


def _stratum_means(values, strata, weights, num_resamples, generator):
    values = values[np.argsort(strata, kind="stable")]
    sizes = np.bincount(strata)
    starts = np.cumsum(sizes) - sizes
    draws = np.maximum(sizes - 1, 1)
    first = np.cumsum(draws) - draws
    # Position by position of a resample: where its class starts, how big it is.
    offset = np.repeat(starts, draws)
    width = np.repeat(sizes, draws)
    even = (weights == 1).all()
    means = np.empty(num_resamples)
    for part in _blocks(num_resamples, len(offset)):
        uniform = generator.random((part.stop - part.start, len(offset)))
        picked = values[offset + (uniform * width).astype(np.int64)]
        of_strata = np.add.reduceat(picked, first, axis=1) / draws
        if even:
            means[part] = of_strata.mean(1)
        else:
            means[part] = of_strata @ (weights / weights.sum())
    return means


def _blocks(num_resamples, num_draws):
    step = max(1, _BLOCK_DRAWS // num_draws)
    for start in range(0, num_resamples, step):
        yield slice(start, min(start + step, num_resamples))
