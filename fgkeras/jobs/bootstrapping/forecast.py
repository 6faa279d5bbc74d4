"""What a round is expected to bring, before anybody labels."""

import numpy as np

from fgkeras.bootstrap.acquisition import expected_yield

# Guesses, not measured on people: what is usually told of one card is 1.6 to
# 1.8 s; a picture of a page was taken as a fifth of it.
CARD_SECONDS, GRID_SECONDS = 1.7, 0.35


def forecast(store, names, scores, classes):
    """Returns what each class is expected to bring, and how long it takes.

    Args:
        store: `Store`, whose earlier rounds teach what scores are worth.
        names: Sequence of strings, the classes.
        scores: `float64 (num_asked,)`, of what people are asked about.
        classes: `int64 (num_asked,)`, predicted.

    Returns:
        List of dicts `class`, `name`, `offered`, `expected` (the share of right
        ones), `card_minutes` and `grid_minutes`, of the classes that something
        is offered of.
    """
    right, wrong = _earlier_answers(store, len(names))
    expected = expected_yield(
        scores,
        classes,
        num_classes=len(names),
        card_seconds=CARD_SECONDS,
        grid_seconds=GRID_SECONDS,
        earlier_true=right,
        earlier_false=wrong,
    )
    return [
        {
            "class": k,
            "name": names[k],
            "offered": int(expected.offered[k]),
            "expected": float(expected.shares[k]),
            "card_minutes": float(expected.card_minutes[k]),
            "grid_minutes": float(expected.grid_minutes[k]),
        }
        for k in np.flatnonzero(expected.offered).tolist()
    ]


def _earlier_answers(store, num_classes):
    """How many of each class were right and wrong so far."""
    counts = np.zeros((2, num_classes), np.int64)
    with store.reading() as db:
        for row in db.execute(
            "SELECT class, outcome, sum(count) AS count FROM tally "
            "WHERE kind IN ('offer', 'audit') AND outcome IN ('tp', 'fp') "
            "GROUP BY class, outcome"
        ):
            counts[int(row["outcome"] == "fp"), row["class"]] = row["count"]
    return counts
