"""The objects of a JSON array, one at a time, of a file of any size."""

import json
import pathlib
import re

_CHUNK = 2**16
_SPACES = re.compile(r"[ \t\r\n]*")


def json_items(path, key=None):
    """Reads the objects of an array, holding one of them at a time.

    Args:
        path: Path of a file in UTF-8.
        key: String, the member of the object at the top whose value is the
            array; `None` where the array itself is at the top.

    Yields:
        Tuples `(number, dict)`, counted from 1.

    Raises:
        ValueError: For what is no JSON, another shape, or items that are no
            objects.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "samples.json")
    >>> _ = path.write_text('{"name": "x", "samples": [{"a": 1}, {"a": 2}]}')
    >>> [item["a"] for _, item in json_items(path, "samples")]
    [1, 2]
    """
    path = pathlib.Path(path)
    try:
        with open(path, encoding="utf-8-sig") as file:
            yield from _items(_Text(file, path.name), key)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path.name}: the file must be UTF-8. Received: {error}."
        ) from error


def _items(text, key):
    if key is None:
        yield from _array(text)
    else:
        text.take("{", "an object")
        there, later = False, False
        while text.peek() != "}":
            if later:
                text.take(",", "a comma between members")
            later = True
            name = text.value("a member's name")
            if not isinstance(name, str):
                text.refuse("a member's name")
            text.take(":", "a colon")
            if name == key and not there:
                there = True
                yield from _array(text)
            else:
                text.value(f"the value of {name}")
        text.take("}", "the object's end")
        if not there:
            raise ValueError(
                f"{text.name}: the object must have an array {key!r}. "
                "Received: one without it."
            )
    if text.peek():
        text.refuse("the end of the file")


def _array(text):
    text.take("[", "an array")
    text.item = 0
    while text.peek() != "]":
        if text.item:
            text.take(",", "a comma between items")
        text.item += 1
        if text.peek() != "{":
            text.refuse("an object")
        yield text.item, text.value("an object")
    text.take("]", "the array's end")


class _Text:
    """A window on a file: what was not read yet."""

    def __init__(self, file, name):
        self.file, self.name, self.item = file, name, None
        self._held, self._at = "", 0
        self._decoder = json.JSONDecoder(parse_constant=self._no_constant)

    def peek(self):
        """The next character that is no space, "" at the end."""
        while True:
            found = _SPACES.match(self._held, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._held) or not self._more(_CHUNK):
                return self._held[self._at : self._at + 1]

    def take(self, character, words):
        if self.peek() != character:
            self.refuse(words)
        self._at += 1

    def value(self, words):
        """Decodes what comes next; a number may go on in the next chunk."""
        self.peek()
        size = _CHUNK
        while True:
            try:
                found, end = self._decoder.raw_decode(self._held, self._at)
            except json.JSONDecodeError:
                if not self._more(size):
                    self.refuse(words)
            except RecursionError:
                self.refuse(f"{words} of fewer levels")
            else:
                if end < len(self._held) or not self._more(size):
                    self._at = end
                    return found
            size *= 2

    def refuse(self, words):
        where = f", item {self.item}" if self.item else ""
        rest = self._held[self._at : self._at + 40]
        got = repr(rest) if rest else "the end of the file"
        raise ValueError(
            f"{self.name}{where}: {words} must come here. Received: {got}."
        )

    def _more(self, size):
        chunk = self.file.read(size)
        if chunk:
            self._held, self._at = self._held[self._at :] + chunk, 0
        return bool(chunk)

    def _no_constant(self, name):
        where = f", item {self.item}" if self.item else ""
        raise ValueError(
            f"{self.name}{where}: numbers must be finite. Received: {name}."
        )
