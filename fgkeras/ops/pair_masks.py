"""Which pairs of a batch have the same label: boolean matrices.

A label below 0 marks a row that is not there: padding, or a free place of a
memory. It is neither a positive nor a negative of anything.
"""

from keras import ops

from fgkeras.ops.labels import integer_labels


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


def positive_pairs(labels):
    """Returns the pairs of one label, without each row against itself.

    Args:
        labels: Integer tensor of shape `(n,)` or `(n, 1)`.

    Returns:
        Boolean tensor of shape `(n, n)`, false on the diagonal.

    Example:
    >>> import numpy as np
    >>> np.asarray(positive_pairs(np.array([0, 1, 0]))).astype(int).tolist()
    [[0, 0, 1], [0, 0, 0], [1, 0, 0]]
    """
    other = ops.logical_not(itself(labels))
    return ops.logical_and(
        _present(labels), ops.logical_and(same_label(labels), other)
    )


def negative_pairs(labels):
    """Returns the pairs of different labels.

    Args:
        labels: Integer tensor of shape `(n,)` or `(n, 1)`.

    Returns:
        Boolean tensor of shape `(n, n)`.

    Example:
    >>> import numpy as np
    >>> np.asarray(negative_pairs(np.array([0, 1, 0]))).astype(int).tolist()
    [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    """
    return ops.logical_and(
        _present(labels), ops.logical_not(same_label(labels))
    )


def _present(labels):
    """Returns the pairs of which neither label is below 0."""
    there = integer_labels(labels) >= 0
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
