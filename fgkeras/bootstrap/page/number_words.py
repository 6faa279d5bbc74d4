"""Numbers as people say them."""


def duration(seconds):
    """Returns a time in words.

    Args:
        seconds: Float, or `None` where it is not known.

    Example:

    >>> duration(40), duration(1500), duration(8000), duration(None)
    ('1 min', '25 min', '2 h 15 min', '')
    """
    if seconds is None:
        return ""
    minutes = -(-int(seconds) // 60)
    if minutes < 60:
        return f"{max(minutes, 1)} min"
    if minutes < 600:
        quarters = -(-minutes // 15)
        rest = f" {quarters % 4 * 15} min" if quarters % 4 else ""
        return f"{quarters // 4} h{rest}"
    return f"{-(-minutes // 60):,} h"


def about(number):
    """Returns a number with thousands apart, of little ones a decimal.

    Example:

    >>> about(12345), about(3.2), about(0.04), about(0)
    ('12,345', '3.2', '<0.1', '0')
    """
    if 0 < number < 0.1:
        return "<0.1"
    if number != int(number) and number < 10:
        return f"{number:.1f}"
    return f"{round(number):,}"


def share(fraction):
    """Returns a share in percent.

    Example:

    >>> share(0.046), share(0.5), share(1)
    ('4.6 %', '50 %', '100 %')
    """
    percent = 100 * fraction
    return f"{percent:.1f} %" if 0 < percent < 9.95 else f"{percent:.0f} %"
