"""Negatives moved towards their anchors: augmentation by hardness."""

from keras import ops

from fgkeras.ops.distances import safe_sqrt
from fgkeras.ops.precision import full_precision


def pulled_negatives(anchors, positives, negatives, share):
    """Moves negatives towards their anchors, up to the positive's distance.

        z = a + (share * d(a, n) + (1 - share) * d(a, p)) * (n - a) / d(a, n)

    A negative that is nearer than the positive stays where it is.

    Args:
        anchors: Float tensor of shape `(..., dim)`.
        positives: The same; shapes broadcast.
        negatives: The same.
        share: Float in [0, 1]; `1` moves nothing.

    Returns:
        Float tensor of shape `(..., dim)`.

    Example:
    >>> a, p, n = ops.zeros((1, 2)), [[1.0, 0.0]], [[0.0, 4.0]]
    >>> [float(x) for x in pulled_negatives(a, p, n, 0.5)[0]]
    [0.0, 2.5]

    Reference:

    - [Zheng et al., 2019](https://arxiv.org/abs/1903.05503), equation 5.
    """
    anchors = full_precision(anchors)
    positives = full_precision(positives)
    negatives = full_precision(negatives)
    near = safe_sqrt(ops.sum(ops.square(positives - anchors), axis=-1))
    far = safe_sqrt(ops.sum(ops.square(negatives - anchors), axis=-1))
    pull = far > near
    length = share * far + (1.0 - share) * near
    ratio = ops.where(pull, length / ops.where(pull, far, 1.0), 1.0)
    moved = anchors + ratio[..., None] * (negatives - anchors)
    return ops.where(pull[..., None], moved, negatives + 0.0 * moved)
