"""Sessions that outlive the server."""

import json
import os
import pathlib
import re

from fgkeras.storage import damaged_file
from fgkeras.storage import read_json
from fgkeras.storage import whole_path
from fgkeras.web.sessions import MemorySessions

_WAY_OUT = "Remove it and send new links."


class FileSessions(MemorySessions):
    """Sessions in a JSON file that only its owner reads.

    Use it so that a restart throws nobody out, and a link that was used stays
    used. It holds the SHA-256 of tokens and cookies and the names of people;
    each change is on the disk before it counts. One process at a time may
    have it open.

    Args:
        path: Path of the file, which need not exist; its folder must.

    Raises:
        ValueError: If it is damaged.
        DiskRefusal: If it cannot be written, at each change.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "sessions.json")
    >>> token = FileSessions(path).invite("Ann")
    >>> person, cookie = FileSessions(path).redeem(token)
    >>> FileSessions(path).person_of(cookie), FileSessions(path).redeem(token)
    ('Ann', None)
    """

    def __init__(self, path):
        super().__init__()
        self._path = pathlib.Path(path)
        if self._path.exists():
            kept = read_json(self._path, _WAY_OUT)
            self._tokens = self._table(kept, "tokens")
            self._cookies = self._table(kept, "cookies")

    def _table(self, kept, name):
        table = kept.get(name)
        if not isinstance(table, dict) or not all(
            re.fullmatch("[0-9a-f]{64}", key) and isinstance(person, str)
            for key, person in table.items()
        ):
            why = f"its {name} are no table of people"
            raise ValueError(damaged_file(self._path, why, _WAY_OUT))
        return table

    def _change(self, tokens, cookies):
        text = json.dumps(
            {"tokens": tokens, "cookies": cookies}, indent=2, sort_keys=True
        )
        with whole_path(self._path) as partial:
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
            with open(os.open(partial, flags, 0o600), "wb") as file:
                file.write(text.encode() + b"\n")
        super()._change(tokens, cookies)
