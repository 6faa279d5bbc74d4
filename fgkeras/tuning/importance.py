"""How much of a sweep's outcome each option explains."""

import numpy as np


def importance(rows, scores):
    """Returns the share of the scores' variance that each option explains.

    Use it to see which option is worth a finer sweep. It is the correlation
    ratio of the scores with the values of one option,

        sum_v n_v (mean_v - mean)^2 / sum_i (score_i - mean)^2

    over the values `v` that `n_v` trials have; a trial that does not use the
    option stands for a value of its own, and numbers drawn from an interval
    are laid into four parts of equal counts. What options do together is in
    none of the shares, and a search that draws favours what it tried often.

    Args:
        rows: List of dicts of option to value, what each trial sets.
        scores: Sequence of floats, one a trial.

    Returns:
        Dict of option to a float in `[0, 1]`, the largest first; empty with
        fewer than three trials or equal scores.

    Example:

    >>> rows = [{"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 1},
    ...         {"a": 2, "b": 2}]
    >>> importance(rows, [0.1, 0.1, 0.5, 0.5])
    {'a': 1.0, 'b': 0.0}
    """
    scores = np.asarray(scores, "float64")
    total = ((scores - scores.mean()) ** 2).sum() if len(scores) > 2 else 0.0
    if not total > 0:
        return {}
    out = {}
    for name in dict.fromkeys(n for row in rows for n in row):
        keys = np.array(_keys([row.get(name) for row in rows]))
        between = sum(
            (keys == key).sum()
            * (scores[keys == key].mean() - scores.mean()) ** 2
            for key in np.unique(keys)
        )
        out[name] = round(float(between / total), 4)
    return dict(sorted(out.items(), key=lambda item: -item[1]))


def _keys(values):
    """Texts that are the same where values count as the same."""
    numbers = [v for v in values if isinstance(v, float)]
    if len(set(numbers)) > max(8, len(values) // 2):
        edges = np.quantile(numbers, [0.25, 0.5, 0.75])
        values = [
            int(np.searchsorted(edges, v)) if isinstance(v, float) else v
            for v in values
        ]
    return [repr(v) for v in values]
