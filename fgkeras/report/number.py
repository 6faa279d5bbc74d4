"""How the page writes numbers."""

DASH = "\N{EN DASH}"


def percent(value):
    """A share in percent with one decimal, or a dash for None.

    >>> percent(0.7125), percent(None)
    ('71.2 %', '–')
    """
    return DASH if value is None else f"{100 * value:.1f} %"


def interval(entry):
    """The interval of `{"value", "low", "high"}` in percent, or nothing.

    >>> interval({"value": 0.5, "low": 0.4, "high": 0.61})
    '40.0 – 61.0 %'
    """
    if entry is None or entry.get("low") is None:
        return ""
    return f"{100 * entry['low']:.1f} {DASH} {100 * entry['high']:.1f} %"


def number(value):
    """A number with up to five figures; whole numbers as they are.

    >>> number(1234567), number(0.000123456), number(None)
    ('1,234,567', '0.00012346', '–')
    """
    if value is None:
        return DASH
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.5g}"
