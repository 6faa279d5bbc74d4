"""The numbers of several evaluations of the same images, side by side."""

from fgkeras.evaluation.frequency_group import LIMITS

_NAMES = {"top1": "overall", "top5": "top 5", "mean_per_class": "per class"}


def comparison_rows(evaluations):
    """Returns rows for the report's table of methods.

    Args:
        evaluations: Dict of a name to the metrics of a classifier; the groups
            of classes are those of the last.

    Returns:
        List of dicts: `method` and numbers in percent, `None` where there is
        none.

    Example:

    >>> comparison_rows({"a": {"top1": {"value": 0.5}}})
    [{'method': 'a', 'overall': 50.0}]
    """
    last = list(evaluations.values())[-1]
    names = {n: text for n, text in _NAMES.items() if last.get(n)}
    rows = []
    for name, metrics in evaluations.items():
        row = {"method": name}
        row.update({text: _value(metrics.get(n)) for n, text in names.items()})
        alike = _limits(metrics) == _limits(last)
        for group in last.get("groups") or {}:
            found = (metrics.get("groups") or {}).get(group) if alike else None
            row[group] = _value(found and found["class_mean"])
        rows.append(row)
    return rows


def _limits(metrics):
    return list(metrics.get("group_limits", LIMITS))


def _value(score):
    return None if score is None else 100 * score["value"]
