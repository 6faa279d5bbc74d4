"""The files of a run, read: whole, of the right shape, or refused by name."""

import csv

from fgkeras.storage import damaged_file
from fgkeras.storage import read_json

AGAIN = (
    "Train again into another folder (--out), or replace the run (--restart)."
)
PARENTS = "`{}` must name a parent for each class"


def damaged(path, why):
    """Returns the error of a file of a run that is not as it was written.

    Args:
        path: Path of the file.
        why: String, or the exception that reading it raised.
    """
    if isinstance(why, BaseException):
        # Errors of our own are sentences, of others often a mere key.
        why = str(why) if type(why) is ValueError else repr(why)
    return ValueError(damaged_file(path, why, AGAIN))


def read_object(path):
    """Returns the dict of a JSON file.

    Args:
        path: `pathlib.Path`.

    Raises:
        ValueError: If there is none, or it holds something else.
    """
    return read_json(path, AGAIN)


def read_classes(path):
    """Returns `classes.json` of a run, checked.

    Args:
        path: `pathlib.Path`.

    Returns:
        Dict: `class_names`, `train_counts`, `hierarchy`, and what else is
        there, such as `test_class_names`.

    Raises:
        ValueError: If it is damaged.
    """
    value = read_object(path)
    names = value.get("class_names")
    if not is_names(names) or len(set(names)) < len(names):
        raise damaged(path, "`class_names` must be distinct texts")
    if not is_names(value.get("test_class_names", [])):
        raise damaged(path, "`test_class_names` must be texts")
    counts = value.get("train_counts")
    if (
        not isinstance(counts, list)
        or len(counts) != len(names)
        or not all(is_whole(count) and count >= 0 for count in counts)
    ):
        raise damaged(
            path,
            f"`train_counts` must be whole numbers, one for each of the "
            f"{len(names)} classes",
        )
    if not are_parents(value.get("hierarchy", {}), len(names)):
        raise damaged(path, PARENTS.format("hierarchy"))
    return value


def read_history(path):
    """Returns the lines of `history.csv` as a list of dicts.

    Args:
        path: `pathlib.Path`; without the file there is no line.

    Raises:
        ValueError: If a cell is no number.
    """
    if not path.exists():
        return []
    rows = []
    try:
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                rows.append(
                    {
                        k: v if k == "stage" else float(v)
                        for k, v in row.items()
                        if v != ""
                    }
                )
    except (ValueError, TypeError, csv.Error) as error:
        line = len(rows) + 2
        raise damaged(path, f"line {line}: {error}") from error
    return rows


def is_names(values):
    """Whether a value is a list of texts."""
    return isinstance(values, list) and all(isinstance(v, str) for v in values)


def are_parents(value, count):
    """Whether a value is a dict of columns, each of `count` parents."""
    return isinstance(value, dict) and all(
        is_names(column) and len(column) == count for column in value.values()
    )


def is_whole(value):
    """Whether a value is a whole number; `True` is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value):
    """Whether a value is a number; `True` is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_share(value):
    """Whether a value is a number from 0 to 1."""
    return is_number(value) and 0 <= value <= 1
