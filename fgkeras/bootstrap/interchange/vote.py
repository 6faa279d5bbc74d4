"""One vote as a plain dict, which every file format is read into."""

import datetime
import math
import re

VERDICTS = ("tp", "fp", "unsure", "skip", "bad", "dup", "undo")
MODES = ("card", "grid_marked", "grid_rest", "adjudicate", "import")
_MAX_TEXT = 100_000
_SHA = re.compile(r"[0-9a-f]{64}")
# Half a surrogate pair has no UTF-8.
_UNFIT = re.compile("[\0\ud800-\udfff]")


def _text(value):
    """Whether it is text that a file can hold."""
    held = isinstance(value, str) and len(value) <= _MAX_TEXT
    return held and _UNFIT.search(value) is None


def _name(value):
    return _text(value) and value != ""


def _count(value):
    return type(value) is int and 0 <= value < 2**63


def _score(value):
    number = type(value) in (int, float)
    return number and math.isfinite(value) and 0 <= value <= 1


def _sha(value):
    return isinstance(value, str) and _SHA.fullmatch(value) is not None


def _time(value):
    if not _name(value):
        return False
    try:
        read = datetime.datetime.fromisoformat(value)
    except ValueError:
        return False
    return read.tzinfo is not None


def _or_none(check):
    return lambda value: value is None or check(value)


# Field: what it has to be, and the words for that.
_FIELDS = {
    "image": (_sha, "a SHA-256 of 64 hexadecimal digits"),
    "file": (_name, "a name"),
    "round": (_count, "a whole number from 0 on"),
    "class": (_name, "a name"),
    "rival": (_or_none(_name), "a name or nothing"),
    "score": (_or_none(_score), "a number from 0 to 1 or nothing"),
    "labeller": (_name, "a name"),
    "verdict": (lambda v: v in VERDICTS, f"one of {', '.join(VERDICTS)}"),
    "instead": (_or_none(_name), "a name or nothing"),
    "time": (_time, "a time of ISO 8601 with its zone"),
    "dwell_ms": (_or_none(_count), "whole milliseconds from 0 on or nothing"),
    "mode": (lambda v: v in MODES, f"one of {', '.join(MODES)}"),
    "model": (_or_none(_sha), "a SHA-256 of 64 hexadecimal digits or nothing"),
    "source": (_text, "text"),
    "licence": (_text, "text"),
    "author": (_text, "text"),
    "url": (_text, "text"),
}
VOTE_FIELDS = tuple(_FIELDS)


def checked_vote(vote, where):
    """Returns a vote in the order of its fields, or says what is wrong with it.

    A vote is a dict of `VOTE_FIELDS`: `image` (SHA-256 of its bytes), `file`,
    `round`, `class` (the one predicted), `rival` (the likeliest other class or
    `None`), `score` (0 to 1 or `None`), `labeller`, `verdict`, `instead` (the
    class that it is or `None`), `time` (ISO 8601 with a zone), `dwell_ms`
    (milliseconds or `None`), `mode`, `model` (SHA-256 or `None`), and `source`,
    `licence`, `author`, `url`, which may be empty. Text holds at most 100,000
    characters.

    Args:
        vote: Dict.
        where: String, the file and place that an error names.

    Returns:
        Dict with the same values, the score as a float.

    Raises:
        ValueError: For a field that is missing, unknown or of another kind.

    Example:

    >>> vote = dict.fromkeys(VOTE_FIELDS, "")
    >>> checked_vote(vote, "votes.csv, row 7")
    Traceback (most recent call last):
    ...
    ValueError: votes.csv, row 7: image must be a SHA-256 of 64 hexadecimal \
digits. Received: image=''.
    """
    if not isinstance(vote, dict):
        raise ValueError(
            f"{where}: a vote must be a dict. Received: {type(vote).__name__}."
        )
    missing = [name for name in VOTE_FIELDS if name not in vote]
    unknown = [str(name) for name in vote if name not in _FIELDS]
    if missing or unknown:
        raise ValueError(
            f"{where}: a vote has the fields {', '.join(VOTE_FIELDS)}. "
            f"Received: without {', '.join(missing) or 'none of them'}, with "
            f"{', '.join(unknown) or 'no other'}."
        )
    for name, (fits, words) in _FIELDS.items():
        if not fits(vote[name]):
            raise ValueError(
                f"{where}: {name} must be {words}. Received: "
                f"{name}={shortened(vote[name])}."
            )
    score = None if vote["score"] is None else float(vote["score"])
    return {name: vote[name] for name in VOTE_FIELDS} | {"score": score}


def shortened(value):
    """Returns the `repr` of a value, its beginning if it is long.

    Example:

    >>> shortened("a" * 500)[-5:]
    'aa...'
    """
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


def in_file(path, read):
    """Returns an iterator's checked items, each of which was checked before.

    A file is read twice: once to see that all of it is right, before anybody
    acts on the first vote, and once for the votes.

    Args:
        path: Path of the file, given to `read`.
        read: Callable of a path that returns an iterator of votes and raises
            a ValueError for what is wrong.

    Example:

    >>> list(in_file("votes", lambda path: iter([path, path])))
    ['votes', 'votes']
    """
    for _ in read(path):
        pass
    return read(path)
