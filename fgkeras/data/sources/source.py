"""What every opened image source is: class names, splits, encoded bytes."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Split:
    """Image ids of one split with their labels, in a fixed order.

    Args:
        ids: Tuple of strings, unique within the source.
        labels: NumPy `int64` array of shape `(len(ids),)`, 0-based.
        boxes: `None`, or NumPy `float32` array of shape `(len(ids), 4)`:
            `ymin, xmin, ymax, xmax`, each relative to the image, in [0, 1].
    """

    ids: tuple
    labels: np.ndarray
    boxes: np.ndarray | None = None

    def __len__(self):
        return len(self.ids)

    def take(self, indices):
        """Returns the split reduced to `indices`, in their order."""
        indices = np.asarray(indices, dtype="int64")
        return Split(
            tuple(self.ids[i] for i in indices),
            self.labels[indices],
            None if self.boxes is None else self.boxes[indices],
        )


class Source:
    """An opened collection of labelled images.

    Subclasses implement `read`. Opening lists ids and labels; image bytes are
    read only on demand, so a source costs memory for its list alone.

    Args:
        spec: String, as the user typed it, such as `"folder:photos"`.
        class_names: Sequence of strings, in label order.
        splits: Dict of split name to `Split`.
        hierarchy: Dict of column name to a sequence of strings, one per class:
            the parents of the classes, such as `{"genus": (...)}`.
        refused: List of `(file, reason)` of what opening left out because the
            user asked for it with `skip_bad`.

    Attributes:
        listed: Tuple of the ids of all images, also of those that later cuts
            left out of every split.
    """

    def __init__(self, spec, class_names, splits, hierarchy=None, refused=()):
        self.spec = spec
        self.class_names = tuple(class_names)
        self.splits = dict(splits)
        self.listed = tuple(
            i for part in self.splits.values() for i in part.ids
        )
        self.hierarchy = {k: tuple(v) for k, v in (hierarchy or {}).items()}
        self.refused = list(refused)
        # What `screened` has run through: id to SHA-256 and bytes, or `None`.
        self.sound = {}

    @property
    def num_classes(self):
        return len(self.class_names)

    def read(self, image_id):
        """Returns the encoded bytes of one image. Thread-safe."""
        raise TypeError(f"{type(self).__name__} does not define `read`.")

    def stamps(self, ids):
        """Returns what is known of images without reading them.

        Args:
            ids: Sequence of ids.

        Returns:
            List of strings, one per image, that differ only where the bytes
            do: the size, and a checksum where the source keeps one. Or `None`
            if nothing is known.
        """
        del ids

    def split(self, name):
        """Returns one `Split`, or says which ones there are."""
        if name not in self.splits:
            raise ValueError(
                f"`split` must be one of {sorted(self.splits)} for "
                f"{self.spec}. Received: split={name!r}."
            )
        return self.splits[name]

    def counts(self, split):
        """Returns images per class, NumPy `int64`, shape `(num_classes,)`."""
        labels = self.split(split).labels
        return np.bincount(labels, minlength=self.num_classes)

    def with_splits(self, splits):
        """Returns the same source with other splits (ids must be its own)."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.splits = dict(splits)
        return twin

    def select(self, split, indices):
        """Returns the source with one split reduced to `indices`."""
        chosen = self.split(split).take(indices)
        return self.with_splits({**self.splits, split: chosen})
