"""A JSON file, read whole and of the kind it must be, or refused by name."""

import json
import pathlib

_LARGEST = 2**31
_KINDS = {dict: "an object", list: "a list"}


def read_json(path, way_out, kind=dict):
    """Returns what a JSON file holds.

    Args:
        path: Path of the file.
        way_out: String, a sentence on what to do where it is damaged.
        kind: `dict` or `list`, what it must hold. Defaults to `dict`.

    Raises:
        ValueError: If there is no such file, it is no JSON, or it holds
            something else.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.json")
    >>> _ = path.write_text('{"step": 3}')
    >>> read_json(path, "Remove it.")
    {'step': 3}
    """
    path = pathlib.Path(path)
    why = value = None
    if not path.is_file():
        why = "it is no file" if path.exists() else "it is lost"
    elif path.stat().st_size > _LARGEST:
        why = "it is larger than 2 GB"
    else:
        try:
            value = json.loads(path.read_text("utf-8"))
        except (ValueError, RecursionError, MemoryError) as error:
            why = str(error) or type(error).__name__
        else:
            if not isinstance(value, kind):
                found = type(value).__name__
                why = f"it holds a {found}, not {_KINDS[kind]}"
    if why is not None:
        raise ValueError(damaged_file(path, why, way_out))
    return value


def damaged_file(path, why, way_out):
    """Returns what there is to say of a file that is not as it was written.

    Args:
        path: Path of the file.
        why: String, what is wrong with it.
        way_out: String, a sentence.

    Example:

    >>> damaged_file("a.json", "it is lost", "Train again.").split(": ")[1]
    'a.json, which is damaged (it is lost). Train again.'
    """
    return (
        f"A file is read as it was written. Received: {path}, which is damaged "
        f"({why}). {way_out}"
    )
