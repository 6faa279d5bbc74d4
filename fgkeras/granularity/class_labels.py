"""Class labels in any form, as 0-based integers with the classes' names."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class ClassLabels:
    """One class per image.

    Attributes:
        ids: `int64` array of shape `(num_images,)`, position of the image's
            class in `names`.
        names: `(num_classes,)`, the labels that occur, sorted.
        counts: `int64` array of shape `(num_classes,)`, images per class, each
            at least 1.
        order: `int64` array of shape `(num_images,)`, images grouped by class,
            in their order.
        starts: `int64` array of shape `(num_classes,)`, where each class
            begins in `order`.
    """

    ids: np.ndarray
    names: np.ndarray
    counts: np.ndarray
    order: np.ndarray
    starts: np.ndarray

    def __len__(self):
        return len(self.ids)

    @property
    def num_classes(self):
        return len(self.names)

    def members(self, class_id):
        """Returns the images of one class, in their order."""
        start = self.starts[class_id]
        return self.order[start : start + self.counts[class_id]]


def class_labels(labels, *, min_classes=2):
    """Reads labels of whatever form.

    Args:
        labels: One label per image: integers (any), strings, booleans, whole
            floats, or rows that are one-hot; a list, an array, a column
            `(num_images, 1)` or a tensor.
        min_classes: Int, the fewest classes accepted. Defaults to `2`.

    Returns:
        `ClassLabels`.

    Raises:
        ValueError: for no labels, NaN, fractions, rows that are not one-hot,
            or fewer classes than `min_classes`.

    Example:

    >>> found = class_labels(["oak", "elm", "oak"])
    >>> found.ids.tolist(), found.names.tolist(), found.counts.tolist()
    ([1, 0, 1], ['elm', 'oak'], [1, 2])
    >>> class_labels([[0, 1], [1, 0]]).ids.tolist()
    [1, 0]
    """
    values = np.asarray(labels)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    elif values.ndim == 2:
        values = _from_one_hot(values)
    if values.ndim != 1 or not values.size:
        raise ValueError(
            "labels must be one label per image, for at least one image. "
            f"Received: labels.shape={values.shape}."
        )
    if values.dtype == object:
        if not all(isinstance(value, str) for value in values):
            kinds = sorted({type(value).__name__ for value in values})
            raise ValueError(
                "labels must be of one kind: all integers or all strings. "
                f"Received: labels of {', '.join(kinds)}. Convert them first."
            )
        values = values.astype(str)
    if values.dtype.kind == "f":
        whole = np.isfinite(values) & (values == np.floor(values))
        if not whole.all():
            raise ValueError(
                "labels given as floats must be whole numbers. Received: "
                f"labels[{np.argmin(whole)}]={values[np.argmin(whole)]}. "
                "Give features first and labels second."
            )
        values = values.astype(np.int64)
    names, ids, counts = np.unique(
        values, return_inverse=True, return_counts=True
    )
    if len(names) < min_classes:
        raise ValueError(
            f"There must be at least {min_classes} classes. Received: labels "
            f"of {len(names)}: {names.tolist()}."
        )
    return ClassLabels(
        ids=ids.astype(np.int64),
        names=names,
        counts=counts.astype(np.int64),
        order=np.argsort(ids, kind="stable"),
        starts=np.cumsum(counts) - counts,
    )


def _from_one_hot(values):
    hot = values.astype(bool)
    bad = np.flatnonzero((hot.sum(axis=1) != 1) | (values != hot).any(axis=1))
    if bad.size:
        raise ValueError(
            "labels of two dimensions must be one-hot: a single 1 in each "
            f"row. Received: labels[{bad[0]}]={values[bad[0]].tolist()}. "
            "Give class numbers, or `scores.argmax(axis=1)`."
        )
    return hot.argmax(axis=1)
