"""Which pairs of a batch belong together: boolean matrices.

Rows of one label do, unless another relation is given as `positives`, a matrix
`(n, n)` that says of each row, the anchor, who is a positive of it: booleans or
whole numbers for yes and no, floats in [0, 1] for grades. Whoever is no
positive is a negative. The matrix need not be symmetric, since each anchor is
asked by its own row; the diagonal is not read: nobody is compared with itself.
A grade is how often a positive pair counts: a pair of grade 0.5 half as often
as one of grade 1, in sums and in the numbers they are divided by.

The label -1 marks a row that is not there: padding, or a free place of a
memory. It is neither a positive nor a negative of anything. What is no whole
number of at least -1 is refused; in a compiled graph, which cannot raise, its
row is left out in the same way.
"""

import keras
import numpy as np
from keras import ops

from fgkeras.ops.eager_values import eager_values
from fgkeras.ops.labels import integer_labels

_YES_OR_NO = ("bool", "int", "uint")


def same_label(labels, other=None):
    """Returns whether row `i` and column `j` have the same label.

    Args:
        labels: Integer tensor of shape `(n,)` or `(n, 1)`.
        other: `None` for `labels` again, or integer tensor of shape `(m,)`
            or `(m, 1)`: labels of a gallery, of a memory, of other replicas.

    Returns:
        Boolean tensor of shape `(n, m)`, true on the diagonal if `other` is
        `None`.

    Example:
    >>> import numpy as np
    >>> np.asarray(same_label(np.array([0, 1]), np.array([1, 1]))).tolist()
    [[False, False], [True, True]]
    """
    labels = integer_labels(labels)
    other = labels if other is None else integer_labels(other)
    return ops.equal(labels[:, None], other[None, :])


def positive_pairs(labels, positives=None):
    """Returns the pairs of one label, without each row against itself.

    Args:
        labels: Integer tensor of shape `(n,)` or `(n, 1)`.
        positives: `None`, or tensor of shape `(n, n)`: the pairs instead, where
            it is above 0.

    Returns:
        Boolean tensor of shape `(n, n)`, false on the diagonal.

    Example:
    >>> import numpy as np
    >>> np.asarray(positive_pairs(np.array([0, 1, 0]))).astype(int).tolist()
    [[0, 0, 1], [0, 0, 0], [1, 0, 0]]
    """
    labels = integer_labels(labels)
    other = ops.logical_not(itself(labels))
    return ops.logical_and(
        _present(labels), ops.logical_and(_related(labels, positives), other)
    )


def negative_pairs(labels, positives=None):
    """Returns the pairs of different labels.

    Args:
        labels: Integer tensor of shape `(n,)` or `(n, 1)`.
        positives: `None`, or tensor of shape `(n, n)`: the pairs where it is 0
            instead.

    Returns:
        Boolean tensor of shape `(n, n)`, false on the diagonal.

    Example:
    >>> import numpy as np
    >>> np.asarray(negative_pairs(np.array([0, 1, 0]))).astype(int).tolist()
    [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    """
    labels = integer_labels(labels)
    related = _related(labels, positives)
    if positives is not None:
        related = ops.logical_or(related, itself(labels))
    return ops.logical_and(_present(labels), ops.logical_not(related))


def rows_there(labels, dtype):
    """Returns how many rows are not absent, at least 1, as a float.

    Args:
        labels: int32 tensor of shape `(n,)`.
        dtype: Floating type of the result.

    Example:
    >>> float(rows_there(ops.array([3, -1, 3]), "float32"))
    2.0
    """
    number = ops.sum(ops.cast(labels >= 0, dtype))
    return ops.maximum(number, ops.ones((), dtype))


def pair_grades(positives, dtype):
    """Returns how often each positive pair counts, where that is graded.

    Args:
        positives: `None`, or tensor of shape `(n, n)`.
        dtype: Floating type of the result.

    Returns:
        Tensor of shape `(n, n)`; `None` where every positive counts once.

    Example:
    >>> grades = pair_grades(np.array([[1.0, 0.5], [0.5, 1.0]]), "float32")
    >>> float(grades[0, 1])
    0.5
    """
    if positives is None or _kind(positives).startswith(_YES_OR_NO):
        return None
    return ops.cast(positives, dtype)


