"""What every opened image source is: class names, splits, encoded bytes."""

import collections
import inspect
import typing

import numpy as np

from fgkeras.data.sources.file_names import is_ignored
from fgkeras.data.sources.problems import Problems
from fgkeras.data.sources.split import Split
from fgkeras.data.sources.split import joined_splits

__all__ = ["ALL", "Source", "Split"]

# The split of all images.
ALL = "*"


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
        notes: Sequence of sentences on the source as a whole, such as a
            hierarchy that was left out. Defaults to none.

    Attributes:
        kind: String, what it holds: `"images"`.
        may_hold_bad: Bool, whether `skip_bad` runs through its images; not
            those that were run through when they were made.
        split_like: String, a column of the images that looks like a split and
            is none, or `None`.
        descriptions: Dict of class name to words for people, from the column
            `description` of `classes.csv`; classes without are not in it.
        listed: Tuple of the ids of all images, also of those that later cuts
            left out of every split.

    Example:

    >>> class InMemory(Source):
    ...     def __init__(self, files, class_names, labels):
    ...         split = Split(tuple(files), np.asarray(labels))
    ...         super().__init__("memory", class_names, {"train": split})
    ...         self.files = files
    ...     def read(self, image_id):
    ...         return self.files[image_id]
    >>> photos = {"a.jpg": b"...", "b.jpg": b"...", "c.jpg": b"..."}
    >>> source = InMemory(photos, ["elm", "oak"], [0, 1, 1])
    >>> source.num_classes, source.counts("train").tolist()
    (2, [1, 2])
    """

    kind = "images"
    may_hold_bad = True
    split_like: str | None = None

    def __init__(
        self, spec, class_names, splits, hierarchy=None, refused=(), notes=()
    ):
        self.spec = spec
        self.class_names = tuple(class_names)
        self.splits = dict(splits)
        self.listed = tuple(
            i for part in self.splits.values() for i in part.ids
        )
        self.hierarchy = {k: tuple(v) for k, v in (hierarchy or {}).items()}
        self.refused = Problems(refused)
        self.notes = tuple(notes)
        self.descriptions: dict[str, str] = {}
        # What `screened` has run through: id to SHA-256 and bytes, or `None`.
        self.sound = {}
        # Of pictures of 16 bits that were read: id to how many they use.
        self.used_bits = {}

    @classmethod
    def from_spec(cls, text, *, skip_bad=False, ignore=()):
        """Opens what follows the colon of a spec.

        Args:
            text: String, such as a path.
            skip_bad: Boolean, whether what cannot be used is listed in
                `refused` rather than stopping. Defaults to False.
            ignore: Sequence of globs of what is left out. Defaults to none.
        """
        make: typing.Any = cls
        if "ignore" in inspect.signature(make).parameters:
            return make(text, skip_bad=skip_bad, ignore=ignore)
        return make(text, skip_bad=skip_bad).without(ignore)

    @property
    def num_classes(self):
        return len(self.class_names)

    @property
    def labelled(self):
        """Whether there are classes, and images of them."""
        return any((part.labels >= 0).any() for part in self.splits.values())

    @property
    def has_boxes(self):
        """Whether images of a split have boxes."""
        return any(part.boxes is not None for part in self.splits.values())

    @property
    def columns(self):
        """Names of the columns of images in any split, sorted, a tuple."""
        names = {n for part in self.splits.values() for n in part.columns}
        return tuple(sorted(names))

    def read(self, image_id):
        """Returns the encoded bytes of one image. Thread-safe."""
        raise TypeError(f"{type(self).__name__} does not define `read`.")

    def stamps(self, ids):
        """Returns what is known of images without reading them.

        Args:
            ids: Sequence of ids.

        Returns:
            List of strings, one per image, that differ only where the bytes
            do: the size, and a checksum where the source keeps one; `None`
            for an image of which nothing is known. Or `None` if nothing is
            known of any.
        """
        del ids

    def without(self, ignore):
        """Returns the source without the images that globs meet.

        Args:
            ignore: Sequence of strings, see `is_ignored`.
        """
        if not ignore:
            return self
        splits = {
            name: part.take(
                [i for i, k in enumerate(part.ids) if not is_ignored(k, ignore)]
            )
            for name, part in self.splits.items()
        }
        twin = self.with_splits(splits)
        twin.listed = tuple(i for i in self.listed if not is_ignored(i, ignore))
        return twin

    def has_split(self, text):
        """Whether `split` finds it: a name, names with `+`, or `"*"`."""
        return text in self.splits or not _unknown(text, self.splits)

    def split(self, text):
        """Returns one `Split`, or says which ones there are.

        Args:
            text: String: the name of a split; several names, such as
                `"train+val"`, for the images of all of them; or `"*"` for all
                images, each once, where several splits share it. A split of
                just that name comes first.

        Raises:
            ValueError: If there is no such split, or two of several share an
                image.

        Example:

        >>> parts = {"train": Split(("a", "b"), np.array([0, 1])),
        ...     "val": Split(("c",), np.array([1]))}
        >>> Source("x", ["elm", "oak"], parts).split("train+val").ids
        ('a', 'b', 'c')
        """
        if text in self.splits:
            return self.splits[text]
        unknown = _unknown(text, self.splits)
        if unknown:
            of = f" in {text!r}" if "+" in text else ""
            raise ValueError(
                f"`split` must be one of {sorted(self.splits)} for "
                f"{self.spec}, several of them joined by +, or * for all. "
                f"Received: split={unknown[0]!r}{of}."
            )
        names = self.splits if text == ALL else text.split("+")
        joined = joined_splits([self.splits[name] for name in names])
        first = {}
        for place, image_id in enumerate(joined.ids):
            first.setdefault(image_id, place)
        if len(first) == len(joined):
            return joined
        if text != ALL:
            counts = collections.Counter(joined.ids)
            twice = next(i for i, count in counts.items() if count > 1)
            raise ValueError(
                "Splits that are joined share no image. Received: "
                f"split={text!r} of {self.spec}, where {twice!r} stands twice. "
                "Name splits that lie apart, or * for every image once."
            )
        return joined.take(list(first.values()))

    def counts(self, split):
        """Returns images per class, NumPy `int64`, shape `(num_classes,)`.

        Images without a label belong to none.
        """
        labels = self.split(split).labels
        return np.bincount(labels[labels >= 0], minlength=self.num_classes)

    def with_splits(self, splits):
        """Returns the same source with other splits (ids must be its own)."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.splits = dict(splits)
        return twin

    def with_split(self, text):
        """Returns the source where a split, of many names too, is one of its.

        What is cut from its parts later, it keeps.
        """
        return self.with_splits({**self.splits, text: self.split(text)})

    def select(self, split, indices):
        """Returns the source with one split reduced to `indices`."""
        chosen = self.split(split).take(indices)
        return self.with_splits({**self.splits, split: chosen})


def _unknown(text, splits):
    """Returns the names in a split's text that no split has."""
    if text == ALL:
        return [] if splits else [ALL]
    return [name for name in text.split("+") if name not in splits]
