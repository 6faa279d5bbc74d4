"""Triplet and N-pair loss on tuples whose rows were chosen beforehand."""

from keras import ops

from fgkeras.losses.n_pair import n_pair
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.labels import integer_labels
from fgkeras.ops.labels import nan_where_wrong
from fgkeras.ops.precision import full_precision


def triplet_of_tuples(anchors, positives, negatives, *, margin=1.0):
    """Hinge of each triplet on squared distances.

        l_t = max(0, ||a_t - p_t||^2 - ||a_t - n_t||^2 + margin)

    Use it where the three are not rows of one batch, such as generated
    embeddings; for rows of a batch there is `triplet`.

    Args:
        anchors: Float tensor of shape `(num, dim)`.
        positives: The same.
        negatives: The same.
        margin: Float, in squared distance. Defaults to `1.0`, meant for
            embeddings of any length.

    Returns:
        Tensor of shape `(num,)`, float32 or float64.

    Raises:
        ValueError: If `margin` is no finite number.

    Example:
    >>> a, p, n = ([[0.0]], [[1.0]], [[1.2]])
    >>> round(float(triplet_of_tuples(a, p, n)[0]), 2)
    0.56

    Reference:

    - [Schroff et al., 2015](https://arxiv.org/abs/1503.03832), equation 2.
    """
    margin = Number().checked("margin", margin)
    a, p, n = (full_precision(x) for x in (anchors, positives, negatives))
    near = ops.sum(ops.square(a - p), axis=-1)
    far = ops.sum(ops.square(a - n), axis=-1)
    return ops.relu(near - far + margin)


def n_pair_of_tuples(
    labels, candidate_labels, anchors, candidates, *, valid=None, l2=0.0
):
    """Cross-entropy of each anchor over its candidates, by dot products.

        l_i = -sum_j t_ij log softmax_j(a_i . c_ij)
              + l2 / 4 * (||a_i||^2 + mean_j ||c_ij||^2)

    with `t` even over the candidates of the anchor's class.

    Args:
        labels: Integer tensor of shape `(num,)`, of the anchors; one with
            label -1 takes no part.
        candidate_labels: Integer tensor of shape `(num,)`; candidate `i` is
            the positive of anchor `i`.
        anchors: Float tensor of shape `(num, dim)`.
        candidates: Float tensor of shape `(num, dim)`, the same for every
            anchor, or `(num, num, dim)`, those of each anchor.
        valid: `None`, or boolean tensor of shape `(num,)`: which anchors, and
            which candidates, take part. An anchor that does not gives 0.
        l2: Float at least 0, the weight of the squared lengths. Defaults to
            `0.0`; 0.003 and 0.015 were published.

    Returns:
        Tensor of shape `(num,)`, float32 or float64.

    Raises:
        ValueError: If `l2` is below 0, or a label is no whole number of at
            least -1. In a compiled graph, which cannot raise, such a label
            gives NaN.

    Example:
    >>> a = [[2.0, 0.0], [0.0, 2.0]]
    >>> [round(float(x), 4) for x in n_pair_of_tuples([0, 1], [0, 1], a, a)]
    [0.0181, 0.0181]

    Reference:

    - [Sohn, 2016](https://papers.nips.cc/paper/6200), equation 8.
    """
    l2 = n_pair.rules["l2"].checked("l2", l2)
    labels = integer_labels(labels)
    candidate_labels = integer_labels(candidate_labels)
    a, c = full_precision(anchors), full_precision(candidates)
    same = labels[:, None] == candidate_labels[None, :]
    there = labels >= 0
    if len(c.shape) == 3:
        logits = ops.einsum("id,ijd->ij", a, c)
    else:
        logits = ops.matmul(a, ops.transpose(c))
    valid = there if valid is None else ops.logical_and(valid, there)
    # An anchor that takes no part keeps one candidate: no empty softmax.
    own = ops.arange(ops.shape(labels)[0], dtype="int32")
    taken = ops.logical_or(valid[None, :], own[:, None] == own[None, :])
    weight = ops.cast(taken, a.dtype)
    logits = ops.where(taken, logits, ops.full_like(logits, -1e30))
    target = ops.cast(same, a.dtype) * weight
    target = target / ops.maximum(ops.sum(target, axis=1, keepdims=True), 1.0)
    loss = -ops.sum(target * ops.log_softmax(logits, axis=1), axis=1)
    if l2:
        length = ops.sum(ops.square(c), axis=-1)
        mean = ops.sum(weight * length, axis=-1) / ops.sum(weight, axis=1)
        loss = loss + l2 / 4.0 * (ops.sum(ops.square(a), axis=-1) + mean)
    loss = ops.where(valid, loss, ops.zeros_like(loss))
    return nan_where_wrong(labels, loss)
