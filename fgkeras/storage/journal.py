"""A log of what was done, one line an event, that survives a kill."""

import json
import os
import pathlib

from fgkeras.storage.disk_refusal import DiskRefusal


class Journal:
    """Notes events as lines of JSON, each on the disk before it counts.

    Use it for results that come one by one and must not be made twice, and
    for what has happened to a run. Several processes may append at once. A
    last line that a kill has cut is dropped when the file is opened.

    Args:
        path: Path of the file; its folder must exist.
        header: JSON-ready value that says whose journal it is. One with
            another header is refused. Defaults to `None`: whatever it is.

    Attributes:
        header: What the file's first line says.

    Raises:
        ValueError: If the file has another header, or is no journal.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "rows.jsonl")
    >>> journal = Journal(path, {"trials": 3})
    >>> journal.append({"trial": 0, "score": 0.5})
    >>> Journal(path, {"trials": 3}).events()
    [{'trial': 0, 'score': 0.5}]
    """

    def __init__(self, path, header=None):
        self.path = pathlib.Path(path)
        header = json.loads(json.dumps(header))
        text = ""
        if self.path.exists():
            text = self.path.read_text("utf-8", "replace").lstrip("\n")
        lines = self._lines()
        # A kill may have cut the header itself.
        if not lines and (not text or text.startswith('{"journal"')):
            self._write({"journal": header})
            lines = self._lines()
        first = lines[0] if lines else {}
        if not _is_header(first):
            raise ValueError(
                "A journal starts with its header. Received: "
                f"{self.path}, whose first line is none. Choose another file."
            )
        self.header = first["journal"]
        if header is not None and header != self.header:
            raise ValueError(
                "A journal goes on with what it was begun for. Received: "
                f"{self.path}, begun for {_short(self.header)}, now "
                f"{_short(header)}. Choose another folder or file."
            )

    def append(self, event):
        """Notes an event; it is on the disk when this returns.

        Args:
            event: JSON-ready value.
        """
        self._write(event)

    def events(self):
        """Returns all events, those of other processes too, in their order."""
        # Two processes that begin at once both write the header.
        return [e for e in self._lines()[1:] if not _is_header(e)]

    def _write(self, value):
        line = json.dumps(value, ensure_ascii=False)
        try:
            self._write_line(line)
        except OSError as error:
            raise DiskRefusal(error, self.path, len(line.encode())) from error

    def _write_line(self, line):
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        with open(handle, "r+b", buffering=0) as file:
            _lock(file)
            # A cut line would swallow the one behind it.
            size = file.seek(0, os.SEEK_END)
            cut = False
            if size:
                file.seek(size - 1)
                cut = file.read(1) != b"\n"
            file.write(b"\n" * cut + line.encode() + b"\n")
            os.fsync(file.fileno())

    def _lines(self):
        if not self.path.exists():
            return []
        out = []
        for line in self.path.read_text("utf-8", "replace").split("\n"):
            try:
                out.append(json.loads(line))
            except (ValueError, RecursionError):
                continue
        return out


def _is_header(line):
    return isinstance(line, dict) and set(line) == {"journal"}


def _lock(file):
    """Makes other writers of this file wait until it is closed."""
    try:
        import fcntl
    except ImportError:  # Windows: appends of one line do not mix there.
        return
    fcntl.flock(file, fcntl.LOCK_EX)


def _short(value, longest=120):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
