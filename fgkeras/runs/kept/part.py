"""The images of one role of a run, and how they are known again."""

import dataclasses

import numpy as np

from fgkeras.runs.kept.files import is_names
from fgkeras.runs.kept.files import is_whole


@dataclasses.dataclass(frozen=True)
class Part:
    """The images of one role, each with its class and what tells it apart.

    Args:
        split: String, the split they were.
        ids: Tuple of strings.
        classes: Tuple of class names, one per image, or `None` if unknown.
        stamps: List as `Source.stamps` gives it, or `None`.
        sha256: List of the first 16 hexadecimal digits of each image's
            SHA-256, `None` where the bytes were not read; or `None`.
        boxes: List of the box that each image is cropped to, as text, or `None`
            where all of it is seen.
    """

    split: str
    ids: tuple
    classes: tuple | None = None
    stamps: list | None = None
    sha256: list | None = None
    boxes: list | None = None

    def __len__(self):
        return len(self.ids)

    def with_hashes(self, sha256):
        """Returns the part with a dict of id to SHA-256 noted."""
        if not sha256:
            return self
        noted = [sha256.get(i) for i in self.ids]
        return dataclasses.replace(self, sha256=noted)

    def take(self, places):
        """Returns the part reduced to some places, in their order."""

        def taken(values):
            return values and type(values)(values[i] for i in places)

        return Part(
            self.split,
            tuple(self.ids[i] for i in places),
            *map(taken, (self.classes, self.stamps, self.sha256, self.boxes)),
        )

    def without_doubles(self):
        """Returns the part with each id once, where it first stands."""
        first = {}
        for place, image_id in enumerate(self.ids):
            first.setdefault(image_id, place)
        if len(first) == len(self.ids):
            return self
        return self.take(list(first.values()))


def part_in(value, names):
    """Returns the `Part` that `data.json` describes, checked.

    Args:
        value: Dict, as `RunData` has it.
        names: List of strings, the classes that its numbers mean.

    Raises:
        ValueError, KeyError, TypeError: If it is of another shape.
    """
    ids, places = value["ids"], value["classes"]
    if not isinstance(value["split"], str) or not is_names(ids):
        raise ValueError("'split' must be text, 'ids' texts")
    if not isinstance(places, list) or not all(map(is_whole, places)):
        raise ValueError("'classes' must be whole numbers")
    if not are_places(np.array(places, object), len(ids), len(names)):
        raise ValueError("'classes' must have a class for each image")
    for key in ("stamps", "sha256", "boxes"):
        known = value.get(key) if key == "boxes" else value[key]
        if known is not None and (
            not isinstance(known, list)
            or len(known) != len(ids)
            or not is_names([text for text in known if text is not None])
        ):
            raise ValueError(f"{key!r} must have a text for each image")
    return Part(
        value["split"],
        tuple(ids),
        tuple(names[i] for i in places),
        value["stamps"],
        value["sha256"],
        value.get("boxes"),
    )


def are_places(labels, count, num_classes):
    """Whether there is a number of a class for each of some images.

    Args:
        labels: Array, what is to be numbers.
        count: Int, the images.
        num_classes: Int.
    """
    return (
        len(labels) == count
        and labels.dtype.kind in "iuO"
        and all(0 <= label < num_classes for label in labels)
    )


def part_of(source, split, *, boxes=False):
    """Describes one split of a source; no image is read.

    Args:
        source: `Source`.
        split: String.
        boxes: Bool, whether its images are cropped to their boxes. Defaults to
            `False`.
    """
    part = source.split(split)
    names = source.class_names
    return Part(
        split,
        tuple(part.ids),
        tuple(names[label] if label >= 0 else "" for label in part.labels),
        source.stamps(part.ids),
        boxes=[_text(box) for box in part.boxes] if boxes else None,
    )


def _text(box):
    """A box as text, to the digits that single precision has."""
    return " ".join(f"{side:.7g}" for side in box.tolist())
