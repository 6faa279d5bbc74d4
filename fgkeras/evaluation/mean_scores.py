"""The mean of the scores of several models, as logits."""

import numpy as np


def mean_scores(logits, activation="softmax"):
    """Averages what several classifiers say of the same images.

        z = log mean_m softmax(z_m), or the logit of mean_m sigmoid(z_m)

    In log space, so that sure answers keep their rank.

    Args:
        logits: Sequence of float arrays of shape `(num_images, num_classes)`,
            one per model.
        activation: `"softmax"` or `"sigmoid"`, of all of them. Defaults to
            `"softmax"`.

    Returns:
        Float64 array of shape `(num_images, num_classes)`: logits whose
        scores are the mean.

    Raises:
        ValueError: If there is none, or shapes or activation do not fit.

    Example:

    >>> z = mean_scores([[[0.0, 0.0]], [[0.0, np.log(3.0)]]])
    >>> np.exp(z).round(3).tolist()
    [[0.375, 0.625]]
    """
    logits = [np.asarray(z, np.float64) for z in logits]
    shapes = {z.shape for z in logits}
    if len(shapes) != 1 or logits[0].ndim != 2:
        raise ValueError(
            "logits must be arrays of one shape (num_images, num_classes). "
            f"Received: {len(logits)} of shapes {sorted(shapes)}. Give those "
            "of the same images and classes."
        )
    if activation == "softmax":
        return _log_mean([_log_softmax(z) for z in logits])
    if activation != "sigmoid":
        raise ValueError(
            "activation must be 'softmax' or 'sigmoid'. Received: "
            f"activation={activation!r}. Use the one of the training loss."
        )
    yes = _log_mean([-np.logaddexp(0, -z) for z in logits])
    return yes - _log_mean([-np.logaddexp(0, z) for z in logits])


def _log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def _log_mean(logs):
    return np.logaddexp.reduce(logs) - np.log(len(logs))
