"""Image ids of one split with their labels, boxes and columns."""

import collections.abc
import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Split:
    """Image ids of one split with their labels, in a fixed order.

    Args:
        ids: Tuple of strings, unique within the source.
        labels: NumPy `int64` array of shape `(len(ids),)`, 0-based; -1 is an
            image without a label.
        boxes: `None`, or NumPy `float32` array of shape `(len(ids), 4)`:
            `ymin, xmin, ymax, xmax`, each relative to the image as it is
            shown (its Exif orientation applied), in [0, 1]; not numbers where
            an image has none.
        columns: Dict of name to NumPy array of shape `(len(ids),)`: what else
            the data say of each image, such as its licence, author or url.
            Text is an array of Python strings. Defaults to none.

    Example:

    >>> names = np.array(["CC0", "CC BY"], object)
    >>> split = Split(("a", "b"), np.array([0, 1]), columns={"licence": names})
    >>> split.take([1]).columns["licence"].tolist()
    ['CC BY']
    """

    ids: tuple
    labels: np.ndarray
    boxes: np.ndarray | None = None
    columns: collections.abc.Mapping = dataclasses.field(default_factory=dict)

    def __len__(self):
        return len(self.ids)

    def take(self, indices):
        """Returns the split reduced to `indices`, in their order."""
        indices = np.asarray(indices, dtype="int64")
        return Split(
            tuple(self.ids[i] for i in indices),
            self.labels[indices],
            None if self.boxes is None else self.boxes[indices],
            {name: values[indices] for name, values in self.columns.items()},
        )

    def with_labels(self, labels):
        """Returns the same images under other labels."""
        return dataclasses.replace(self, labels=labels)


def joined_splits(parts):
    """Returns the images of several splits, one after the other.

    A column that a part lacks is empty there: `""` in text, not a number in
    floats, as are boxes. Whole numbers have no empty value, so they become
    text then, as do columns of different types.

    Args:
        parts: Sequence of `Split`; those without images count for nothing.

    Example:

    >>> one = Split(("a",), np.array([0]), columns={"year": np.array([2019])})
    >>> joined_splits([one, Split(("b",), np.array([1]))]).columns
    {'year': array(['2019', ''], dtype=object)}
    """
    parts = [part for part in parts if len(part)] or list(parts)[:1]
    if len(parts) == 1:
        return parts[0]
    boxes = None
    if any(part.boxes is not None for part in parts):
        boxes = np.concatenate([_boxes(part) for part in parts])
    names = dict.fromkeys(name for part in parts for name in part.columns)
    return Split(
        tuple(i for part in parts for i in part.ids),
        np.concatenate([np.zeros(0, "int64"), *(p.labels for p in parts)]),
        boxes,
        {name: _column(name, parts) for name in names},
    )


def _boxes(part):
    """Returns the boxes of a split, not numbers where it has none."""
    if part.boxes is not None:
        return part.boxes
    return np.full((len(part), 4), np.nan, "float32")


def _column(name, parts):
    """Returns one column of joined splits."""
    found = [part.columns.get(name) for part in parts]
    kinds = {values.dtype.kind for values in found if values is not None}
    whole = not any(values is None for values in found)
    if len(kinds) == 1 and (whole or kinds == {"f"}):
        return np.concatenate(
            [
                np.full(len(part), np.nan) if values is None else values
                for part, values in zip(parts, found, strict=True)
            ]
        )
    return np.array(
        [
            text
            for part, values in zip(parts, found, strict=True)
            for text in (
                [""] * len(part)
                if values is None
                else map(str, values.tolist())
            )
        ],
        object,
    )
