"""One pass over the logits: what every other number is computed from."""

import dataclasses

import numpy as np

from fgkeras.evaluation.similarity import check_integers

_BLOCK_VALUES = 4_000_000  # float64 values held at a time: 32 MB


@dataclasses.dataclass(frozen=True)
class Scored:
    """Per-image results of a classifier, each of shape `(num_images,)`.

    Attributes:
        num_classes: Int, number of columns of the logits.
        labels: `int64` array, the true class.
        rank: `int64` array, number of *other* classes whose logit is at least
            that of the true class: 0 is a right answer, and a tie counts as
            wrong.
        predicted: `int64` array, the class with the largest logit. In a tie
            that the true class is part of, the first of the other tied
            classes, so that `predicted == labels` exactly where `rank == 0`.
        confidence: `float64` array, values in [0, 1], the probability of the
            largest logit.
        nll: `float64` array, negative log-likelihood of the true class, in
            nats.

    Example:

    >>> scored = score_images([0, 1], [[2.0, 1.0], [3.0, 0.0]])
    >>> scored.correct.tolist(), scored.confidence.round(2).tolist()
    ([True, False], [0.73, 0.95])
    """

    num_classes: int
    labels: np.ndarray
    rank: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray
    nll: np.ndarray

    @property
    def correct(self):
        """Bool of shape `(num_images,)`: the answer is right."""
        return self.rank == 0


def score_images(labels, logits, *, activation="softmax"):
    """Reduces logits to rank, prediction, confidence and loss per image.

    Use it once and hand the result around: it reads the logits in blocks, so
    a memory-mapped array of 25,000 images by 8,142 classes needs little memory.

    Ties are counted pessimistically: a model that gives all classes the same
    logit is never right, where `argmax` would call it right on class 0.

    Args:
        labels: Integer array of shape `(num_images,)`, values in
            `[0, num_classes)`.
        logits: Float array of shape `(num_images, num_classes)`, before the
            softmax. For probabilities, give their logarithm.
        activation: `"softmax"`, or `"sigmoid"` for a classifier trained with
            one binary decision per class. Defaults to `"softmax"`. It decides
            `confidence` and `nll`, which for "sigmoid" is the sum over all
            classes' decisions:

                nll = sum_j log(1 + exp(z_j)) - z_y

    Returns:
        `Scored`.

    Raises:
        ValueError: for shapes that do not fit, no images, a label outside the
            classes, and logits that are NaN or infinite.

    Example:

    >>> scored = score_images([0, 1], [[2.0, 1.0, 0.0], [3.0, 3.0, 1.0]])
    >>> scored.rank.tolist(), scored.predicted.tolist()
    ([0, 1], [0, 0])
    """
    logits = np.asarray(logits)
    labels = np.asarray(labels)
    if logits.ndim != 2 or logits.shape[0] == 0 or logits.shape[1] == 0:
        raise ValueError(
            "logits must have shape (num_images, num_classes), both at least "
            f"1. Received: logits.shape={logits.shape}. Labels come first, "
            "logits second; evaluate on a split that has images."
        )
    num_images, num_classes = logits.shape
    labels = check_labels(labels, num_images, num_classes)
    if activation not in ("softmax", "sigmoid"):
        raise ValueError(
            "activation must be 'softmax' or 'sigmoid'. Received: "
            f"activation={activation!r}. Use the one of the training loss."
        )
    rank = np.empty(num_images, np.int64)
    predicted = np.empty(num_images, np.int64)
    confidence = np.empty(num_images, np.float64)
    nll = np.empty(num_images, np.float64)
    step = max(1, _BLOCK_VALUES // num_classes)
    for start in range(0, num_images, step):
        part = slice(start, min(start + step, num_images))
        block = logits[part].astype(np.float64)
        _check_finite(block, start)
        rows = np.arange(len(block))
        own = block[rows, labels[part]]
        top = block.max(axis=1)
        rank[part] = (block >= own[:, None]).sum(axis=1) - 1
        if activation == "softmax":
            # exp(top - top) = 1 is in the sum, so its logarithm is >= 0.
            log_sum = np.log(np.exp(block - top[:, None]).sum(axis=1))
            confidence[part] = np.exp(-log_sum)
            nll[part] = (top - own) + log_sum
        else:
            confidence[part] = np.exp(-np.logaddexp(0, -top))
            nll[part] = np.logaddexp(0, block).sum(axis=1) - own
        guess = block.argmax(axis=1)
        tied = np.flatnonzero((guess == labels[part]) & (rank[part] > 0))
        block[tied, labels[part][tied]] = -np.inf
        guess[tied] = block[tied].argmax(axis=1)
        predicted[part] = guess
    return Scored(num_classes, labels, rank, predicted, confidence, nll)


def check_labels(labels, num_images, num_classes):
    """Returns labels as int64, or says which one is not a class.

    Args:
        labels: Array-like of shape `(num_images,)`, of whole numbers.
        num_images: Int, the length that the labels must have.
        num_classes: Int, one more than the largest label allowed.

    Raises:
        ValueError: for another shape, fractions, or a label out of range.

    Example:

    >>> check_labels([0, 2], 2, 3)
    array([0, 2])
    """
    labels = np.asarray(labels)
    if labels.shape != (num_images,):
        raise ValueError(
            "labels must be one class per image. Received: "
            f"labels.shape={labels.shape} for {num_images} images. One-hot "
            "labels need argmax(axis=-1) first."
        )
    if (
        labels.dtype.kind in "iu"
        and np.iinfo(labels.dtype).max < num_classes - 1
    ):
        raise ValueError(
            "labels must be of a type that holds every class. Received: "
            f"labels.dtype={labels.dtype} for {num_classes} classes, where "
            "larger ones have wrapped. Give int64 from the start."
        )
    labels = check_integers("labels", labels, num_images)
    outside = np.flatnonzero((labels < 0) | (labels >= num_classes))
    if outside.size:
        raise ValueError(
            f"labels must lie in 0..{num_classes - 1}. Received: "
            f"labels[{outside[0]}]={labels[outside[0]]}. Check that the model "
            "and the split were made with the same list of classes."
        )
    return labels


def _check_finite(block, start):
    bad = ~np.isfinite(block)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise ValueError(
            "logits must be finite. Received: "
            f"logits[{start + row}, {column}]={block[row, column]}. A model "
            "that diverged gives NaN: train with a lower learning rate; to "
            "mask a class use a large negative number such as -1e9."
        )
