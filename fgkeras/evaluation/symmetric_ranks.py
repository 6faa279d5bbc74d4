"""Ranks within one set: every product of two images serves both of them."""

import concurrent.futures
import os
import threading

import numpy as np
from threadpoolctl import threadpool_limits

from fgkeras.evaluation.similarity import slices

_TILE = 1000  # images a side; eight of its counts in a word stay below 256
_SAMPLE = 2048  # images that tell early which ranks are past R
_WORDS = 8
_PAIRS = 200  # to look at, an image; more are left to the search row by row


def symmetric_ranks(similarity, labels, relevant, progress=None):
    """Ranks of the relevant images where queries and gallery are one set.

    Gives what the search row by row gives, with half the products, for classes
    that are small against the set. The scores of the images of one class come
    first, in float64. A sample of the set then shows which of them have R
    images of other classes before them; what is left is compared with the
    tiles above the diagonal, by rows and by columns.

    Args:
        similarity: `Similarity` of "cosine" over the set, sorted by class.
        labels: Integer array of shape `(num_images,)`, ascending.
        relevant: Integer array of shape `(num_images,)`, R of each image.
        progress: `None`, or callable of `(done, total)`.

    Returns:
        `float64` array of shape `(3, num_images)`: first rank, R-precision and
        AP@R, 0 where R = 0. `None` where so many scores are nearly equal, as
        those of a model that maps all images to one point, that they fill the
        memory.
    """
    start = np.searchsorted(labels, labels, "left")
    scores, begin = _own_scores(similarity, start, relevant)
    keys = similarity.block_keys()
    # Twice the rounding error of a score between vectors of length 1.
    wide = np.float32(2.0 * (keys.shape[1] + 4) * 2.0**-24 + 2.0**-23)
    alive = _alive(keys, labels, relevant, scores, begin, wide)
    # From low on a pair is looked at. Where none can be among the first R, only
    # the first counts: pairs above high are counted, from edge on looked at.
    first = np.full(len(labels), np.inf)
    has = relevant > 0
    first[has] = scores[begin[has]]
    last = first.copy()
    some = alive > 0
    last[some] = scores[begin[some] + alive[some] - 1]
    low = np.where(some, last - wide, np.inf).astype(np.float32)
    edge = np.where(some, np.inf, first - wide).astype(np.float32)
    high = np.where(some, np.inf, first + wide).astype(np.float32)
    count = np.zeros(len(labels), np.int64)
    pairs = _sweep(keys, labels, (low, edge, high), count, progress)
    if pairs is None:
        return None
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


