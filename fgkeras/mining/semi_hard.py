"""Semi-hard triplets, in the three meanings that are in use."""

from keras import ops

from fgkeras.mining.batch_hard import batch_hard
from fgkeras.mining.violating import violating_counts
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.masked import masked_max
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import positive_pairs
from fgkeras.ops.pair_masks import related_rows
from fgkeras.ops.row_search import row_search


def semi_hard_per_pair(labels, distances, *, positives=None):
    """Returns for each positive pair the nearest negative that is farther.

        n(a, p) = argmin { d(a, n) : d(a, n) > d(a, p) }

    and the farthest negative where none is farther than the positive. The
    meaning of FaceNet and of `TripletSemiHardLoss` of TensorFlow Addons.

    Args:
        labels: Integer tensor of shape `(n,)`.
        distances: Float tensor of shape `(n, n)`.
        positives: `None`, or tensor of shape `(n, n)` of booleans or 0 and 1:
            who is a positive of each row in place of the rows of its label.
            Defaults to `None`.

    Returns:
        `(pairs, negatives)`: boolean tensor of shape `(n, n)`, the positive
        pairs whose anchor has a negative; int32 tensor of shape `(n, n)`, the
        column of the negative where `pairs` holds, 0 elsewhere.

    Example:
    >>> d = ops.array([[0.0, 2.0, 1.0, 3.0]] * 4)
    >>> pairs, negatives = semi_hard_per_pair(ops.array([0, 0, 1, 1]), d)
    >>> int(negatives[0, 1])
    3

    Reference:

    - [Schroff et al., 2015](https://arxiv.org/abs/1503.03832), section 3.2.
    """
    labels, positives = related_rows(labels, positives, graded=False)
    distances = ops.stop_gradient(distances)
    rivals = negative_pairs(labels, positives)
    far = ops.full((), float("inf"), distances.dtype)
    keys = ops.where(rivals, distances, far)
    order = ops.cast(ops.argsort(keys, axis=-1), "int32")
    count = ops.sum(ops.cast(rivals, "int32"), axis=-1, keepdims=True)
    farther = row_search(
        ops.take_along_axis(keys, order, axis=-1), distances, "right"
    )
    place = ops.maximum(ops.minimum(farther, count - 1), 0)
    pairs = ops.logical_and(positive_pairs(labels, positives), count > 0)
    negatives = ops.take_along_axis(order, place, axis=-1)
    return pairs, ops.where(pairs, negatives, 0)


def semi_hard_per_anchor(labels, distances, *, positives=None):
    """Returns the farthest positive, and the nearest negative beyond it.

    One triplet per anchor; the farthest negative where none is beyond. The
    meaning of TensorFlow Similarity.

    Args:
        labels: Integer tensor of shape `(n,)`.
        distances: Float tensor of shape `(n, n)`.
        positives: `None`, or tensor of shape `(n, n)` of booleans or 0 and 1:
            who is a positive of each row in place of the rows of its label.
            Defaults to `None`.

    Returns:
        `(positives, negatives)`: boolean tensors of shape `(n, n)` with one
        entry in each row, none in the rows of anchors that have no triplet.

    Example:
    >>> d = ops.array([[0.0, 2.0, 1.0, 3.0]] * 4)
    >>> _, negatives = semi_hard_per_anchor(ops.array([0, 0, 1, 1]), d)
    >>> [int(x) for x in negatives[0]]
    [0, 0, 0, 1]
    """
    labels, positives = related_rows(labels, positives, graded=False)
    rivals = negative_pairs(labels, positives)
    mates = positive_pairs(labels, positives)
    reach = masked_max(distances, mates, -1, keepdims=True)
    beyond = ops.logical_and(rivals, distances > reach)
    # The nearest of those beyond: all others are moved behind the farthest.
    behind = masked_max(distances, rivals, -1, keepdims=True) * 2 + 1
    some = ops.any(beyond, axis=-1, keepdims=True)
    keys = ops.where(
        some, ops.where(beyond, distances, behind - distances), -distances
    )
    farthest, _ = batch_hard(labels, distances, positives=positives)
    return farthest, batch_hard(labels, keys, positives=positives)[1]


def semi_hard_band(labels, distances, *, positives=None, margin=0.2):
    """Returns in how many semi-hard triplets within the margin pairs stand.

        0 < d(a, n) - d(a, p) < margin

    All such triplets, counted per pair as `violating_counts` does. The meaning
    of `TripletMarginMiner(type_of_triplets="semihard")` of PyTorch Metric
    Learning.

    Args:
        labels: Integer tensor of shape `(n,)`.
        distances: Float tensor of shape `(n, n)`.
        positives: `None`, or tensor of shape `(n, n)` of booleans or 0 and 1:
            who is a positive of each row in place of the rows of its label.
            Defaults to `None`.
        margin: Float above 0, in the unit of `distances`. Defaults to `0.2`.

    Returns:
        `(P, N)`: counts of shape `(n, n)` for positive and negative pairs.

    Raises:
        ValueError: If `margin` is not above 0.

    Example:
    >>> d = ops.array([[0.0, 2.0, 1.0, 2.1]] * 4)
    >>> positive, negative = semi_hard_band(ops.array([0, 0, 1, 1]), d)
    >>> [int(x) for x in negative[0]]
    [0, 0, 0, 1]
    """
    margin = Number(
        above=0, hint="A band without width holds no triplet."
    ).checked("margin", margin)
    return violating_counts(
        labels, distances, positives=positives, margin=margin, semi_hard=True
    )
