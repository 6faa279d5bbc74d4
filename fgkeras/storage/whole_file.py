"""A file that is there whole or not at all."""

import contextlib
import itertools
import json
import os
import pathlib
import re
import socket

_ENDING = ".part"
_number = itertools.count()


@contextlib.contextmanager
def whole_file(path, mode="wb"):
    """Opens a file that takes its name once it is complete.

    Use it for everything that another program, or the next run of this one,
    may read: it is written beside its place under a hidden name, flushed to
    the disk and renamed. An error, or a kill, leaves the old file as it was.
    What a killed process left behind is removed by the next write.

    Args:
        path: Path of the file; its folder must exist. A link is followed.
        mode: `"wb"`, or `"w"` for UTF-8 text with its line ends as they are.

    Yields:
        The open file.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "numbers.txt")
    >>> with whole_file(path, "w") as file:
    ...     _ = file.write("1 2 3")
    ...     path.exists()
    False
    >>> path.read_text()
    '1 2 3'
    """
    if mode not in ("wb", "w"):
        raise ValueError(f'`mode` must be "wb" or "w". Received: mode={mode!r}')
    path = pathlib.Path(os.path.realpath(path))
    _remove_leftovers(path)
    partial = path.with_name(
        f".{path.name[:150]}.{_host()}-{os.getpid()}-{next(_number)}{_ENDING}"
    )
    encoding, newline = (None, None) if mode == "wb" else ("utf-8", "")
    try:
        with open(
            partial, mode.replace("w", "x"), encoding=encoding, newline=newline
        ) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_text(path, text):
    """Writes UTF-8 text, whole or not at all.

    Args:
        path: Path of the file.
        text: String, its line ends kept.
    """
    with whole_file(path, "w") as file:
        file.write(text)


def write_json(path, value):
    """Writes JSON that a person can read, whole or not at all.

    Args:
        path: Path of the file.
        value: What `json` can write, without NaN and infinity.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def _host():
    return re.sub(r"[^A-Za-z0-9]+", "_", socket.gethostname())[:40]


def leftover_parts(folder, form):
    """Returns what dead processes of this machine left of files.

    Args:
        folder: `pathlib.Path`.
        form: String, regular expression of the files' names, without groups.

    Returns:
        List of `pathlib.Path`.
    """
    form = re.compile(
        rf"\.(?:{form})\.{re.escape(_host())}-(\d+)-\d+{re.escape(_ENDING)}"
    )
    if not folder.is_dir():
        return []
    found = ((form.fullmatch(name), name) for name in os.listdir(folder))
    return [
        folder / name
        for match, name in found
        if match and not _is_alive(int(match[1]))
    ]


def _remove_leftovers(path):
    """Removes what processes of this machine left that are dead now."""
    for part in leftover_parts(path.parent, re.escape(path.name[:150])):
        part.unlink(missing_ok=True)


def _is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
