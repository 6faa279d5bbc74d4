"""Softmax, focal and sigmoid cross-entropy with a weight per class."""

from keras import ops

from fgkeras.losses.checked import check_rows
from fgkeras.losses.label_mode import expected
from fgkeras.losses.label_mode import labels_in
from fgkeras.losses.label_mode import weighed
from fgkeras.ops.finite import check_finite
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.labels import weight_of_labels
from fgkeras.ops.precision import full_precision

SMOOTHING = Number(least=0, below=1, hint="Use 0 for labels as they are.")
GAMMA = Number(least=0, hint="Use 0 to treat easy and hard images alike.")


def _checked(labels, logits, class_weights, label_mode):
    """Labels of their mode, logits in full precision, a weight per class."""
    logits = full_precision(logits)
    labels = labels_in(label_mode, labels, logits.shape[-1])
    check_rows(labels, "logits", logits)
    check_finite("logits", logits)
    return labels, logits, checked_weights(class_weights, logits)


def checked_weights(class_weights, logits):
    """Returns a weight for each class as a tensor, or says what is wrong.

    Args:
        class_weights: `None` for 1, or tensor of shape `(num_classes,)`.
        logits: Tensor of shape `(batch, num_classes)`.

    Raises:
        ValueError: If there is another number, or one is not finite.

    Example:
    >>> checked_weights([0.5, 1.5], ops.zeros((1, 2))).shape[0]
    2
    """
    num_classes = logits.shape[-1]
    if class_weights is None:
        class_weights = ops.ones((num_classes,), logits.dtype)
    class_weights = ops.convert_to_tensor(class_weights)
    if tuple(class_weights.shape) != (num_classes,):
        raise ValueError(
            "`class_weights` must hold one number per class. Received: "
            f"class_weights of shape {tuple(class_weights.shape)} for logits "
            f"of shape {tuple(logits.shape)}. Give `None` for 1 everywhere."
        )
    check_finite("class_weights", class_weights)
    return class_weights


def _weigh(per_image, labels, class_weights):
    # NaN where a label is no class, in a graph: `_checked` cannot raise there.
    return per_image * weight_of_labels(labels, class_weights, per_image.dtype)


def softmax(
    labels,
    logits,
    *,
    class_weights=None,
    smoothing=0.0,
    label_mode="integer",
):
    """Returns the weighted softmax cross-entropy of each image, in nats.

        loss = w[y] * (log sum_c exp(z_c) - sum_c t_c z_c)
        t_c = (1 - smoothing) [c = y] + smoothing / C

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`, values in
            `[0, num_classes)`.
        logits: Float tensor of shape `(batch, num_classes)`.
        class_weights: `None` for 1, or tensor of shape `(num_classes,)`.
        smoothing: Float in [0, 1), share of the label that is spread over all
            classes alike. Defaults to `0.0`.
        label_mode: `"integer"`, or `"categorical"`: `labels` are rows of
            shares of the classes, shape `(batch, num_classes)`, that sum to 1.
            The loss of a row is its expectation over the classes. Defaults to
            `"integer"`.

    Returns:
        Tensor of shape `(batch,)`, float32, or float64 for float64 logits.

    Raises:
        ValueError: If `smoothing` is out of range, shapes do not fit, a label
            is no class, or a logit or a weight is not finite. In a compiled
            graph, which cannot raise, such a label gives NaN and such a number
            what the equation gives.

    Example:
    >>> import numpy as np
    >>> loss = softmax(np.array([0]), np.zeros((1, 4), "float32"))
    >>> round(float(loss[0]), 4)
    1.3863

    Two images mixed, and their labels alike:

    >>> mixed = [[0.7, 0.3]]
    >>> loss = softmax(mixed, [[2.0, 0.0]], label_mode="categorical")
    >>> round(float(loss[0]), 4)
    0.7269

    Reference:

    - Smoothing: [Szegedy et al., 2016](https://arxiv.org/abs/1512.00567),
      section 7.
    """
    smoothing = SMOOTHING.checked("smoothing", smoothing)
    labels, logits, weights = _checked(
        labels, logits, class_weights, label_mode
    )
    if label_mode == "categorical":
        values = -ops.log_softmax(logits, axis=-1)
        if smoothing:
            # Keras' mean of float64 is float32 under JAX.
            total = ops.sum(values, axis=-1, keepdims=True)
            mean = total / logits.shape[-1]
            values = (1.0 - smoothing) * values + smoothing * mean
        return expected(labels, values, weights)
    is_target = ops.one_hot(labels, logits.shape[-1], dtype="bool")
    if smoothing:
        share = smoothing / logits.shape[-1]
        own, others = (
            ops.convert_to_tensor(number, logits.dtype)
            for number in (1.0 - smoothing + share, share)
        )
        target = ops.where(is_target, own, others)
        per_image = ops.categorical_crossentropy(
            target, logits, from_logits=True
        )
    else:
        log_p = ops.where(is_target, ops.log_softmax(logits, axis=-1), 0.0)
        per_image = -ops.sum(log_p, axis=-1)
    return _weigh(per_image, labels, weights)


