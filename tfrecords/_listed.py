"""Sources made of a public set's own lists of files, labels and boxes."""

import collections
import pathlib

import numpy as np

from fgkeras.data.images import image
from fgkeras.data.sources.boxes import shown_box
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split

_HEAD = 65_536  # bytes; holds the header of nearly every photograph


class ListedSource(Source):
    """Image files below a folder, as a set's annotations list them.

    Args:
        root: Path, what the listed paths are relative to.
        class_names: Sequence of strings, in label order; names that occur
            twice get their label added.
        rows: Dict of split name to a list of `(path, label)` or
            `(path, label, box)`; a box is `(xmin, ymin, xmax, ymax)` in pixels
            of the file as it is stored, for all images of a split or none.
        name: String, the data set's name.
        hierarchy: Dict of column name to one string per class, or `None`.
    """

    def __init__(self, root, class_names, rows, *, name, hierarchy=None):
        self.root = pathlib.Path(root)
        splits = {}
        for split, members in rows.items():
            boxes = [
                self._relative(row[0], row[2]) for row in members if row[2:]
            ]
            splits[split] = Split(
                tuple(row[0] for row in members),
                np.array([row[1] for row in members], "int64"),
                np.array(boxes, "float32") if boxes else None,
            )
        super().__init__(name, unique(class_names), splits, hierarchy)

    def read(self, image_id):
        return (self.root / image_id).read_bytes()

    def _relative(self, path, box):
        """Returns a box as fractions of the image as it is shown."""
        try:
            with open(self.root / path, "rb") as file:
                head = file.read(_HEAD)
                try:
                    info = image.inspect(head)
                except image.BadImage:
                    info = image.inspect(head + file.read())
        except (OSError, image.BadImage):
            return 0.0, 0.0, 1.0, 1.0  # the conversion names the bad file
        xmin, ymin, xmax, ymax = box
        height, width = info.height, info.width
        sides = np.array(
            [ymin / height, xmin / width, ymax / height, xmax / width]
        )
        return shown_box(np.clip(sides, 0.0, 1.0), info.orientation)


def unique(names):
    """Returns the names, the label added to those that occur twice."""
    counts = collections.Counter(names)
    return [
        name if counts[name] == 1 else f"{name} ({label})"
        for label, name in enumerate(names)
    ]


def need(root, *paths):
    """Returns the first of `paths` below `root` that exists."""
    for path in paths:
        if (pathlib.Path(root) / path).exists():
            return pathlib.Path(root) / path
    raise ValueError(
        "The folder must be laid out as the set is distributed. Received: "
        f"{str(root)!r}, which has no {' or '.join(paths)}. See --help."
    )


def lines(root, path):
    """Returns the lines of a list below `root`, split at the first space."""
    text = need(root, path).read_text(encoding="utf-8", errors="replace")
    return [
        tuple(part.strip() for part in line.split(maxsplit=1))
        for line in text.splitlines()
        if line.strip()
    ]
