"""Weights of classes by their number of training images."""

import numpy as np

from fgkeras.ops.class_counts import filled_counts
from fgkeras.ops.effective_number import checked_beta
from fgkeras.ops.effective_number import class_balanced_weights
from fgkeras.ops.effective_number import scaled_to_classes
from fgkeras.ops.hyperparameter import Choice

BETA_DEFAULT = 0.9999
WEIGHTINGS = Choice(("effective", "inverse", "inverse-sqrt", "none"))


def class_weights(
    counts, *, weighting="effective", beta=BETA_DEFAULT, class_names=None
):
    """Weights classes so that rare ones count more.

    Use it wherever a loss takes a weight per class; `effective` is the
    class-balanced loss. All are scaled to sum to the number of classes, so
    that equal counts give weight 1 everywhere:

        effective      w_c ~ 1 / E(n_c), see `effective_number`
        inverse        w_c ~ 1 / n_c
        inverse-sqrt   w_c ~ 1 / sqrt(n_c)
        none           w_c = 1

    Args:
        counts: Sequence of ints at least 1, shape `(num_classes,)`. Training
            images per class, in label order.
        weighting: `"effective"`, `"inverse"`, `"inverse-sqrt"` or `"none"`.
            Defaults to `"effective"`.
        beta: Float in [0, 1], or one per class, of `"effective"` alone.
            Defaults to `0.9999`.
        class_names: `None`, or sequence of strings in label order, used to
            name empty classes in the error.

    Returns:
        NumPy `float64` array of shape `(num_classes,)`.

    Raises:
        ValueError: If a class is empty, `weighting` is no such word, or `beta`
            is out of range or given to a weighting that does without.

    Example:
    >>> class_weights([100, 1], weighting="inverse-sqrt").round(4).tolist()
    [0.1818, 1.8182]

    Reference:

    - [Cui et al., 2019](https://arxiv.org/abs/1901.05555), section 3;
      `inverse-sqrt`: [Mahajan et al., 2018](https://arxiv.org/abs/1805.00932).
    """
    weighting = WEIGHTINGS.checked("weighting", weighting)
    counts = filled_counts("counts", counts, class_names=class_names)
    beta = checked_beta(beta, counts)
    if weighting == "effective":
        return class_balanced_weights(counts, beta)
    if beta != BETA_DEFAULT:
        raise ValueError(
            "`beta` is of weighting='effective'. Received: "
            f"beta={beta} with weighting={weighting!r}. Leave one of them out."
        )
    power = {"inverse": 1.0, "inverse-sqrt": 0.5, "none": 0.0}[weighting]
    return scaled_to_classes(np.power(counts, -power))
