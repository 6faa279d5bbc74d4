"""All triplets of a batch that violate a margin."""

from keras import ops

from fgkeras.ops.hyperparameter import Flag
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import positive_pairs
from fgkeras.ops.pair_masks import related_rows
from fgkeras.ops.row_search import row_search


def violating_triplets(labels, distances, *, positives=None, margin=0.2):
    """Returns which triplets have a hinge above 0.

        d(a, p) - d(a, n) + margin > 0

    Use it to look at triplets one by one. It holds n^3 values (128 MB for 512
    images); `violating_counts` says the same per pair in n^2.

    Args:
        labels: Integer tensor of shape `(n,)`.
        distances: Float tensor of shape `(n, n)`; squared or not, the margin
            is in its unit.
        positives: `None`, or tensor of shape `(n, n)` of booleans or 0 and 1:
            who is a positive of each row in place of the rows of its label.
            Defaults to `None`.
        margin: Float. Defaults to `0.2`.

    Returns:
        Boolean tensor of shape `(n, n, n)`: anchor, positive, negative.

    Raises:
        ValueError: If `margin` is no finite number.

    Example:
    >>> d = ops.array([[0.0, 1.0, 1.1], [1.0, 0.0, 3.0], [1.1, 3.0, 0.0]])
    >>> found = violating_triplets(ops.array([0, 0, 1]), d)
    >>> [tuple(int(i) for i in t) for t in zip(*ops.nonzero(found))]
    [(0, 1, 2)]
    """
    margin = Number().checked("margin", margin)
    labels, positives = related_rows(labels, positives, graded=False)
    pairs = ops.logical_and(
        positive_pairs(labels, positives)[:, :, None],
        negative_pairs(labels, positives)[:, None, :],
    )
    hinge = distances[:, :, None] - distances[:, None, :] + margin
    return ops.logical_and(pairs, hinge > 0)


def violating_counts(
    labels, distances, *, positives=None, margin=0.2, semi_hard=False
):
    """Returns in how many violating triplets each pair takes part.

    The sum of a hinge over all triplets is a sum over pairs with these counts
    as weights, value and gradient alike:

        sum_apn [d_ap - d_an + m]+ = sum_ap P_ap (d_ap + m) - sum_an N_an d_an

    Use it for losses over all triplets at O(n^2 log n), where listing them
    takes n^3.

    Args:
        labels: Integer tensor of shape `(n,)`.
        distances: Float tensor of shape `(n, n)`; squared or not, the margin
            is in its unit.
        positives: `None`, or tensor of shape `(n, n)` of booleans or 0 and 1:
            who is a positive of each row in place of the rows of its label.
            Defaults to `None`.
        margin: Float; at least 0 with `semi_hard`. Defaults to `0.2`.
        semi_hard: Bool, whether only triplets count whose negative is farther
            than the positive. Defaults to `False`.

    Returns:
        `(P, N)`, each of shape `(n, n)` and the dtype of `distances`, without
        gradient: counts for positive and for negative pairs, 0 elsewhere.
        They have the same sum in each row.

    Raises:
        ValueError: If `margin` is no finite number, or below 0 with
            `semi_hard`.

    Example:
    >>> d = ops.array([[0.0, 1.0, 1.1], [1.0, 0.0, 3.0], [1.1, 3.0, 0.0]])
    >>> positive, negative = violating_counts(ops.array([0, 0, 1]), d)
    >>> [[int(x) for x in ops.sum(c, axis=0)] for c in (positive, negative)]
    [[0, 1, 0], [0, 0, 1]]
    """
    semi_hard = Flag().checked("semi_hard", semi_hard)
    margin = Number(least=0 if semi_hard else None).checked("margin", margin)
    labels, positives = related_rows(labels, positives, graded=False)
    distances = ops.stop_gradient(distances)
    mates = positive_pairs(labels, positives)
    negatives = negative_pairs(labels, positives)
    far = ops.full((), float("inf"), distances.dtype)
    # Positives moved outwards by the margin: who stands before whom decides.
    outer = ops.sort(ops.where(mates, distances + margin, far), axis=-1)
    inner = ops.sort(ops.where(negatives, distances, far), axis=-1)
    of_positives = row_search(inner, distances + margin, "left")
    num_positives = ops.sum(ops.cast(mates, "int32"), axis=-1, keepdims=True)
    of_negatives = num_positives - row_search(outer, distances, "right")
    if semi_hard:
        bare = ops.sort(ops.where(mates, distances, far), axis=-1)
        of_positives -= row_search(inner, distances, "right")
        of_negatives -= num_positives - row_search(bare, distances, "left")
    return tuple(
        ops.cast(ops.where(pairs, counts, 0), distances.dtype)
        for pairs, counts in (
            (mates, of_positives),
            (negatives, of_negatives),
        )
    )
