"""Image lists: a CSV of paths, labels and, optionally, splits."""

import math
import os
import pathlib
import re

import numpy as np

from fgkeras.data.sources.class_table import FILE_NAME
from fgkeras.data.sources.class_table import find_class_table
from fgkeras.data.sources.csv_rows import bad_row
from fgkeras.data.sources.csv_rows import read_rows
from fgkeras.data.sources.layout import check_class_names
from fgkeras.data.sources.layout import in_order
from fgkeras.data.sources.layout import several_labels
from fgkeras.data.sources.plain_file import read_plain
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.split import Split
from fgkeras.data.spec import path_and_options


class CsvSource(Source):
    """Opens a CSV with the header `path,label` or `path,label,split`.

    Paths are relative to the CSV's folder, or absolute. Splits are `train`,
    `val` (`valid`, `validation`), `test`; without the column the only split is
    `"all"`. Columns are known by these names in any case, and by usual ones
    (`filename`, `image`; `class`, `category`) where one alone may be meant;
    others are named, as in `csv:list.csv?path=photo&label=kind&split=is_train`.
    `split=none` uses no column of splits. See `table_rows` for encodings,
    separators and comments.

    Every other column is of the images, such as `licence`, `author` or `url`:
    `Split.columns` has it as text. Four columns `ymin,xmin,ymax,xmax` are
    boxes, relative to the image as it is shown; a row may leave its own empty.
    Parents of classes, such as `family`, stand in `classes.csv`, one
    row per class, never in the list.

    Labels are class names, or integers that count from 0. With a
    `classes.csv` beside the CSV (see `parse_class_table`), names must occur
    there and integers number its rows; without it, integers must use every
    number from 0 to the largest.

    Args:
        path: String or path of the CSV file; options may follow its `?`.
        skip_bad: Boolean, whether rows whose file is missing, or whose box is
            none, are listed in `refused` rather than stopping. Defaults to
            False.
        ignore: Sequence of globs of paths to leave out, see `is_ignored`.
            Defaults to none.

    Raises:
        ValueError: naming the row: if a file is missing or listed twice, a
            label is empty, unknown or out of range, a split has another name,
            or a box is none; or if the header is another, or there is no row.
    """

    def __init__(self, path, *, skip_bad=False, ignore=()):
        spec = f"csv:{path}"
        path, asked = path_and_options("csv", str(path))
        self.path = pathlib.Path(path)
        if not self.path.is_file():
            found = "a folder" if self.path.exists() else "nothing"
            raise ValueError(
                "`csv:` needs an existing CSV file. Received: "
                f"path={str(path)!r}, where there is {found}."
            )
        if self.path.name == FILE_NAME:
            raise ValueError(
                f"`csv:` needs a list of images; `{FILE_NAME}` is the name of "
                f"the table of classes. Received: path={str(path)!r}."
            )
        folder = self.path.absolute().parent
        listed = read_rows(
            self.path, folder, asked=asked, skip_bad=skip_bad, ignore=ignore
        )
        rows, columns = listed.rows, listed.columns
        table = find_class_table(folder)
        class_names, labels = _labels(str(path), rows, table)
        check_class_names(str(path), class_names)
        splits = {}
        for split in ("all", "train", "val", "test"):
            chosen = [i for i, row in enumerate(rows) if row.split == split]
            if chosen:
                splits[split] = _split(
                    [rows[i] for i in chosen],
                    [labels[i] for i in chosen],
                    columns,
                )
        self._folder = folder
        super().__init__(
            spec,
            class_names,
            splits,
            table.hierarchy(class_names) if table else None,
            listed.refused,
            _notes(listed, class_names),
        )
        self.split_like = listed.split_like
        self.descriptions = dict(table.descriptions) if table else {}

    def read(self, image_id):
        """Returns the encoded bytes of one image. Thread-safe."""
        return read_plain(self._folder / image_id)

    def stamps(self, ids):
        """Returns the size of each file, in bytes."""
        return [str(os.stat(self._folder / i).st_size) for i in ids]


def _split(rows, labels, columns):
    """Returns the split of some rows."""
    boxes = None
    if any(row.box is not None for row in rows):
        none = (math.nan,) * 4
        boxes = np.array([row.box or none for row in rows], "float32")
    return Split(
        tuple(row.path for row in rows),
        np.array(labels, "int64"),
        boxes,
        {
            name: np.array([row.more[i] for row in rows], object)
            for i, name in enumerate(columns)
        },
    )


def _labels(path, rows, table):
    """Returns the class names and the label of every row."""
    for row in rows:
        if not row.label:
            rule = "Every row needs a label"
            raise bad_row(path, row.number, rule, "label=''")
    texts = {row.label for row in rows}
    integers = all(_is_integer(text) for text in texts)
    if table is None and not integers:
        names = in_order(texts)
    elif table is None:
        names = _integer_names(path, rows)
    elif texts <= set(table.class_names) or not integers:
        names = table.class_names
    else:
        for row in rows:
            if not 0 <= int(row.label) < len(table.class_names):
                rule = (
                    f"`label` must be in [0, {len(table.class_names)}), the "
                    f"rows of {table.where}"
                )
                raise bad_row(path, row.number, rule, f"label={row.label}")
        return table.class_names, [int(row.label) for row in rows]
    label_of = {name: label for label, name in enumerate(names)}
    if table is None and integers:
        return names, [int(row.label) for row in rows]
    for row in rows:
        if row.label not in label_of:
            rule = f"`label` must be a class of {table.where}"
            raise bad_row(path, row.number, rule, f"label={row.label!r}")
    return names, [label_of[row.label] for row in rows]


def _integer_names(path, rows):
    """Returns class names for integer labels that have no table."""
    for row in rows:
        if int(row.label) < 0:
            rule = "`label` must not be negative"
            raise bad_row(path, row.number, rule, f"label={row.label}")
    last = max(rows, key=lambda row: int(row.label))
    used = {int(row.label) for row in rows}
    if len(used) != int(last.label) + 1:
        missing = next(i for i in range(len(used) + 1) if i not in used)
        rule = (
            "Without a `classes.csv` beside the list, integer labels must use "
            f"every number from 0 to the largest (no row has {missing})"
        )
        raise bad_row(path, last.number, rule, f"label={last.label}")
    return [str(label) for label in range(len(used))]


def _is_integer(text):
    """Whether a label is a number as it is written: `001` is a name."""
    return re.fullmatch("-?(0|[1-9][0-9]{0,17})", text, re.ASCII) is not None


def _notes(listed, class_names):
    """Returns what there is to say of a list as a whole."""
    notes = []
    if listed.split_like:
        notes.append(
            f"The column {listed.split_like!r} looks like a split and is not "
            f"used as one: say ?split={listed.split_like}, or ?split=none."
        )
    return notes + several_labels(class_names)
