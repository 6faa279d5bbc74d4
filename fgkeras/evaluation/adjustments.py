"""What is done to the logits of a trained classifier for rare classes.

Each is a factor and an offset per class, z'_c = scale_c z_c + offset_c, so that
it needs no training and goes into any graph.
"""

import numpy as np


def logit_adjustment(train_counts, tau=1.0, *, activation="softmax"):
    """Takes away what a classifier owes to the sizes of its classes.

    Use it on a classifier that was trained without weights or balanced
    batches, to be tested where every class counts the same.

        softmax:  z'_c = z_c - tau log pi_c
        sigmoid:  z'_c = z_c - tau (logit(pi_c) - logit(1 / C))

    with pi_c the share of class c of the training images. With tau = 1 the
    first is Bayes' rule for classes of equal size. The second is the same of
    every decision "class c or another": its odds are divided by the odds that
    the sizes give and multiplied by those of equal sizes; that the other
    classes are mixed otherwise then is left out of account. With equal sizes
    no answer changes.

    Args:
        train_counts: Integer array of shape `(num_classes,)`, training images
            per class, each at least 1.
        tau: Float at least 0, how much of it; 0 changes nothing. Defaults to
            `1.0`.
        activation: `"softmax"`, or `"sigmoid"` for one-vs-all losses. Defaults
            to `"softmax"`.

    Returns:
        Tuple `(scale, offset)`, float64 of shape `(num_classes,)`.

    Raises:
        ValueError: If a class has no training image, there are fewer than two
            classes, or tau is negative.

    Example:

    >>> scale, offset = logit_adjustment([90, 10])
    >>> scale.tolist(), np.round(offset, 4).tolist()
    ([1.0, 1.0], [0.1054, 2.3026])

    Reference:
        Menon et al., "Long-tail learning via logit adjustment", ICLR 2021,
        eq. 9 (softmax, after training). The sigmoid form is our own.
    """
    _check_tau(tau)
    counts = np.asarray(train_counts, np.float64)
    if counts.ndim != 1 or len(counts) < 2 or not (counts >= 1).all():
        raise ValueError(
            "train_counts must be at least 1 for each of two or more classes. "
            f"Received: train_counts={train_counts}. A class without a "
            "training image has no share to take away."
        )
    if activation not in ("softmax", "sigmoid"):
        raise ValueError(
            "activation must be 'softmax' or 'sigmoid'. Received: "
            f"activation={activation!r}. Use the one of the training loss."
        )
    own, all_of_them = np.log(counts), np.log(counts.sum())
    if activation == "softmax":
        owed = own - all_of_them
    else:
        others = np.log(counts.sum() - counts)
        owed = own - others + np.log(len(counts) - 1)
    return np.ones(len(counts)), -tau * owed


def tau_normalization(kernel, bias, tau=1.0):
    """Brings the weight vectors of a linear head to like lengths.

    Use it on a classifier that was trained with softmax, whose weights grow
    with the sizes of the classes. The head's bias is dropped, as in the
    source:

        z'_c = w_c x / |w_c|^tau = (z_c - b_c) / |w_c|^tau

    Args:
        kernel: Float array of shape `(units, num_classes)`.
        bias: Float array of shape `(num_classes,)`; `None` stands for zeros.
        tau: Float at least 0; 0 drops the bias alone, 1 makes all lengths
            equal. Defaults to `1.0`.

    Returns:
        Tuple `(scale, offset)`, float64 of shape `(num_classes,)`.

    Raises:
        ValueError: If shapes do not fit, a weight vector is zero, or tau is
            negative.

    Example:

    >>> scale, offset = tau_normalization([[3.0, 0.0], [4.0, 1.0]], [1.0, 2.0])
    >>> scale.tolist(), offset.tolist()
    ([0.2, 1.0], [-0.2, -2.0])

    Reference:
        Kang et al., "Decoupling Representation and Classifier for Long-Tailed
        Recognition", ICLR 2020, section 4.2 (tau-normalized classifier).
    """
    _check_tau(tau)
    kernel = np.asarray(kernel, np.float64)
    lengths = np.sqrt((kernel**2).sum(axis=0))
    bias = np.zeros(lengths.shape) if bias is None else np.asarray(bias, float)
    if kernel.ndim != 2 or bias.shape != lengths.shape:
        raise ValueError(
            "kernel must have shape (units, num_classes), bias one number per "
            f"class. Received: kernel.shape={kernel.shape}, "
            f"bias.shape={bias.shape}. Give those of the linear head."
        )
    if not (lengths > 0).all():
        raise ValueError(
            "Every class needs weights that are not all zero. Received: none "
            f"for class {int(np.argmin(lengths))}. Train the head first."
        )
    scale = lengths**-tau
    return scale, -scale * bias


def _check_tau(tau):
    if not 0 <= tau < np.inf:
        raise ValueError(
            f"tau must be a number of at least 0. Received: tau={tau}. Usual "
            "is 1."
        )
