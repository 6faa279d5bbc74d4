"""Which of many lines are drawn to be seen."""


def strands(rows, winner):
    """Returns the rows in the order they are drawn, each with its kind.

    Args:
        rows: List of dicts with `trial` and `score`, the trials that ended.
        winner: Int, the number of the winner, or `None`.

    Returns:
        List of pairs of a row and a CSS class: the winner last, before it the
        best quarter.

    Example:

    >>> rows = [{"trial": k, "score": k / 10} for k in (1, 2, 3, 4)]
    >>> [(row["trial"], kind) for row, kind in strands(rows, 4)]
    [(1, 'strand'), (2, 'strand'), (3, 'strand'), (4, 'strand won')]
    """
    ordered = sorted(rows, key=lambda row: row["score"])
    first = len(ordered) - max(1, len(ordered) // 4)
    out = [
        (row, "strand good" if i >= first else "strand")
        for i, row in enumerate(ordered)
        if row["trial"] != winner
    ]
    won = [(r, "strand won") for r in ordered if r["trial"] == winner]
    return [*out, *won]
