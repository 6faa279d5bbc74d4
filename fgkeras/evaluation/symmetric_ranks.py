"""Ranks within one set: every product of two images serves both of them."""

import concurrent.futures
import os

import numpy as np

from fgkeras.evaluation.similarity import slices

_TILE = 2000  # images a side; the sums of eight counts in a word stay below 256
_SAMPLE = 1024  # images that tell early which ranks are past R
_WORDS = 8


def symmetric_ranks(similarity, labels, relevant, progress=None):
    """Ranks of the relevant images where queries and gallery are one set.

    Gives what the search row by row gives, with half the products, for classes
    that are small against the set. The scores of the images of one class come
    first, in float64. A sample of the set then shows which of them have R
    images of other classes before them; what is left is compared with the
    tiles above the diagonal, by rows and by columns.

    Args:
        similarity: `Similarity` of "cosine" over the set, sorted by class.
        labels: int array `(num_images,)`, ascending.
        relevant: int array `(num_images,)`, R of each image.
        progress: None or a callable of `(done, total)`.

    Returns:
        float64 array `(3, num_images)`: first rank, R-precision and AP@R, 0
        where R = 0.
    """
    start = np.searchsorted(labels, labels, "left")
    scores, begin = _own_scores(similarity, start, relevant)
    keys = similarity.block_keys()
    # Twice the rounding error of a score between vectors of length 1.
    wide = np.float32(2.0 * (keys.shape[1] + 4) * 2.0**-24 + 2.0**-23)
    alive = _alive(keys, labels, relevant, scores, begin, wide)
    # Between low and high an image is looked at, above high it is counted.
    first = np.full(len(labels), np.inf)
    has = relevant > 0
    first[has] = scores[begin[has]]
    last = first.copy()
    some = alive > 0
    last[some] = scores[begin[some] + alive[some] - 1]
    low = (last - wide).astype(np.float32)
    high = np.where(some, np.inf, first + wide).astype(np.float32)
    count = np.zeros(len(labels), np.int64)
    pairs = _sweep(keys, labels, low, high, count, progress)
    return _finish(
        similarity, pairs, count, scores, begin, relevant, alive, wide
    )


def _own_scores(similarity, start, relevant):
    """Float64 scores to the own class, falling, and where each row begins."""
    begin = np.cumsum(relevant) - relevant
    query = np.repeat(np.arange(len(relevant)), relevant)
    other = np.arange(len(query)) - np.repeat(begin, relevant) + start[query]
    other += other >= query
    scores = similarity.exact_pairs(query, other)
    return scores[np.lexsort((-scores, query))], begin


def _alive(keys, labels, relevant, scores, begin, wide):
    """How many of the own class can stand among the first R."""
    most = int(relevant.max())
    sample = np.linspace(0, len(keys) - 1, _SAMPLE).astype(np.int64)
    bar = np.full(len(keys), -np.inf, np.float32)
    for part in slices(len(keys), _TILE):
        block = keys[part] @ keys[sample].T
        block[labels[part, None] == labels[sample]] = -np.inf
        block = np.partition(block, _SAMPLE - most, axis=1)
        block = np.sort(block[:, _SAMPLE - most :], axis=1)
        r = relevant[part]
        rows = np.flatnonzero(r)
        bar[part.start + rows] = block[rows, most - r[rows]]
    query = np.repeat(np.arange(len(keys)), relevant)
    passed = scores >= bar[query] - wide
    return np.bincount(query[passed], minlength=len(keys))


