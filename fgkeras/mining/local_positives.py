"""Positives near their anchor."""

from keras import ops

from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.pair_masks import positive_pairs
from fgkeras.ops.pair_masks import related_rows

NEAREST = Number(above=0, most=1, hint="1 keeps all positives.")


def near_pairs(labels, distances, nearest, *, positives=None):
    """Returns the positive pairs that a loss is to pull, where not all are.

    Args:
        labels: Integer tensor of shape `(n,)`.
        distances: Float tensor of shape `(n, n)`.
        nearest: Float in (0, 1], the share of positives to keep.
        positives: `None`, or the relation of pairs; it may have grades.

    Returns:
        Boolean tensor of shape `(n, n)`; `None` for `nearest=1`, all of them.

    Example:
    >>> near_pairs(ops.array([0, 0]), ops.zeros((2, 2)), 1.0) is None
    True
    """
    if nearest == 1.0:
        return None
    if positives is not None:
        positives = positive_pairs(labels, positives)
    return local_positives(
        labels, distances, positives=positives, fraction=nearest
    )


def local_positives(labels, distances, *, positives=None, fraction=0.6):
    """Returns the nearest share of each anchor's positives.

    A fine-grained class is a manifold: a bird from the front and from the back
    look unlike. Pulling only near positives together keeps the manifold,
    pulling all together asks it to collapse.

    Args:
        labels: Integer tensor of shape `(n,)`.
        distances: Float tensor of shape `(n, n)`.
        positives: `None`, or tensor of shape `(n, n)` of booleans or 0 and 1:
            who is a positive of each row in place of the rows of its label.
            Defaults to `None`.
        fraction: Float in (0, 1], the share of positives to keep, rounded up;
            those as near as the last kept one are kept too. Defaults to `0.6`.

    Returns:
        Boolean tensor of shape `(n, n)`.

    Raises:
        ValueError: If `fraction` lies outside of (0, 1].

    Example:
    >>> d = ops.array([[0.0, 3.0, 1.0, 2.0]] * 4)
    >>> kept = local_positives(ops.array([0, 0, 0, 0]), d, fraction=0.6)
    >>> [int(x) for x in kept[0]]
    [0, 0, 1, 1]

    Reference:

    - [Cui et al., 2016](https://arxiv.org/abs/1512.05227), section 3.3: the
      nearest 60 % of the images of the reference's class.
    """
    fraction = NEAREST.checked("fraction", fraction)
    distances = ops.stop_gradient(distances)
    labels, positives = related_rows(labels, positives, graded=False)
    pairs = positive_pairs(labels, positives)
    far = ops.full((), float("inf"), distances.dtype)
    ordered = ops.sort(ops.where(pairs, distances, far), axis=-1)
    count = ops.sum(ops.cast(pairs, "float32"), axis=-1, keepdims=True)
    # Less a hair: 0.6 * 5 is 3 positives also where float32 ends above 3.
    kept = ops.cast(ops.ceil(fraction * count - 1e-4), "int32")
    last = ops.take_along_axis(ordered, ops.maximum(kept - 1, 0), axis=-1)
    return ops.logical_and(pairs, distances <= last)
