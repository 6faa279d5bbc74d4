"""Effective number of samples of a class, and the weights made from it."""

import textwrap

import numpy as np

from fgkeras.ops.class_counts import filled_counts
from fgkeras.ops.class_counts import real_numbers
from fgkeras.ops.hyperparameter import Number

BETA = Number(
    least=0,
    most=1,
    hint="Use 0 for no weighting and 1 for inverse frequency.",
)


def checked_beta(beta, counts):
    """Returns `beta` as a float, or as a tuple of one float per class.

    Args:
        beta: Float in [0, 1], or sequence of them, one per class.
        counts: NumPy array, images per class.

    Raises:
        ValueError: If a number lies outside [0, 1], or there is another number
            of them than of classes.

    Example:
    >>> checked_beta([0.9, 0.99], np.array([100, 1]))
    (0.9, 0.99)
    """
    if isinstance(beta, str) or not np.iterable(beta):
        return BETA.checked("beta", beta)
    values = np.asarray(beta)
    if values.ndim != 1 or values.shape != counts.shape:
        shown = textwrap.shorten(repr(beta), 60)
        raise ValueError(
            "`beta` must be a number, or hold one number per class. Received: "
            f"beta={shown}, of shape {values.shape} for counts of shape "
            f"{counts.shape}."
        )
    return tuple(
        BETA.checked(f"beta[{i}]", b) for i, b in enumerate(values.tolist())
    )


def effective_number(counts, beta):
    """Returns how many distinct samples `counts` images are worth.

    Images of one class overlap, so the gain of a further one shrinks:

        E(n) = (1 - beta**n) / (1 - beta)

    `beta = 0` gives 1 for every class that has an image, `beta = 1` is the
    limit `E(n) = n`. `1 / (1 - beta)` is the most that a class can be worth; a
    `beta` of its own says how varied its images are.

    Args:
        counts: Array-like of numbers at least 0, any shape; fractions too.
            Images per class.
        beta: Float in [0, 1], or one for each of a vector of counts.

    Returns:
        NumPy `float64` array shaped like `counts`.

    Raises:
        ValueError: If `beta` lies outside [0, 1], or a count is negative or
            not a number.

    Example:
    >>> effective_number([0, 1, 2, 10_000], beta=0.5).tolist()
    [0.0, 1.0, 1.5, 2.0]

    Reference:

    - [Cui et al., 2019](https://arxiv.org/abs/1901.05555), Proposition 1.
    """
    counts = real_numbers("counts", counts)
    beta = checked_beta(beta, counts)
    if not (counts >= 0.0).all():
        raise ValueError(
            "`counts` must be numbers of images, at least 0. Received: "
            f"counts={counts.tolist()}."
        )
    if isinstance(beta, tuple):
        out = np.empty_like(counts)
        for value in set(beta):
            own = np.equal(beta, value)
            out[own] = _effective(counts[own], value)
        return out
    return _effective(counts, beta)


def effective_number_curves(betas, largest):
    """Returns effective numbers from one image to more than a class has.

    Args:
        betas: Sequence of floats in [0, 1].
        largest: Integer at least 1, images of the largest class.

    Returns:
        Dict of beta to `(images, numbers)`: whole numbers that grow by a
        factor, up to twice the largest class, at least 1,000, and what they
        are worth. Betas 0 and 1, the two limits, are always among them.

    Example:
    >>> images, numbers = effective_number_curves([0.5], 4)[0.5]
    >>> images[:3].tolist(), numbers[:3].tolist()
    ([1, 2, 3], [1.0, 1.5, 1.75])
    """
    images = np.unique(
        np.geomspace(1, max(1000, 2 * largest), 60).astype("int64")
    )
    return {b: (images, effective_number(images, b)) for b in (0, *betas, 1)}


def _effective(counts, beta):
    if beta == 0.0:
        return (counts > 0.0).astype("float64")
    if beta == 1.0:
        return counts
    # 1 - beta**n loses every digit when beta is close to 1.
    return -np.expm1(counts * np.log(beta)) / (1.0 - beta)


def class_balanced_weights(counts, beta, *, class_names=None):
    """Weights classes by the inverse of their effective number of samples.

    The weights are scaled to sum to the number of classes, so that equal
    counts give weight 1 everywhere:

        w_c = C * (1 / E(n_c)) / sum_j (1 / E(n_j))

    Args:
        counts: Sequence of ints at least 1, shape `(num_classes,)`. Training
            images per class, in label order.
        beta: Float in [0, 1], or one per class, see `effective_number`. `0`
            weights all classes alike, `1` by inverse frequency.
        class_names: `None`, or sequence of strings in label order, used to
            name empty classes in the error.

    Returns:
        NumPy `float64` array of shape `(num_classes,)`.

    Raises:
        ValueError: If a class is empty, `counts` is not one-dimensional or
            holds what is no whole number, or `beta` lies outside [0, 1].

    Example:
    >>> class_balanced_weights([1000, 10], beta=0.99).round(4).tolist()
    [0.1746, 1.8254]

    Reference:

    - [Cui et al., 2019](https://arxiv.org/abs/1901.05555), section 3; scaled
      as in the authors' code.
    """
    counts = filled_counts("counts", counts, class_names=class_names)
    return scaled_to_classes(1.0 / effective_number(counts, beta))


def scaled_to_classes(weights):
    """Returns `weights` scaled to sum to their number.

    Example:
    >>> scaled_to_classes(np.array([1.0, 3.0])).tolist()
    [0.5, 1.5]
    """
    return weights * weights.size / weights.sum()
