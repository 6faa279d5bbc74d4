"""The farthest positive and the nearest negative of each anchor."""

from keras import ops

from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import positive_pairs
from fgkeras.ops.pair_masks import related_rows


def batch_hard(labels, distances, *, positives=None):
    """Returns the hardest positive and the hardest negative of each anchor.

    Use it for one triplet per anchor, the hardest that the batch has; early in
    training outliers and wrong labels get all the attention then.

    Args:
        labels: Integer tensor of shape `(n,)`.
        distances: Float tensor of shape `(n, n)`.
        positives: `None`, or tensor of shape `(n, n)` of booleans or 0 and 1:
            who is a positive of each row in place of the rows of its label.
            Defaults to `None`.

    Returns:
        `(positives, negatives)`: boolean tensors of shape `(n, n)` with one
        entry in each row, none in the rows of anchors that have no triplet.
        Of several at one distance it is the first.

    Example:
    >>> d = ops.array([[0.0, 1.0, 2.0], [1.0, 0.0, 3.0], [2.0, 3.0, 0.0]])
    >>> positives, negatives = batch_hard(ops.array([0, 0, 1]), d)
    >>> [[int(i) for i in ops.sum(m, axis=0)] for m in (positives, negatives)]
    [[1, 1, 0], [0, 0, 2]]

    Reference:

    - [Hermans et al., 2017](https://arxiv.org/abs/1703.07737), equation 5.
    """
    labels, positives = related_rows(labels, positives, graded=False)
    mates = positive_pairs(labels, positives)
    negatives = negative_pairs(labels, positives)
    complete = ops.logical_and(
        ops.any(mates, axis=-1), ops.any(negatives, axis=-1)
    )
    farthest = _first_largest(distances, mates)
    nearest = _first_largest(-distances, negatives)
    return tuple(
        ops.logical_and(chosen, complete[:, None])
        for chosen in (farthest, nearest)
    )


def _first_largest(values, mask):
    low = ops.full((), -float("inf"), values.dtype)
    best = ops.argmax(ops.where(mask, values, low), axis=-1)
    columns = ops.arange(ops.shape(values)[-1], dtype="int32")
    return ops.equal(ops.cast(best, "int32")[:, None], columns)
