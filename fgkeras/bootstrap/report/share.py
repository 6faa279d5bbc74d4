"""A share with its interval, as the report holds numbers."""

from fgkeras.evaluation.wilson_interval import wilson_interval


def share(part, whole):
    """Returns the share of counts with Wilson's 95 % interval.

    Args:
        part: Int at least 0.
        whole: Int at least `part`.

    Returns:
        Dict `value`, `low`, `high`, `part`, `whole`; the first three are `None`
        where there is nothing to divide by.

    Example:

    >>> found = share(6, 10)
    >>> found["value"], round(found["low"], 2), round(found["high"], 2)
    (0.6, 0.31, 0.83)
    >>> share(0, 0)["value"] is None
    True
    """
    part, whole = int(part), int(whole)
    if not whole:
        return {
            "value": None, "low": None, "high": None, "part": part,
            "whole": whole,
        }  # fmt: skip
    low, high = wilson_interval(part, whole)
    return {
        "value": part / whole, "low": float(low), "high": float(high),
        "part": part, "whole": whole,
    }  # fmt: skip