def _sweep(keys, labels, low, high, count, progress):
    """Counts above `high`; returns the pairs between `low` and `high`."""
    # No class is cut, so only tiles on the diagonal hold images of one class.
    edges = [0]
    while edges[-1] < len(keys):
        stop = min(edges[-1] + _TILE, len(keys))
        if stop < len(keys):
            stop = int(np.searchsorted(labels, labels[stop], "left"))
        edges.append(stop)
    blocks = [slice(a, b) for a, b in zip(edges, edges[1:], strict=False)]
    threads = min(os.cpu_count() or 1, 16)
    found = []
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        for i, rows in enumerate(blocks):
            for columns in blocks[i:]:
                # Padded to whole words of eight counts.
                width = columns.stop - columns.start
                tile = np.full(
                    (rows.stop - rows.start, -(-width // _WORDS) * _WORDS),
                    -np.inf,
                    np.float32,
                )
                np.matmul(keys[rows], keys[columns].T, out=tile[:, :width])
                if rows == columns:
                    same = labels[rows, None] == labels[columns]
                    tile[:, :width][same] = -np.inf
                limits = _padded(low, high, columns, tile.shape[1])

                def part(
                    inner, tile=tile, rows=rows, columns=columns, limits=limits
                ):
                    return _compare(
                        tile[inner],
                        rows.start + inner.start,
                        columns.start,
                        low,
                        high,
                        limits if rows != columns else None,
                    )

                share = min(-(-len(tile) // threads), 250)
                for above, across, pairs in pool.map(
                    part, slices(len(tile), share)
                ):
                    count[above[0] : above[0] + len(above[1])] += above[1]
                    if across is not None:
                        count[columns] += across[:width]
                    found.extend(pairs)
            if progress:
                progress(rows.stop, len(keys))
    return tuple(np.concatenate(x) for x in zip(*found, strict=True))


def _padded(low, high, columns, width):
    limits = np.full((2, width), np.inf, np.float32)
    limits[0, : columns.stop - columns.start] = low[columns]
    limits[1, : columns.stop - columns.start] = high[columns]
    return limits


def _compare(tile, row, column, low, high, limits):
    """Counts and candidates of some rows of a tile, at most 250."""
    rows = slice(row, row + len(tile))
    above = tile > high[rows, None]
    near = tile >= low[rows, None]
    near ^= above
    count = above.view(np.uint64).sum(axis=1).view(np.uint8)
    count = count.reshape(len(tile), _WORDS).sum(axis=1, dtype=np.int64)
    at = np.flatnonzero(near)
    pairs = [_pairs(tile, at, row, column)]
    if limits is None:
        return (row, count), None, pairs
    np.greater(tile, limits[1], out=above)
    np.greater_equal(tile, limits[0], out=near)
    near ^= above
    across = above.view(np.uint64).sum(axis=0).view(np.uint8)
    query, other, value = _pairs(tile, np.flatnonzero(near), row, column)
    pairs.append((other, query, value))
    return (row, count), across.astype(np.int64), pairs


def _pairs(tile, at, row, column):
    i, j = np.divmod(at, tile.shape[1])
    value = tile[i, j]
    return i + row, j + column, value


def _finish(similarity, pairs, count, scores, begin, relevant, alive, wide):
    query, other, value = pairs
    value = value.astype(np.float64)
    checked = np.maximum(alive, relevant > 0)
    unsure = np.zeros(len(query), bool)
    for j in range(int(checked.max())):
        rows = np.flatnonzero(checked[query] > j)
        gap = value[rows] - scores[begin[query[rows]] + j]
        unsure[rows[np.abs(gap) <= wide]] = True
    unsure = np.flatnonzero(unsure)
    value[unsure] = similarity.exact_pairs(query[unsure], other[unsure])
    result = np.zeros((3, len(relevant)))
    for j in range(int(checked.max())):
        rows = np.flatnonzero(checked[query] > j)
        beaten = value[rows] >= scores[begin[query[rows]] + j]
        rank = np.bincount(query[rows[beaten]], minlength=len(relevant))
        rank += j + 1 + (count if j == 0 else 0)
        if j == 0:
            result[0] = np.where(relevant > 0, rank, 0)
        inside = np.flatnonzero((alive > j) & (rank <= relevant))
        result[1, inside] += 1
        result[2, inside] += (j + 1) / rank[inside]
    return result / np.stack(
        [np.ones(len(relevant))] + 2 * [np.maximum(relevant, 1)]
    )
