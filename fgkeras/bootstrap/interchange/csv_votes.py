"""Votes as a table that a spreadsheet opens and does not execute."""

import csv
import pathlib

from fgkeras.bootstrap.interchange.vote import VOTE_FIELDS
from fgkeras.bootstrap.interchange.vote import checked_vote
from fgkeras.bootstrap.interchange.vote import in_file
from fgkeras.bootstrap.interchange.vote import shortened
from fgkeras.storage import whole_file

_NUMBERS = {"round": int, "dwell_ms": int, "score": float}
_OR_NONE = ("rival", "score", "instead", "dwell_ms", "model")
# What a spreadsheet takes for the beginning of a formula, wide forms too.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_QUOTE = "'"


def write_csv_votes(path, votes):
    """Writes votes as CSV, a row each, below a row of their fields.

    Use it for people with a spreadsheet, and for other programs. A cell that
    would be a formula (`=HYPERLINK(...)`) stands behind an apostrophe, which
    `read_csv_votes` takes off again. UTF-8 with its mark, every cell in double
    quotes, lines of CR LF; one vote is held at a time.

    Args:
        path: Path of the file; an old one is replaced as a whole.
        votes: Iterable of dicts, see `checked_vote`.

    Returns:
        Int, how many there were.

    Raises:
        ValueError: For a vote that is none; there is no file then.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "votes.csv")
    >>> write_csv_votes(path, [])
    0
    >>> list(read_csv_votes(path))
    []
    """
    path, count = pathlib.Path(path), 0
    with whole_file(path, "w") as file:
        file.write("\ufeff")
        rows = csv.writer(file, quoting=csv.QUOTE_ALL)
        rows.writerow(VOTE_FIELDS)
        for vote in votes:
            count += 1
            vote = checked_vote(vote, f"{path.name}, vote {count}")
            rows.writerow([_cell(name, vote[name]) for name in VOTE_FIELDS])
    return count


def read_csv_votes(path):
    """Reads votes of a CSV file.

    The columns may stand in any order. All rows are checked before the first
    vote is given; then one is held at a time.

    Args:
        path: Path of the file.

    Returns:
        Iterator of dicts, see `checked_vote`.

    Raises:
        ValueError: For a row that is no vote, with its number: the row of the
            fields is 1.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "votes.csv")
    >>> _ = path.write_text("image,file")
    >>> read_csv_votes(path)
    Traceback (most recent call last):
    ...
    ValueError: votes.csv, row 1: the columns must be image, file, round, \
class, rival, score, labeller, verdict, instead, time, dwell_ms, mode, model, \
source, licence, author, url. Received: image, file.
    """
    return in_file(pathlib.Path(path), _rows)


def _rows(path):
    number = 1
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            names = next(rows, [])
            if sorted(names) != sorted(VOTE_FIELDS):
                raise ValueError(
                    f"{path.name}, row 1: the columns must be "
                    f"{', '.join(VOTE_FIELDS)}. Received: "
                    f"{shortened(', '.join(names))[1:-1]}."
                )
            for number, row in enumerate(rows, 2):
                where = f"{path.name}, row {number}"
                if len(row) != len(names):
                    raise ValueError(
                        f"{where}: there must be {len(names)} cells. Received: "
                        f"{len(row)}."
                    )
                values = zip(names, row, strict=True)
                yield checked_vote(
                    {name: _value(name, cell) for name, cell in values}, where
                )
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path.name}: the file must be UTF-8. Received: {error}. Save it "
            "as CSV UTF-8."
        ) from error
    except csv.Error as error:
        raise ValueError(
            f"{path.name}, after row {number}: the table must be CSV with "
            f"cells in double quotes. Received: {error}."
        ) from error


def _cell(name, value):
    if value is None:
        return ""
    if name in _NUMBERS:
        return repr(value)
    behind = value[1:2] in (*_FORMULA, _QUOTE) and value[0] == _QUOTE
    return _QUOTE + value if value[:1] in _FORMULA or behind else value


def _value(name, cell):
    if cell == "" and name in _OR_NONE:
        return None
    if name in _NUMBERS:
        try:
            return _NUMBERS[name](cell)
        except ValueError:
            return cell  # The check says what it should have been.
    if cell[:1] == _QUOTE and cell[1:2] in (*_FORMULA, _QUOTE):
        return cell[1:]
    return cell
