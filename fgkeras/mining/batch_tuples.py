"""Pairs and triplets of a batch, each image in few of them, as indices."""

from keras import ops

from fgkeras.ops.labels import integer_labels
from fgkeras.ops.pair_masks import same_label


def batch_pairs(labels):
    """Returns disjoint pairs of images of one class.

    Use it for losses on listed pairs, such as those of models that generate
    embeddings, where all pairs of a batch would be too many. Of the images of
    a class, in the order of the batch, the first and the second make a pair,
    the third and the fourth, and so on.

    Args:
        labels: Integer tensor of shape `(n,)` or `(n, 1)`, in any order; -1
            for absent rows.

    Returns:
        Tuple of `anchors` and `positives`, int32 row numbers of shape
        `(n // 2,)`, and `valid`, boolean of the same shape: which of them are
        pairs. Pairs come first, in the order of their anchors; the rest is
        there for a fixed size only.

    Example:
    >>> anchors, positives, valid = batch_pairs(ops.array([4, 7, 4, 7, 9]))
    >>> [(int(a), int(p)) for a, p in zip(anchors, positives)]
    [(0, 2), (1, 3)]
    """
    labels = integer_labels(labels)
    same = ops.logical_and(same_label(labels), labels[None, :] >= 0)
    num = ops.shape(labels)[0]
    row = ops.arange(num, dtype="int32")
    before = ops.logical_and(same, row[None, :] < row[:, None])
    rank = ops.sum(ops.cast(before, "int32"), axis=1)
    follows = ops.logical_and(same, rank[None, :] == rank[:, None] + 1)
    leads = ops.logical_and(rank % 2 == 0, ops.any(follows, axis=1))
    order = ops.argsort(ops.where(leads, row, row + num))[: num // 2]
    anchors = ops.cast(order, "int32")
    positives = ops.cast(
        ops.argmax(ops.cast(follows, "int32"), axis=1), "int32"
    )
    return anchors, ops.take(positives, anchors), ops.take(leads, anchors)


def batch_triplets(labels):
    """Returns the pairs of `batch_pairs`, with one negative for each.

    The negative is the next image of another class after the positive, going
    on at the start of the batch after its end. Rows in the order anchor,
    positive, negative thus give exactly these triplets.

    Args:
        labels: Integer tensor of shape `(n,)` or `(n, 1)`; -1 for absent rows.

    Returns:
        Tuple of `anchors`, `positives` and `negatives`, int32 row numbers of
        shape `(n // 2,)`, and `valid`, boolean of the same shape.

    Example:
    >>> rows = batch_triplets(ops.array([4, 4, 5, 6, 6, 7]))[:3]
    >>> [tuple(int(i) for i in triplet) for triplet in zip(*rows)][:2]
    [(0, 1, 2), (3, 4, 5)]
    """
    labels = integer_labels(labels)
    anchors, positives, valid = batch_pairs(labels)
    num = ops.shape(labels)[0]
    row = ops.arange(num, dtype="int32")
    after = (row[None, :] - positives[:, None]) % num
    same = ops.logical_or(
        same_label(ops.take(labels, anchors), labels), labels[None, :] < 0
    )
    negatives = ops.argmin(ops.where(same, num, after), axis=1)
    negatives = ops.cast(negatives, "int32")
    other = ops.logical_not(ops.all(same, axis=1))
    return anchors, positives, negatives, ops.logical_and(valid, other)
