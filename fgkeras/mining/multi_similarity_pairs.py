"""Pairs that are informative by multi-similarity mining."""

from keras import ops

from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.masked import masked_max
from fgkeras.ops.masked import masked_min
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import positive_pairs
from fgkeras.ops.pair_masks import related_rows

EPSILON = Number(least=0)


def multi_similarity_pairs(
    labels, similarities, *, positives=None, epsilon=0.1
):
    """Returns the pairs that overlap with the other kind of pairs.

        positive (a, p) is kept if s_ap < max_n s_an + epsilon
        negative (a, n) is kept if s_an > min_p s_ap - epsilon

    Args:
        labels: Integer tensor of shape `(n,)`.
        similarities: Float tensor of shape `(n, n)`, larger is nearer;
            `epsilon` suits cosines.
        positives: `None`, or tensor of shape `(n, n)` of booleans or 0 and 1:
            who is a positive of each row in place of the rows of its label.
            Defaults to `None`.
        epsilon: Float at least 0, how far apart still counts. Defaults to
            `0.1`.

    Returns:
        `(positives, negatives)`: boolean tensors of shape `(n, n)`, empty in
        the rows of anchors that lack either kind.

    Raises:
        ValueError: If `epsilon` is no number of at least 0.

    Example:
    >>> s = ops.array([[1.0, 0.5, 0.45, 0.1]] * 4)
    >>> positives, negatives = multi_similarity_pairs(
    ...     ops.array([0, 0, 1, 1]), s
    ... )
    >>> [[int(x) for x in m[0]] for m in (positives, negatives)]
    [[0, 1, 0, 0], [0, 0, 1, 0]]

    Reference:

    - [Wang et al., 2019](https://arxiv.org/abs/1904.06627), section 3.2.
    """
    epsilon = EPSILON.checked("epsilon", epsilon)
    labels, positives = related_rows(labels, positives, graded=False)
    mates = positive_pairs(labels, positives)
    negatives = negative_pairs(labels, positives)
    complete = ops.logical_and(
        ops.any(mates, axis=-1, keepdims=True),
        ops.any(negatives, axis=-1, keepdims=True),
    )
    nearest = masked_max(similarities, negatives, -1, keepdims=True)
    farthest = masked_min(similarities, mates, -1, keepdims=True)
    hard_positive = similarities < nearest + epsilon
    hard_negative = similarities > farthest - epsilon
    return (
        ops.logical_and(mates, ops.logical_and(hard_positive, complete)),
        ops.logical_and(negatives, ops.logical_and(hard_negative, complete)),
    )