def related_rows(labels, positives, *, graded=True, num_rows=None):
    """Returns labels and a relation of their rows, checked.

    The entrance of `positives` into losses and miners.

    Args:
        labels: Integer tensor of shape `(n,)` or `(n, 1)`, or `None` where
            `positives` says it all and no row is absent.
        positives: As `pair_relation` takes it, or `None`.
        graded: As `pair_relation` takes it.
        num_rows: Int, rows of the batch; `None` (default) where labels say it.

    Returns:
        Tuple of int32 labels of shape `(n,)` and the relation, or `None`.

    Raises:
        ValueError: As `integer_labels` and `pair_relation`.

    Example:
    >>> labels, positives = related_rows(None, [[0, 1], [1, 0]])
    >>> [int(i) for i in labels]
    [0, 0]
    """
    if positives is None:
        return integer_labels(labels), None
    if labels is not None:
        labels = integer_labels(labels)
        num_rows = labels.shape[0]
    positives = pair_relation(positives, num_rows, graded=graded)
    if labels is None:
        labels = ops.zeros((ops.shape(positives)[0],), "int32")
    return labels, positives


def nan_where_no_grade(positives, values):
    """Returns `values`, with NaN for anchors whose grades are none.

    For compiled graphs, in which `pair_relation` cannot raise.

    Args:
        positives: `None`, or tensor of shape `(n, n)`.
        values: Float tensor of shape `(n,)`.

    Returns:
        Tensor shaped like `values`.

    Example:
    >>> grades = ops.array([[0.0, 1.5], [1.0, 0.0]])
    >>> [float(v) for v in nan_where_no_grade(grades, ops.zeros((2,)))]
    [nan, 0.0]
    """
    if positives is None or _kind(positives) == "bool":
        return values
    fine = ops.logical_and(positives >= 0, positives <= 1)
    nan = ops.full_like(values, float("nan"))
    return ops.where(ops.all(fine, axis=-1), values, nan)


def pair_relation(positives, num_rows, *, graded=True):
    """Returns a relation of pairs as a tensor, checked.

    Type and shape are checked always, values where there are any.

    Args:
        positives: Tensor, array or nested list.
        num_rows: Int, or `None` if not known: rows of the batch.
        graded: Bool, whether it may have grades, floats. Defaults to `True`.

    Returns:
        Tensor of shape `(num_rows, num_rows)`.

    Raises:
        ValueError: If the type or shape is another, a number is no grade, or
            there are grades where none mean something.

    Example:
    >>> pair_relation([[1, 0], [0, 1]], 2).shape[0]
    2
    """
    if not (hasattr(positives, "dtype") and hasattr(positives, "shape")):
        positives = np.asarray(positives)
    shape, kind = tuple(positives.shape), _kind(positives)
    fits = len(shape) == 2 and len({num_rows, *shape} - {None}) < 2
    if not fits or not kind.startswith((*_YES_OR_NO, "float", "bfloat")):
        raise ValueError(
            "`positives` must say of each pair of rows whether they belong "
            f"together, shape ({num_rows}, {num_rows}). Received: positives of "
            f"shape {shape} and dtype {kind}. Rows of labels make it with "
            "`fgkeras.mining.SharedLabels()`, classes with parents with "
            "`fgkeras.mining.SharedAncestors`."
        )
    if not graded and not kind.startswith(_YES_OR_NO):
        raise ValueError(
            "`positives` must be booleans or whole numbers here, where pairs "
            "are chosen: a grade would say how often a chosen pair counts. "
            f"Received: positives of dtype {kind}. Give `positives > 0`, or "
            "another bound."
        )
    values = eager_values(positives)
    if values is not None:
        values = np.asarray(values)
        fine = (values >= 0) & (values <= 1)
        if not fine.all():
            row, column = divmod(int(fine.argmin()), shape[1])
            raise ValueError(
                "`positives` must be grades from 0 to 1. Received: "
                f"positives[{row}, {column}]={values[row, column]}."
            )
    return ops.convert_to_tensor(positives)


def _related(labels, positives):
    if positives is None:
        return ops.equal(labels[:, None], labels[None, :])
    return positives > 0 if _kind(positives) != "bool" else positives


def _kind(positives):
    return keras.backend.standardize_dtype(positives.dtype)


def _present(labels):
    """Returns the pairs of which neither label is below 0."""
    there = labels >= 0
    return ops.logical_and(there[:, None], there[None, :])


def itself(x):
    """Returns the boolean identity matrix with as many rows as `x`.

    Args:
        x: Tensor of shape `(n, ...)`.

    Returns:
        Boolean tensor of shape `(n, n)`, true on the diagonal.
    """
    rows = ops.arange(ops.shape(x)[0], dtype="int32")
    return ops.equal(rows[:, None], rows[None, :])
