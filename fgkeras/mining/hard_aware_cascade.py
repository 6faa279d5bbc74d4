"""Pairs passed from stage to stage of a hard-aware cascade."""

import numbers

from keras import ops

from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.hyperparameter import OneOrMore
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import positive_pairs
from fgkeras.ops.pair_masks import related_rows

FRACTION = Number(above=0, most=1, hint="1 passes all pairs on.")
FRACTIONS = OneOrMore(FRACTION)


def hardest_pairs(distances, positives, negatives, *, fraction=0.5):
    """Returns the hardest share of the given pairs of the whole batch.

    Hard positives are far, hard negatives are near.

    Args:
        distances: Float tensor of shape `(n, n)`.
        positives: Boolean tensor of shape `(n, n)`.
        negatives: Boolean tensor of shape `(n, n)`.
        fraction: Float in (0, 1], the share of each kind that is kept,
            rounded up; pairs as hard as the last kept one are kept too, so
            that a pair and its mirror image stay together. Defaults to `0.5`.

    Returns:
        `(positives, negatives)`: boolean tensors of shape `(n, n)`.

    Raises:
        ValueError: If `fraction` lies outside of (0, 1].

    Example:
    >>> d = ops.array([[0.0, 1.0], [2.0, 0.0]])
    >>> pairs = ops.array([[False, True], [True, False]])
    >>> kept, _ = hardest_pairs(d, pairs, pairs)
    >>> [[int(x) for x in row] for row in kept]
    [[0, 0], [1, 0]]
    """
    fraction = FRACTION.checked("fraction", fraction)
    distances = ops.stop_gradient(distances)
    return (
        _smallest(-distances, positives, fraction),
        _smallest(distances, negatives, fraction),
    )


def _smallest(keys, mask, fraction):
    far = ops.full((), float("inf"), keys.dtype)
    ordered = ops.sort(ops.reshape(ops.where(mask, keys, far), (-1,)))
    count = ops.sum(ops.cast(mask, "int32"))
    share = ops.cast(count, "float32") * fraction
    kept = ops.cast(ops.ceil(share - 1e-4), "int32")
    last = ops.take(ordered, ops.maximum(kept - 1, 0))
    return ops.logical_and(mask, keys <= last)


def cascade_fractions(fraction, passings):
    """Returns the share that each stage but the last passes on, a list.

    Args:
        fraction: Float in (0, 1], or a sequence of as many.
        passings: Int, the stages but the last.

    Raises:
        ValueError: If there is another number, or one out of range.

    Example:
    >>> cascade_fractions(0.5, 2)
    [0.5, 0.5]
    """
    found = FRACTIONS.checked("fraction", fraction)
    if isinstance(found, numbers.Real):
        return [found] * passings
    if len(found) != passings:
        raise ValueError(
            f"`fraction` must be one number, or {passings} for "
            f"{passings + 1} stages. Received: fraction={fraction!r}."
        )
    return found


def hard_aware_cascade(labels, distances, *, positives=None, fraction=0.5):
    """Returns the pairs on which each stage of a cascade trains.

    Stages are embeddings from deeper and deeper parts of one network. The
    first trains on all pairs; each passes the pairs that are hardest for it on
    to the next, which then need not bother with easy ones.

    Args:
        labels: Integer tensor of shape `(n,)`.
        distances: Sequence of float tensors of shape `(n, n)`, one per stage,
            shallow to deep.
        positives: `None`, or tensor of shape `(n, n)` of booleans or 0 and 1:
            who is a positive of each row in place of the rows of its label.
            Defaults to `None`.
        fraction: Float in (0, 1], or a sequence of one for each stage but the
            last: the share that is passed on. Defaults to `0.5`.

    Returns:
        List with `(positives, negatives)`, boolean tensors of shape `(n, n)`,
        for each stage.

    Raises:
        ValueError: If there is no stage, another number of fractions than of
            passings, or one out of range.

    Example:
    >>> d = ops.array([[0.0, 1.0, 2.0], [1.0, 0.0, 3.0], [2.0, 3.0, 0.0]])
    >>> stages = hard_aware_cascade(ops.array([0, 0, 1]), [d, d])
    >>> [int(ops.sum(negatives)) for _, negatives in stages]
    [4, 2]

    Reference:

    - [Yuan et al., 2017](https://arxiv.org/abs/1611.05720), section 3.2.
    """
    distances = list(distances)
    passings = len(distances) - 1
    if passings < 0:
        raise ValueError(
            "`distances` must have one matrix per stage. Received: "
            "distances=[]."
        )
    fractions = cascade_fractions(fraction, passings)
    labels, positives = related_rows(labels, positives, graded=False)
    pairs = positive_pairs(labels, positives)
    stages = [(pairs, negative_pairs(labels, positives))]
    # The last stage has nobody to pass pairs on to.
    for d, share in zip(distances, fractions, strict=False):
        stages.append(hardest_pairs(d, *stages[-1], fraction=share))
    return stages
