"""What a browser sends, checked before the store sees it."""

import json

from fgkeras.bootstrap.store import Answer

_LONGEST = 64
_MOST = 60


def request_body(data, required, optional=()):
    """Returns the JSON object of a request.

    Args:
        data: Bytes.
        required: Sequence of strings, the names it must have.
        optional: Sequence of strings, the names it may have. Defaults to none.

    Returns:
        Dict.

    Raises:
        ValueError: If it is no JSON, no object, or has other names.

    Example:

    >>> request_body(b'{"request": "r1"}', ["request"])
    {'request': 'r1'}
    """
    try:
        content = json.loads(data, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            "A request is JSON in UTF-8. Received: something else."
        ) from error
    if not isinstance(content, dict):
        raise ValueError(
            f"A request is a JSON object. Received: {type(content).__name__}."
        )
    missing = set(required) - set(content)
    strange = set(content) - {*required, *optional}
    if missing or strange:
        raise ValueError(
            f"This request has {sorted(required)}, and may have "
            f"{sorted(optional)}. Received: {sorted(map(repr, content))[:9]}."
        )
    if "request" in content:
        text_of(content, "request")
    return content


def text_of(content, name):
    """Returns a short text of a request.

    Raises:
        ValueError: If it is none.
    """
    value = content[name]
    if (
        not isinstance(value, str)
        or not 1 <= len(value) <= _LONGEST
        or not value.isprintable()
    ):
        raise ValueError(
            f"`{name}` is a text of 1 to {_LONGEST} characters. Received: "
            f"{name}={repr(value)[:80]}."
        )
    return value


def whole_of(content, name):
    """Returns a whole number of a request, or `None` where there is none.

    Raises:
        ValueError: If it is something else.
    """
    value = content.get(name)
    if value is not None and not _is_whole(value):
        raise ValueError(
            f"`{name}` is a whole number from 0 on. Received: "
            f"{name}={repr(value)[:80]}."
        )
    return value


def wholes_of(content, name):
    """Returns a list of whole numbers of a request, empty if not there.

    Raises:
        ValueError: If it is something else, or longer than a page.
    """
    value = content.get(name, [])
    if (
        not isinstance(value, list)
        or len(value) > _MOST
        or not all(map(_is_whole, value))
    ):
        raise ValueError(
            f"`{name}` is a list of at most {_MOST} whole numbers. Received: "
            f"{name}={repr(value)[:80]}."
        )
    return value


def answer_of(content):
    """Returns the `Answer` of a request, or of a part of one.

    Raises:
        ValueError: If it is none.
    """
    known = {"candidate", "verdict", "instead", "dwell_ms", "request"}
    if not isinstance(content, dict) or not (
        {"candidate", "verdict"} <= set(content) <= known
    ):
        raise ValueError(
            "An answer has a candidate and a verdict, and may have instead "
            f"and dwell_ms. Received: {repr(content)[:80]}."
        )
    return Answer(
        content["candidate"],
        content["verdict"],
        content.get("instead"),
        content.get("dwell_ms"),
    )


def answers_of(content, name):
    """Returns the answers in a list of a request.

    Raises:
        ValueError: If it is none, or longer than a page.
    """
    value = content.get(name, [])
    if not isinstance(value, list) or len(value) > _MOST:
        raise ValueError(
            f"`{name}` is a list of at most {_MOST} answers. Received: "
            f"{name}={repr(value)[:80]}."
        )
    return [answer_of(item) for item in value]


def _is_whole(value):
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and 0 <= value < 2**62


def _no_number(text):
    raise ValueError(f"{text} is no number.")
