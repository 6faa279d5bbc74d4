"""Distance-weighted choice of negatives on the unit sphere."""

import keras
from keras import ops

from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import related_rows
from fgkeras.ops.row_search import row_search

DIM = Number(least=2, whole=True, hint="Give columns of the vectors.")
CUTOFF = LIMIT = Number(
    above=0,
    below=2,
    hint="Two points of the unit sphere are less than 2 apart.",
)


def distance_weights(
    labels, distances, dim, *, positives=None, cutoff=0.5, limit=1.4
):
    """Returns with which probability each negative of an anchor is drawn.

    On the unit sphere in `dim` dimensions almost all negatives stand at
    distance sqrt(2). Weighing them by the inverse density of their distance
    draws evenly over distances:

        w_an ~ 1 / q(max(d_an, cutoff)),   d_an < limit
        log q(d) = (dim - 2) log d + (dim - 3) / 2 log(1 - d^2 / 4)

    Args:
        labels: Integer tensor of shape `(n,)`.
        distances: Float tensor of shape `(n, n)`: Euclidean, not squared,
            between vectors of length 1.
        dim: Int at least 2, the number of dimensions of the vectors.
        positives: `None`, or tensor of shape `(n, n)` of booleans or 0 and 1:
            who is a positive of each row in place of the rows of its label.
            Defaults to `None`.
        cutoff: Float in (0, 2), nearer negatives count as at this distance.
            Defaults to `0.5`.
        limit: Float in (0, 2), farther negatives are not drawn: their loss is
            0 anyway. Defaults to `1.4`.

    Returns:
        Tensor of shape `(n, n)`, without gradient. Rows sum to 1, or to 0 for
        anchors that have no negative nearer than `limit`.

    Raises:
        ValueError: If a distance is out of range.

    Example:
    >>> d = ops.array([[0.0, 0.6, 1.2, 1.5]] * 4)
    >>> w = distance_weights(ops.array([0, 1, 1, 1]), d, dim=8)
    >>> [round(float(x), 4) for x in w[0]]
    [0.0, 0.9637, 0.0363, 0.0]

    Reference:

    - [Wu et al., 2017](https://arxiv.org/abs/1706.07567), section 4.1.
    """
    labels, positives = related_rows(labels, positives, graded=False)
    dim = DIM.checked("dim", dim)
    cutoff = CUTOFF.checked("cutoff", cutoff)
    limit = LIMIT.checked("limit", limit)
    distances = ops.stop_gradient(distances)
    chosen = ops.logical_and(
        negative_pairs(labels, positives), distances < limit
    )
    d = ops.clip(distances, cutoff, max(limit, cutoff))
    log_weights = (2.0 - dim) * ops.log(d) - (0.5 * dim - 1.5) * ops.log1p(
        -0.25 * d * d
    )
    low = ops.full((), -1e30, d.dtype)
    log_weights = ops.where(chosen, log_weights, low)
    top = ops.max(log_weights, axis=-1, keepdims=True)
    weights = ops.where(chosen, ops.exp(log_weights - top), 0.0)
    total = ops.sum(weights, axis=-1, keepdims=True)
    return weights / ops.where(total > 0, total, ops.ones_like(total))


def draw_negatives(weights, seed):
    """Draws a negative for every entry of the batch's pair matrix.

    Entry `(a, p)` of the result is a column drawn with the probabilities in
    row `a` of `weights`, independently of all others: the negative that goes
    with the positive pair `(a, p)`.

    Args:
        weights: Tensor of shape `(n, m)`, such as of `distance_weights`.
        seed: Int or `keras.random.SeedGenerator`.

    Returns:
        int32 tensor of shape `(n, m)`; 0 in rows without any weight.

    Example:
    >>> weights = ops.array([[0.0, 1.0, 0.0]] * 3)
    >>> [int(i) for i in draw_negatives(weights, seed=0)[0]]
    [1, 1, 1]
    """
    lots = keras.random.uniform(
        ops.shape(weights), dtype=weights.dtype, seed=seed
    )
    return negatives_of_lots(weights, lots)


def negatives_of_lots(weights, lots):
    """Returns the negatives that random numbers choose, as `draw_negatives`.

    Args:
        weights: Tensor of shape `(n, m)`.
        lots: Tensor of shape `(n, k)`, uniform in [0, 1).

    Returns:
        int32 tensor of shape `(n, k)`; 0 in rows without any weight.

    Example:
    >>> weights, lots = ops.array([[0.0, 0.5, 0.5]]), ops.array([[0.1, 0.9]])
    >>> [int(i) for i in negatives_of_lots(weights, lots)[0]]
    [2, 1]
    """
    sums = ops.cumsum(weights, axis=-1)
    total = sums[:, -1:]
    # In (0, total]: a step of width 0 is then never the first to reach it.
    share = 1.0 - lots
    return ops.where(total > 0, row_search(sums, share * total, "left"), 0)