def _sweep(keys, labels, limits, count, progress):
    """Adds to `count`; returns the pairs to look at and their scores.

    Returns `None` if there are too many of them.
    """
    # No class is cut, so only tiles on the diagonal hold images of one class.
    edges = [0]
    while edges[-1] < len(keys):
        stop = min(edges[-1] + _TILE, len(keys))
        if stop < len(keys):
            stop = int(np.searchsorted(labels, labels[stop], "left"))
        edges.append(stop)
    blocks = [slice(a, b) for a, b in zip(edges, edges[1:], strict=False)]
    none = np.empty(0, np.int64)
    found = [(none, none, np.empty(0, np.float32))]
    size = 0
    local = threading.local()

    def compare(tile):
        # A product and its comparison by one thread, so that they overlap with
        # those of others and the scores are still in its cache.
        if not hasattr(local, "space"):
            local.space = np.empty(_TILE * (_TILE + _WORDS), np.float32)
        block = _scores(keys, labels, *tile, local.space)
        return *tile, *_compare(block, *tile, limits)

    tiles = [(rows, col) for i, rows in enumerate(blocks) for col in blocks[i:]]
    threads = min(os.cpu_count() or 1, 16)
    with (
        threadpool_limits(1, user_api="blas"),
        concurrent.futures.ThreadPoolExecutor(threads) as pool,
    ):
        for done, (rows, columns, down, across, pairs) in enumerate(
            pool.map(compare, tiles), start=1
        ):
            count[rows] += down
            count[columns] += across
            found.extend(pairs)
            size += sum(len(pair[0]) for pair in pairs)
            if size > _PAIRS * len(keys):
                pool.shutdown(cancel_futures=True)
                return None
            if progress:
                progress(done * len(keys) // len(tiles), len(keys))
    return tuple(np.concatenate(x) for x in zip(*found, strict=True))


def _scores(keys, labels, rows, columns, space):
    """Scores of a tile, its width padded to whole words of eight counts."""
    height, width = rows.stop - rows.start, columns.stop - columns.start
    padded = -(-width // _WORDS) * _WORDS
    tile = space[: height * padded].reshape(height, padded)
    tile[:, width:] = -np.inf
    np.matmul(keys[rows], keys[columns].T, out=tile[:, :width])
    if rows == columns:
        same = labels[rows, None] == labels[columns]
        tile[:, :width][same] = -np.inf
    return tile


def _compare(tile, rows, columns, limits):
    """Counts and candidates of a tile, both ways."""
    low, edge, high = limits
    down = np.zeros(len(tile), np.int64)
    across = np.zeros(columns.stop - columns.start, np.int64)
    pairs = []

    def keep(near, block, i, j, swap=False):
        y, x = np.divmod(_places(near), block.shape[1])
        if len(y):
            first, second = (j[x], i[y]) if swap else (i[y], j[x])
            pairs.append((first, second, block[y, x]))

    i = np.arange(rows.start, rows.stop)
    j = np.arange(columns.start, columns.start + tile.shape[1])
    keep(tile >= low[rows, None], tile, i, j)
    few = np.flatnonzero(edge[rows] < np.inf)
    if len(few):
        block = tile[few]
        above = block > high[i[few], None]
        near = block >= edge[i[few], None]
        near ^= above
        words = above.view(np.uint64).sum(axis=1).view(np.uint8)
        words = words.reshape(len(few), _WORDS)
        down[few] = words.sum(axis=1, dtype=np.int64)
        keep(near, block, i[few], j)
    if rows.start >= columns.start:
        # On the diagonal the rows have seen everything.
        return down, across, pairs
    tile = tile[:, : len(across)]
    keep(tile >= low[columns], tile, i, j, swap=True)
    few = np.flatnonzero(edge[columns] < np.inf)
    if len(few):
        block = tile[:, few]
        above = block > high[j[few]]
        near = block >= edge[j[few]]
        near ^= above
        for part in slices(len(above), 255):  # as many as a byte can count
            ones = above[part].view(np.uint8)
            across[few] += ones.sum(axis=0, dtype=np.uint8)
        keep(near, block, i, j[few], swap=True)
    return down, across, pairs


def _places(mask):
    """`np.flatnonzero` of a mask that is nearly empty, by words of 64 bits."""
    bits = np.packbits(mask)
    whole = len(bits) // 8 * 8
    words = np.flatnonzero(bits[:whole].view(np.uint64))
    bytes_ = (words[:, None] * 8 + np.arange(8)).ravel()
    bytes_ = np.concatenate([bytes_, np.arange(whole, len(bits))])
    bytes_ = bytes_[bits[bytes_] > 0]
    at = (bytes_[:, None] * 8 + np.arange(8)).ravel()
    return at[np.unpackbits(bits[bytes_]).view(bool)]


def _finish(similarity, pairs, count, scores, begin, relevant, alive, wide):
    query, other, value = pairs
    value = value.astype(np.float64)
    checked = np.maximum(alive, relevant > 0)

    # Of each place j, the pairs whose query has it, and its score there.
    rows = np.flatnonzero(checked[query] > 0)
    places = []
    unsure = np.zeros(len(query), bool)
    for j in range(int(checked.max())):
        rows = rows[checked[query[rows]] > j]
        score = scores[begin[query[rows]] + j]
        places.append((j, rows, score))
        unsure[rows[np.abs(value[rows] - score) <= wide]] = True
    unsure = np.flatnonzero(unsure)
    value[unsure] = similarity.exact_pairs(query[unsure], other[unsure])
    first, right, total = np.zeros((3, len(relevant)))
    for j, rows, score in places:
        beaten = rows[value[rows] >= score]
        rank = np.bincount(query[beaten], minlength=len(relevant)) + j + 1
        if j == 0:
            rank += count
            first = np.where(relevant > 0, rank, 0)
        inside = np.flatnonzero((alive > j) & (rank <= relevant))
        right[inside] += 1
        total[inside] += (j + 1) / rank[inside]
    size = np.maximum(relevant, 1)
    return np.stack([first, right / size, total / size])
