"""Sums over all triplets of a batch in O(batch^2) memory."""

from keras import ops

from fgkeras.ops.labels import integer_labels
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import positive_pairs

# Distance of what may not be compared; above any real one.
FAR = 1e30


def sum_over_positives(labels, distances, step):
    """Sums a function of (anchor, positive, all negatives) over the positives.

    A batch has about `batch^2 * class_size` triplets. They are visited one
    positive per anchor at a time: memory is O(batch^2) whatever the class
    sizes are, time is that of `step` times the size of the largest class.

    The gradient does not go back through the visits. `step` tells the slopes,
    and the result is linear in `distances` around their present value: right
    in value and first derivative, constant in memory.

    Args:
        labels: Integer tensor of shape `(n,)`.
        distances: Float tensor of shape `(n, n)`.
        step: Function `(near, negatives) -> (value, pull, push, count)`. Gets
            the distances `(n, 1)` of one positive per anchor, `-FAR` for
            anchors that have none left, and `(n, n)` distances that are `FAR`
            where column is not a negative of row. Returns the value and its
            slope in `near`, both `(n,)`, the negated slope in `negatives`
            `(n, n)`, and a number of terms `(n,)`; all 0 where `near` is
            `-FAR` or `negatives` is `FAR`.

    Returns:
        Tuple `(values, count)`, both of shape `(n,)`.
    """
    labels = integer_labels(labels)
    fixed = ops.stop_gradient(distances)
    order = ops.cast(ops.argsort(labels), "int32")
    rank = ops.cast(ops.argsort(order), "int32")
    start = ops.cast(ops.searchsorted(ops.take(labels, order), labels), "int32")
    positive = positive_pairs(labels)
    size = ops.sum(ops.cast(positive, "int32"), axis=-1) + 1
    size = ops.where(labels < 0, 0, size)
    rows = ops.arange(ops.shape(labels)[0], dtype="int32")
    far = ops.full((), FAR, fixed.dtype)
    negatives = ops.where(negative_pairs(labels), fixed, far)

    def visit(slot, total, count, pulls, pushes):
        # Rows of one class stand side by side in `order`, this one included.
        last = ops.minimum(start + slot, ops.shape(labels)[0] - 1)
        column = ops.take(order, last)
        some = ops.logical_and(slot < size, column != rows)[:, None]
        near = ops.take_along_axis(fixed, column[:, None], axis=1)
        value, pull, push, terms = step(ops.where(some, near, -far), negatives)
        pulls = ops.slice_update(
            pulls, (slot, ops.zeros((), "int32")), pull[None, :]
        )
        return slot + 1, total + value, count + terms, pulls, pushes + push

    none = ops.zeros_like(fixed[:, 0])
    _, total, count, pulls, pushes = ops.while_loop(
        lambda slot, *_: slot < ops.max(size),
        visit,
        (
            ops.zeros((), "int32"),
            none,
            none,
            ops.zeros_like(fixed),
            ops.zeros_like(fixed),
        ),
    )
    pull = ops.take(ops.transpose(pulls), rank - start, axis=1)
    slope = ops.stop_gradient(
        ops.where(positive, pull, ops.zeros((), fixed.dtype)) - pushes
    )
    values = ops.stop_gradient(total) + ops.sum(
        slope * (distances - fixed), axis=-1
    )
    return values, ops.stop_gradient(count)
