"""Effective number of samples of a class, and the weights made from it."""

import numpy as np

from fgkeras.ops.class_counts import real_numbers
from fgkeras.ops.class_counts import whole_counts
from fgkeras.ops.hyperparameter import Number

BETA = Number(
    least=0,
    most=1,
    hint="Use 0 for no weighting and 1 for inverse frequency.",
)


def effective_number(counts, beta):
    """Returns how many distinct samples `counts` images are worth.

    Images of one class overlap, so the gain of a further one shrinks:

        E(n) = (1 - beta**n) / (1 - beta)

    `beta = 0` gives 1 for every class that has an image, `beta = 1` is the
    limit `E(n) = n`.

    Args:
        counts: Array-like of numbers at least 0, any shape; fractions too.
            Images per class.
        beta: Float in [0, 1].

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
    beta = BETA.checked("beta", beta)
    if not (counts >= 0.0).all():
        raise ValueError(
            "`counts` must be numbers of images, at least 0. Received: "
            f"counts={counts.tolist()}."
        )
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
        beta: Float in [0, 1], see `effective_number`. `0` weights all classes
            alike, `1` by inverse frequency.
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
    counts = whole_counts("counts", counts)
    if class_names is not None and len(class_names) != counts.size:
        raise ValueError(
            "`class_names` must hold one name per class. Received: "
            f"{len(class_names)} names for {counts.size} counts."
        )
    empty = np.flatnonzero(counts == 0)
    if empty.size:
        shown = ", ".join(
            str(i) if class_names is None else f"{i} ({class_names[i]})"
            for i in empty[:10]
        )
        more = f" and {empty.size - 10} more" if empty.size > 10 else ""
        raise ValueError(
            "Every class needs at least one training image to have a weight. "
            f"Received: counts=0 for labels {shown}{more}. Drop these classes "
            "or merge them with others."
        )
    inverse = 1.0 / effective_number(counts, beta)
    return inverse * counts.size / inverse.sum()
