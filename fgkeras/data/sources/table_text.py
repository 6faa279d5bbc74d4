"""Tables as people save them: their encoding, separator and comments."""

import collections
import csv
import io

from fgkeras.data.sources.bad_image import BadImage
from fgkeras.data.sources.plain_file import read_plain

_SEPARATORS = (",", ";", "\t")
_BOMS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


def read_small(path):
    """Returns the bytes of a file that holds a table.

    Args:
        path: String or path.

    Raises:
        ValueError: If it is no plain file, or too large.
    """
    try:
        return read_plain(path)
    except BadImage as error:
        raise ValueError(
            f"A table must be a plain file. Received: {path}: {error}."
        ) from error


def table_rows(data, where):
    """Reads the cells of a table.

    It is UTF-8, UTF-16 with its mark, or else what Windows writes in western
    Europe (cp1252); the cells of its first row are separated by a comma, a
    semicolon or a tab. Empty lines are left out, and comments (`# ...`) before
    the first row.

    Args:
        data: Bytes.
        where: String, the file, for messages.

    Returns:
        List of pairs: the number of a row's last line, counted from 1, and the
        list of its cells without spaces around them. The first is the header.

    Raises:
        ValueError: If it is no text, or no table.

    Example:

    >>> table_rows("# mine\\npath;label\\na.jpg;élan\\n".encode(), "t.csv")
    [(2, ['path', 'label']), (3, ['a.jpg', 'élan'])]
    """
    text = _decoded(data, where)
    lines = text.splitlines(keepends=True)
    first = next(
        (i for i, line in enumerate(lines) if not _is_comment(line)), len(lines)
    )
    header = lines[first] if first < len(lines) else ""
    counts = collections.Counter({s: header.count(s) for s in _SEPARATORS})
    separator = counts.most_common(1)[0][0]
    # `splitlines` knows more ends of lines than tables have.
    skipped = sum(map(len, lines[:first]))
    reader = csv.reader(
        io.StringIO(text[skipped:], newline=""), delimiter=separator
    )
    rows = []
    try:
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if any(cells):
                rows.append((first + reader.line_num, cells))
    except csv.Error as error:
        raise ValueError(
            "A table has one row a line, and quotes that are closed. Received: "
            f"{where}, whose row {first + reader.line_num} is none ({error})."
        ) from error
    return rows


def _is_comment(line):
    return not line.strip() or line.lstrip("\ufeff").startswith("#")


def _decoded(data, where):
    """Returns the text of a table, whatever program wrote it."""
    coding = next((c for bom, c in _BOMS.items() if data.startswith(bom)), None)
    try:
        if coding:
            text = data.decode(coding)
        else:
            try:
                text = data.decode("utf-8")
            except UnicodeDecodeError:
                text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise ValueError(
            "A table is text in UTF-8, UTF-16 or cp1252. Received: "
            f"{where} ({error}). Save it as UTF-8."
        ) from error
    if "\0" in text:
        raise ValueError(
            f"A table is text. Received: {where}, which holds zero bytes. "
            "Save it as UTF-8."
        )
    return text