def focal(
    labels, logits, *, class_weights=None, gamma=1.0, label_mode="integer"
):
    """Returns the weighted one-vs-all focal loss of each image, in nats.

        loss = w[y] * sum_c (1 - p_c)**gamma * (-log p_c)

    with `p_c = sigmoid(z_c)` for `c = y` and `sigmoid(-z_c)` for the others.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`, values in
            `[0, num_classes)`.
        logits: Float tensor of shape `(batch, num_classes)`.
        class_weights: `None` for 1, or tensor of shape `(num_classes,)`. The
            weight of the true class multiplies all terms of its image.
        gamma: Float at least 0, the focusing exponent. Defaults to `1.0`.
        label_mode: `"integer"`, or `"categorical"`: `labels` are rows of
            shares of the classes, shape `(batch, num_classes)`, that sum to 1.
            The loss of a row is its expectation over the classes. Defaults to
            `"integer"`.

    Returns:
        Tensor of shape `(batch,)`, float32, or float64 for float64 logits.

    Raises:
        ValueError: If `gamma` is out of range, shapes do not fit, a label is
            no class, or a logit or a weight is not finite. In a
            compiled graph, which cannot raise, such a label gives NaN and such
            a number what the equation gives.

    Example:
    >>> import numpy as np
    >>> loss = focal(np.array([0]), np.zeros((1, 4), "float32"), gamma=2.0)
    >>> round(float(loss[0]), 4)
    0.6931

    Reference:

    - [Lin et al., 2017](https://arxiv.org/abs/1708.02002).
    """
    gamma = GAMMA.checked("gamma", gamma)
    labels, logits, weights = _checked(
        labels, logits, class_weights, label_mode
    )
    if label_mode == "categorical":
        # Each class is the label with its share, and one of the others with
        # what is left of them: the binary cross-entropy of soft targets.
        own = weighed(labels, weights, logits.dtype)
        left = ops.sum(own, axis=-1, keepdims=True) - own
        terms = own * _terms(logits, gamma) + left * _terms(-logits, gamma)
        return ops.sum(terms, axis=-1)
    is_target = ops.one_hot(labels, logits.shape[-1], dtype="bool")
    return _weigh(one_vs_all(is_target, logits, gamma), labels, weights)


def one_vs_all(is_target, logits, gamma):
    """Returns the focal terms of each image, summed over its classes.

    Args:
        is_target: Boolean tensor of shape `(batch, num_classes)`.
        logits: Float tensor of the same shape, in full precision.
        gamma: Float at least 0.

    Returns:
        Tensor of shape `(batch,)`.

    Example:
    >>> import numpy as np
    >>> found = one_vs_all(np.array([[True]]), np.zeros((1, 1)), 0.0)
    >>> round(float(found[0]), 4)
    0.6931
    """
    signed = ops.where(is_target, logits, -logits)
    return ops.sum(_terms(signed, gamma), axis=-1)


def _terms(signed, gamma):
    """Focal term of each class, given its logit or that of its absence."""
    terms = -ops.log_sigmoid(signed)
    if gamma:
        # (1 - p)**gamma in log space: a confident mistake keeps its gradient.
        terms = terms * ops.exp(gamma * ops.log_sigmoid(-signed))
    return terms


def sigmoid(labels, logits, *, class_weights=None, label_mode="integer"):
    """Returns the weighted one-vs-all cross-entropy of each image, in nats.

        loss = w[y] * sum_c -log p_c

    with `p_c = sigmoid(z_c)` for `c = y` and `sigmoid(-z_c)` for the others:
    `focal` with `gamma = 0`. The sum runs over classes, it is not a mean.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`, values in
            `[0, num_classes)`.
        logits: Float tensor of shape `(batch, num_classes)`.
        class_weights: `None` for 1, or tensor of shape `(num_classes,)`. The
            weight of the true class multiplies all terms of its image.
        label_mode: `"integer"`, or `"categorical"`: `labels` are rows of
            shares of the classes, shape `(batch, num_classes)`, that sum to 1.
            The loss of a row is its expectation over the classes. Defaults to
            `"integer"`.

    Returns:
        Tensor of shape `(batch,)`, float32, or float64 for float64 logits.

    Raises:
        ValueError: If shapes do not fit, a label is no class, or a logit or a
            weight is not finite. In a compiled graph, which cannot raise, such
            a label gives NaN and such a number what the equation gives.

    Example:
    >>> import numpy as np
    >>> loss = sigmoid(np.array([0]), np.zeros((1, 4), "float32"))
    >>> round(float(loss[0]), 4)
    2.7726
    """
    return focal(
        labels,
        logits,
        class_weights=class_weights,
        gamma=0.0,
        label_mode=label_mode,
    )
