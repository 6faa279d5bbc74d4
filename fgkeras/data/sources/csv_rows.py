"""The rows of an image list, each held against what a list is."""

import csv
import dataclasses
import os

from fgkeras.data.sources.layout import split_name

BOX = ("ymin", "xmin", "ymax", "xmax")
_OWN = ("path", "label", "split", *BOX)


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One row of the list.

    Args:
        number: Integer, its line in a table, 1 is the header.
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


def read_rows(path, folder, skip_bad):
    """Reads an image list.

    Args:
        path: Path of the CSV file.
        folder: Path that the paths in it are relative to.
        skip_bad: Boolean, whether rows whose file is missing are listed.

    Returns:
        Tuple of the names of the other columns, a list of `Row` whose file is
        there, and a list of `(path, reason)` of the rest.

    Raises:
        ValueError: as `CsvSource`, naming the row.
    """
    rows, refused, seen = [], [], {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        header = [cell.strip() for cell in next(lines, [])]
        _check_header(path, header)
        # A column without a name, as tables number their rows, is none.
        names = [name for name in header if name and name not in _OWN]
        for number, cells in enumerate(lines, 2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise bad_row(
                    path,
                    number,
                    f"Every row needs {len(header)} cells",
                    f"{len(cells)} cells",
                )
            cell = dict(zip(header, map(str.strip, cells), strict=True))
            name = cell["path"]
            split = split_name(cell["split"]) if "split" in cell else "all"
            if split is None:
                rule = "`split` must be `train`, `val` or `test`"
                raise bad_row(path, number, rule, f"split={cell['split']!r}")
            place = os.path.normpath(folder / name)
            if place in seen:
                rule = f"Every file has one row (row {seen[place]} has it too)"
                raise bad_row(path, number, rule, f"path={name!r}")
            seen[place] = number
            if not name or not os.path.isfile(place):
                if not skip_bad:
                    rule = "Every path must be an existing file, seen from "
                    raise bad_row(
                        path, number, f"{rule}{folder}", f"path={name!r}"
                    )
                refused.append((name, f"row {number}: there is no such file"))
                continue
            box = _box(path, number, cell) if BOX[0] in cell else None
            more = tuple(cell[column] for column in names)
            rows.append(Row(number, name, cell["label"], split, box, more))
    if not rows:
        raise ValueError(
            "An image list needs at least one row with an existing file. "
            f"Received: {path} with {len(seen)} rows."
        )
    return names, rows, refused


def bad_row(path, number, rule, received):
    """Returns the error that names a row."""
    return ValueError(
        f"{rule}. Received: {received} in row {number} of {path}."
    )


def _check_header(path, header):
    named = [name for name in header if name]
    twice = sorted({name for name in named if named.count(name) > 1})
    if "path" not in header or "label" not in header or twice:
        raise ValueError(
            "An image list starts with the header `path,label` or "
            "`path,label,split`, and other columns of different names. "
            f"Received: {header} in {path}."
        )
    sides = [name for name in BOX if name in header]
    if sides and len(sides) < len(BOX):
        raise ValueError(
            f"A box has the columns {', '.join(BOX)}. Received: only "
            f"{', '.join(sides)} in {path}. Add the others, or rename these."
        )


def _box(path, number, cell):
    """Returns the box of a row, or `None` where all its cells are empty."""
    texts = [cell[name] for name in BOX]
    if not any(texts):
        return None
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
        raise bad_row(path, number, rule, shown)
    return box
