"""Copies that a model finds: cropped, turned or overlaid pictures too."""

import numpy as np

_BLOCK = 2048


def mark_vector_copies(store, found, known, tests, limit):
    """Marks pictures whose vector is that of another.

    Args:
        store: `Store`.
        found: Dict of arrays with `image` and `body`, of length one: the
            pictures that are judged.
        known: The same of the seed.
        tests: Iterable of the same of test images, a part at a time.
        limit: Float, the least cosine; 0 marks none.

    Returns:
        Two boolean arrays: copies of the seed or of an earlier one, and those
        of a test image.
    """
    count = len(found["image"])
    copied, leaked = np.zeros(count, bool), np.zeros(count, bool)
    if not limit or not count:
        return copied, leaked
    vectors = found["body"].astype(np.float32)
    same: dict = {}

    def look(part, marks, state):
        others = part["body"].astype(np.float32)
        if not len(others):
            return
        near, at = _nearest(vectors, others)
        for i in np.flatnonzero((near >= limit) & ~leaked & ~copied):
            marks[i] = True
            same[int(found["image"][i])] = (state, int(part["image"][at[i]]))

    for part in tests:
        look(part, leaked, "leak")
    look(known, copied, "duplicate")
    for i, j in _earlier(vectors, limit):
        if not (copied[i] or leaked[i] or copied[j] or leaked[j]):
            copied[i] = True
            number = int(found["image"][i])
            same[number] = ("duplicate", int(found["image"][j]))
    with store.writing() as db:
        db.executemany(
            "UPDATE image SET state = ?, same_as = ?, "
            "reason = 'its vector is that of another' WHERE id = ?",
            [(*what, number) for number, what in same.items()],
        )
    return copied, leaked


def _nearest(vectors, others):
    """The largest cosine of each with another set, and where."""
    best = np.full(len(vectors), -np.inf)
    at = np.zeros(len(vectors), np.int64)
    for start in range(0, len(others), _BLOCK):
        alike = vectors @ others[start : start + _BLOCK].T
        place = alike.argmax(axis=1)
        value = alike[np.arange(len(vectors)), place]
        better = value > best
        best[better], at[better] = value[better], start + place[better]
    return best, at


def _earlier(vectors, limit):
    """Pairs `(later, earlier)` of a set that are as near as a limit."""
    for start in range(0, len(vectors), _BLOCK):
        rows = vectors[start : start + _BLOCK]
        for other in range(0, start + len(rows), _BLOCK):
            alike = rows @ vectors[other : other + _BLOCK].T
            for i, j in np.argwhere(alike >= limit).tolist():
                if other + j < start + i:
                    yield start + i, other + j
