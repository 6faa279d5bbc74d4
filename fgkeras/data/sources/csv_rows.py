"""The rows of an image list, each held against what a list is."""

import dataclasses
import os

from fgkeras.data.sources.csv_columns import BOX
from fgkeras.data.sources.csv_columns import find_columns
from fgkeras.data.sources.csv_columns import split_like
from fgkeras.data.sources.file_names import is_ignored
from fgkeras.data.sources.file_names import printable
from fgkeras.data.sources.plain_file import fault_of
from fgkeras.data.sources.problems import Problems
from fgkeras.data.sources.table_text import read_small
from fgkeras.data.sources.table_text import table_rows


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One row of the list.

    Args:
        number: Integer, its line in the file.
        path: String, as it is written.
        label: String.
        split: String, `train`, `val`, `test` or `all`.
        box: `None`, or tuple of four floats.
        more: Tuple of strings, the cells of all other columns.
    """

    number: int
    path: str
    label: str
    split: str
    box: tuple | None
    more: tuple


@dataclasses.dataclass(frozen=True)
class Listed:
    """What an image list says.

    Args:
        columns: Tuple of strings, the names of the other columns.
        rows: List of `Row` whose file is there.
        refused: `Problems` of the rest.
        split_like: String, one of `columns` that looks like a split, or
            `None`.
    """

    columns: tuple
    rows: list
    refused: Problems
    split_like: str | None


def read_rows(path, folder, *, asked, skip_bad, ignore=()):
    """Reads an image list.

    Args:
        path: Path of the CSV file.
        folder: Path that the paths in it are relative to.
        asked: Dict of `path`, `label`, `split` to names of columns.
        skip_bad: Boolean, whether rows whose file is missing, or whose box is
            none, are listed.
        ignore: Sequence of globs of paths to leave out. Defaults to none.

    Returns:
        `Listed`.

    Raises:
        ValueError: as `CsvSource`, naming the row.
    """
    lines = table_rows(read_small(path), str(path))
    header = lines[0][1] if lines else []
    columns = find_columns(str(path), header, asked)
    rows, refused, seen = [], Problems(), {}
    for number, cells in lines[1:]:
        if len(cells) != len(header):
            raise bad_row(
                path,
                number,
                f"Every row needs {len(header)} cells",
                f"{len(cells)} cells",
            )
        written = cells[columns.path]
        if is_ignored(written.replace("\\", "/"), ignore):
            continue
        split = "all"
        if columns.split is not None:
            text = cells[columns.split]
            split = columns.split_of(text)
            if split is None:
                rule = "`split` must be `train`, `val` or `test`"
                raise bad_row(path, number, rule, f"split={text!r}")
        name, fault = _file(folder, written)
        place = os.path.normpath(os.path.join(folder, name))
        if place in seen:
            rule = f"Every file has one row (row {seen[place]} has it too)"
            raise bad_row(path, number, rule, f"path={written!r}")
        seen[place] = number
        if fault is not None:
            refused.append((written, f"row {number}: {fault}"))
            continue
        texts = [cells[i] for i in columns.box]
        box, fault = _box(texts)
        if fault is not None and not skip_bad:
            raise bad_row(path, number, *fault)
        if fault is not None:
            refused.append((written, f"row {number}: its box is none"))
            continue
        rows.append(
            Row(
                number,
                name,
                cells[columns.label],
                split,
                box,
                tuple(cells[i] for i in columns.others),
            )
        )
    if not skip_bad:
        refused.refuse(
            f"Every path in {path} must be an existing file, seen from "
            f"{folder}."
        )
    if not rows:
        raise ValueError(
            "An image list needs at least one row with an existing file. "
            f"Received: {path} with {len(seen)} rows."
        )
    return Listed(
        tuple(header[i] for i in columns.others),
        rows,
        refused,
        None
        if columns.split is not None or asked.get("split")
        else split_like(columns, [row.more for row in rows]),
    )


def _file(folder, written):
    """Returns the path of a row, and why there is no such file, or `None`."""
    if printable(written) != written:
        return written, "its name holds a line break or a control character"
    if not written:
        return written, "it names no file"
    fault = fault_of(os.path.join(folder, written))
    if fault is not None and "\\" in written:
        # As Windows writes paths.
        turned = written.replace("\\", "/")
        if fault_of(os.path.join(folder, turned)) is None:
            return turned, None
    return written, fault


def bad_row(path, number, rule, received):
    """Returns the error that names a row."""
    return ValueError(
        f"{rule}. Received: {received} in row {number} of {path}."
    )


def _box(texts):
    """Returns the box of a row, and the rule it breaks and what it says.

    Both are `None` where all its cells are empty.
    """
    if not any(texts):
        return None, None
    box: tuple = ()
    try:
        ymin, xmin, ymax, xmax = box = tuple(map(float, texts))
        inside = 0 <= ymin < ymax <= 1 and 0 <= xmin < xmax <= 1
    except ValueError:
        inside = False
    if not inside:
        rule = (
            "A box is relative to the image, 0 to 1 with each min below its "
            "max (divide pixels by height and width, or rename the columns)"
        )
        shown = ", ".join(f"{n}={t}" for n, t in zip(BOX, texts, strict=True))
        return None, (rule, shown)
    return box, None
