"""Pairs of 64-bit numbers that differ in few bits, by bands of their bits."""

import numpy as np

_BITS = 64
_BLOCK_PAIRS = 2**20


def close_values(values, limit):
    """Yields all pairs of different numbers that differ in few bits.

    Two numbers that differ in k bits are equal in at least one of k + 1 bands
    of bits. Within a band numbers are sorted, and each is compared with those
    that follow it in its run. A pair is yielded for the first band in which it
    is equal, so once. Memory stays at some arrays of the size of `values`,
    however long a run is.

    Args:
        values: Array of `uint64` of shape `(num_values,)`, all different.
        limit: Int at least 0, the most bits.

    Yields:
        `(first, second, distances)`: integer arrays of one shape, positions in
        `values`, the smaller one first, and bits that differ.

    Example:

    >>> found = list(close_values(np.array([1, 3, 64], "uint64"), 1))
    >>> [(int(i), int(j), int(d)) for part in found for i, j, d in zip(*part)]
    [(0, 1, 1)]
    """
    masks = _bands(limit + 1)
    held, size = [], 0
    for band, mask in enumerate(masks):
        for first, second in _equal_in(values & mask):
            differing = values[first] ^ values[second]
            distances = np.bitwise_count(differing)
            near = distances <= limit
            for earlier in masks[:band]:
                near &= (differing & earlier) != 0
            if near.any():
                pair = np.sort(np.stack([first[near], second[near]]), axis=0)
                held.append((*pair, distances[near].astype(np.int64)))
                size += len(pair[0])
            if size >= _BLOCK_PAIRS:
                yield _joined(held)
                held, size = [], 0
    if held:
        yield _joined(held)


def _joined(parts):
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))


def _bands(count):
    """Masks of so many bands of bits, as wide as each other but for one."""
    ends = [_BITS * i // count for i in range(count + 1)]
    return [
        np.uint64((1 << end) - (1 << start))
        for start, end in zip(ends, ends[1:], strict=False)
    ]


def _equal_in(keys):
    """Yields positions of equal keys: of each, and of the k-th that follows."""
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    (breaks,) = np.nonzero(keys[1:] != keys[:-1])
    ends = np.append(breaks + 1, len(keys))
    end = np.repeat(ends, np.diff(ends, prepend=0))
    left = np.arange(len(keys))
    for step in range(1, len(keys)):
        left = left[left + step < end[left]]
        if not len(left):
            return
        yield order[left], order[left + step]
