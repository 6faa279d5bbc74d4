"""A file that is there whole or not at all."""

import contextlib
import itertools
import json
import os
import pathlib
import re
import socket

from fgkeras.storage.disk_refusal import DiskRefusal

_ENDING = ".part"
_number = itertools.count()
# Names of the files that this process has not finished.
_being_written: set[str] = set()


@contextlib.contextmanager
def whole_file(path, mode="wb", size=None):
    """Opens a file that takes its name once it is complete.

    Use it for everything that another program, or the next run of this one,
    may read: it is written beside its place under a hidden name, flushed to
    the disk and renamed. An error, or a kill, leaves the old file as it was.
    What a killed process left behind is removed by the next write.

    Args:
        path: Path of the file; its folder must exist. A link is followed.
        mode: `"wb"`, or `"w"` for UTF-8 text with its line ends as they are.
        size: Int, bytes that are to come, said where the disk is full; `None`
            if that is not known. Defaults to `None`.

    Yields:
        The open file.

    Raises:
        DiskRefusal: If the disk is full, or the file may not be written.

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
    encoding, newline = ("utf-8", "") if mode == "w" else (None, None)
    with (
        whole_path(path, size=size) as partial,
        open(
            partial, mode.replace("w", "x"), encoding=encoding, newline=newline
        ) as file,
    ):
        yield file


@contextlib.contextmanager
def whole_path(path, ending="", size=None):
    """Gives the name under which a file is written until it is complete.

    As `whole_file`, for writers that open their files themselves.

    Args:
        path: Path of the file; its folder must exist. A link is followed.
        ending: String, what the writer asks names to end in, such as
            `".keras"`. Defaults to nothing.
        size: As `whole_file`.

    Yields:
        `pathlib.Path`, which does not exist yet.

    Raises:
        DiskRefusal: As `whole_file`.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.txt")
    >>> with whole_path(path, ".txt") as partial:
    ...     _ = partial.write_text("whole")
    >>> path.read_text()
    'whole'
    """
    path = pathlib.Path(os.path.realpath(path))
    partial = path.with_name(
        f".{path.name[:150]}.{_host()}-{os.getpid()}-{next(_number)}{_ENDING}"
        f"{ending}"
    )
    try:
        # First, since a process of this id may have left this very name.
        _remove_leftovers(path)
        _being_written.add(partial.name)
        yield partial
        with open(partial, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        if isinstance(error, DiskRefusal) or not _is_of(error, partial):
            raise
        raise DiskRefusal(error, path, size) from error
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    finally:
        _being_written.discard(partial.name)


def _is_of(error, partial):
    """Whether an error was raised in writing this file, not one inside."""
    names = {str(name) for name in (error.filename, error.filename2) if name}
    return not names or any(partial.name in name for name in names)


def write_text(path, text):
    """Writes UTF-8 text, whole or not at all.

    Args:
        path: Path of the file.
        text: String, its line ends kept.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "names.txt")
    >>> write_text(path, "elm, oak")
    >>> path.read_text("utf-8")
    'elm, oak'
    """
    with whole_file(path, "w", len(text.encode())) as file:
        file.write(text)


def write_json(path, value):
    """Writes JSON that a person can read, whole or not at all.

    Args:
        path: Path of the file.
        value: What `json` can write, without NaN and infinity.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.json")
    >>> write_json(path, {"step": 3})
    >>> json.loads(path.read_text("utf-8"))
    {'step': 3}
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

    Example:

    >>> import tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> with whole_path(folder / "a.json") as part:
    ...     _ = part.write_text("{")
    ...     leftover_parts(folder, "a[.]json")
    []
    >>> _ = part.write_text("{")  # As a kill leaves it.
    >>> leftover_parts(folder, "a[.]json") == [part]
    True
    """
    form = re.compile(
        rf"\.(?:{form})\.{re.escape(_host())}-(\d+)-\d+{re.escape(_ENDING)}"
        r"(?:\.\w+)?"
    )
    if not folder.is_dir():
        return []
    found = ((form.fullmatch(name), name) for name in os.listdir(folder))
    return [
        folder / name
        for match, name in found
        if match and not _is_written(name, int(match[1]))
    ]


def _remove_leftovers(path):
    """Removes what processes of this machine left that are dead now."""
    for part in leftover_parts(path.parent, re.escape(path.name[:150])):
        part.unlink(missing_ok=True)


def _is_written(name, pid):
    """Whether a process is at work on a file of this name."""
    # In a container the process before had the same id as this one.
    return name in _being_written if pid == os.getpid() else _is_alive(pid)


def _is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
