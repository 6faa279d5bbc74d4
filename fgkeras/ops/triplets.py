"""Sums over all triplets of a batch in O(batch^2) memory."""

from keras import ops

from fgkeras.ops.labels import integer_labels
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import pair_grades
from fgkeras.ops.pair_masks import positive_pairs

# Distance of what may not be compared; above any real one.
FAR = 1e30


def sum_over_positives(
    labels, distances, step, *, positives=None, pairs=None, rivals=None
):
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
        positives: `None`, or the relation of pairs that `positive_pairs`
            takes; what `step` returns is multiplied by grades. Defaults to
            `None`, rows of one label.
        pairs: `None`, or boolean tensor of shape `(n, n)`: some of the
            positive pairs, which alone are visited. Defaults to `None`, all.
        rivals: `None`, or boolean tensor of shape `(n, n)`: what `step` gets in
            place of the negatives. Defaults to `None`.

    Returns:
        Tuple `(values, count)`, both of shape `(n,)`.
    """
    labels = integer_labels(labels)
    fixed = ops.stop_gradient(distances)
    rows = ops.arange(ops.shape(labels)[0], dtype="int32")
    if positives is None and pairs is None:
        chosen = positive_pairs(labels)
        mates = ops.sum(ops.cast(chosen, "int32"), axis=-1)
        size, column_of, slots = _by_label(labels, mates)
    else:
        chosen = positive_pairs(labels, positives) if pairs is None else pairs
        size, column_of, slots = _by_mask(chosen, rows)
    grades = pair_grades(positives, fixed.dtype)
    far = ops.full((), FAR, fixed.dtype)
    if rivals is None:
        rivals = negative_pairs(labels, positives)
    negatives = ops.where(rivals, fixed, far)

    def visit(slot, total, count, pulls, pushes):
        column = column_of(slot)
        some = ops.logical_and(slot < size, column != rows)[:, None]
        column = column[:, None]
        near = ops.take_along_axis(fixed, column, axis=1)
        found = step(ops.where(some, near, -far), negatives)
        if grades is not None:
            grade = ops.take_along_axis(grades, column, axis=1)
            found = [
                part * (grade if len(part.shape) == 2 else grade[:, 0])
                for part in found
            ]
        value, pull, push, terms = found
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
    pull = slots(pulls)
    slope = ops.stop_gradient(
        ops.where(chosen, pull, ops.zeros((), fixed.dtype)) - pushes
    )
    values = ops.stop_gradient(total) + ops.sum(
        slope * (distances - fixed), axis=-1
    )
    return values, ops.stop_gradient(count)


def products_of_positives(labels, rows):
    """Returns the dot products of the rows of each positive pair.

    `rows @ rows.T`, of which only the positives are computed: a batch has few
    of them, and where the rows are as long as the batch the whole product
    takes O(batch^3). Where a class is more than a sixteenth of the batch it is
    that product.

    Args:
        labels: Integer tensor of shape `(n,)`.
        rows: Float tensor of shape `(n, dim)`.

    Returns:
        Tensor of shape `(n, n)`, right where columns are positives of rows;
        what stands elsewhere is not to be read.

    Example:
    >>> rows = ops.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> float(products_of_positives(ops.array([0, 0, 1]), rows)[0, 1])
    11.0
    """
    labels = integer_labels(labels)
    mates = ops.sum(ops.cast(positive_pairs(labels), rows.dtype), axis=-1)
    # Numbers of classes within the batch are exact in floats.
    first = ops.searchsorted(ops.sort(labels), labels)
    numbers = ops.where(labels < 0, -1, ops.cast(first, "int32"))

    # All that is traced is an argument: JAX closes over no other.
    @ops.custom_gradient
    def products(x, numbers, mates):
        def grad(*args, upstream=None):
            upstream = args[0] if upstream is None else upstream
            return (
                _Products(x, numbers, mates).slope(upstream),
                ops.zeros_like(numbers),
                ops.zeros_like(mates),
            )

        return _Products(x, numbers, mates).values(), grad

    return products(rows, ops.cast(numbers, rows.dtype), mates)


class _Products:
    """Products of positives and their gradient, one of each anchor at a time.

    Args:
        x: Rows.
        numbers: Floats `(n,)`, the class of each row; -1 for absent ones.
        mates: Floats `(n,)`, how many positives each row has.
    """

    def __init__(self, x, numbers, mates):
        self.x, self.mates = x, ops.cast(mates, "int32")
        labels = ops.cast(numbers, "int32")
        self.size, self.column_of, self.slots = _by_label(labels, self.mates)
        self.visits = ops.max(self.size)
        self.few = self.visits * 16 <= ops.shape(x)[0]

    def values(self):
        """Returns `(n, n)` products."""
        x = self.x

        def dot(slot, column, found):
            values = ops.sum(x * ops.take(x, column, axis=0), axis=-1)
            place = (slot, ops.zeros((), "int32"))
            return ops.slice_update(found, place, values[None, :])

        def each():
            start = ops.zeros((ops.shape(x)[0],) * 2, x.dtype)
            return self.slots(self._visited(start, dot))

        return ops.cond(self.few, each, lambda: ops.matmul(x, ops.transpose(x)))

    def slope(self, upstream):
        """Returns the gradient of the rows, of that of the products."""
        x, number = self.x, ops.arange(ops.shape(self.x)[0], dtype="int32")
        both = upstream + ops.transpose(upstream)

        def add(slot, column, found):
            some = ops.logical_and(slot < self.size, column != number)
            share = ops.take_along_axis(both, column[:, None], axis=1)
            share = ops.where(some[:, None], share, ops.zeros((), x.dtype))
            return found + share * ops.take(x, column, axis=0)

        return ops.cond(
            self.few,
            lambda: self._visited(ops.zeros_like(x), add),
            lambda: ops.matmul(both, x),
        )

    def _visited(self, start, visit):
        return ops.while_loop(
            lambda slot, _: slot < self.visits,
            lambda slot, found: (
                slot + 1,
                visit(slot, self.column_of(slot), found),
            ),
            (ops.zeros((), "int32"), start),
        )[1]


def _by_label(labels, mates):
    """Visits the rows of one class, which stand side by side once sorted.

    Returns:
        Tuple of how many visits each anchor has, a function from a visit to
        the column of each anchor, and one that turns what was written down per
        visit and anchor into a value per anchor and column.
    """
    order = ops.cast(ops.argsort(labels), "int32")
    rank = ops.cast(ops.argsort(order), "int32")
    start = ops.cast(ops.searchsorted(ops.take(labels, order), labels), "int32")
    # The anchor stands among them.
    size = ops.where(labels < 0, 0, mates + 1)

    def column_of(slot):
        last = ops.minimum(start + slot, ops.shape(labels)[0] - 1)
        return ops.take(order, last)

    return (
        size,
        column_of,
        lambda written: ops.take(ops.transpose(written), rank - start, axis=1),
    )


def _by_mask(chosen, rows):
    """The same where each anchor has positives of its own."""
    number = ops.cumsum(ops.cast(chosen, "int32"), axis=-1)

    def column_of(slot):
        found = ops.logical_and(chosen, number == slot + 1)
        # An anchor that has none left points to itself.
        column = ops.argmax(ops.cast(found, "int32"), axis=-1)
        return ops.where(
            ops.any(found, axis=-1), ops.cast(column, "int32"), rows
        )

    return (
        number[:, -1],
        column_of,
        lambda written: ops.take_along_axis(
            ops.transpose(written), ops.maximum(number - 1, 0), axis=1
        ),
    )
