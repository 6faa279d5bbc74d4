"""Sizes in bytes, as people write them."""

import re

_UNITS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_SHOWN = ("kB", "MB", "GB", "TB")
_FORM = re.compile(r"(\d+(?:\.\d*)?)\s*([KMGT]?)(I?)B?")


def read_size(text):
    """Returns a number of bytes.

    Args:
        text: String: a number, with a unit of a thousand (`"2GB"`, `"500 M"`)
            or of 1,024 (`"1.5GiB"`), in either case.

    Returns:
        Int.

    Raises:
        ValueError: If it is no size.

    Example:

    >>> read_size("2GB"), read_size("1.5 KiB"), read_size("0")
    (2000000000, 1536, 0)
    """
    match = _FORM.fullmatch(str(text).strip().upper())
    if match is None or (match[3] and not match[2]):
        raise ValueError(
            "A size is a number of bytes, or one with a unit, such as 2GB or "
            f"500MiB. Received: {text!r}."
        )
    base = 1024 if match[3] else 1000
    return int(float(match[1]) * base ** _UNITS[match[2]])


def size_in_words(number):
    """Returns bytes in a unit of a thousand that keeps the number short.

    Args:
        number: Int at least 0.

    Example:

    >>> size_in_words(999), size_in_words(1_234_567)
    ('999 B', '1.2 MB')
    """
    if number < 1000:
        return f"{number} B"
    power = 1
    # Less than 1000 once it is rounded.
    while power < len(_SHOWN) and number / 1000**power >= 999.95:
        power += 1
    return f"{number / 1000**power:.1f} {_SHOWN[power - 1]}"
