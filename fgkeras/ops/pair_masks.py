"""Which pairs of a batch have the same label: boolean matrices.

The label -1 marks a row that is not there: padding, or a free place of a
memory. It is neither a positive nor a negative of anything. What is no whole
number of at least -1 is refused; in a compiled graph, which cannot raise, its
row is left out in the same way.
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
    labels = integer_labels(labels)
    other = ops.logical_not(itself(labels))
    same = ops.equal(labels[:, None], labels[None, :])
    return ops.logical_and(_present(labels), ops.logical_and(same, other))


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
    labels = integer_labels(labels)
    same = ops.equal(labels[:, None], labels[None, :])
    return ops.logical_and(_present(labels), ops.logical_not(same))


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
