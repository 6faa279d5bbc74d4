"""Pictures whose hashes differ in a few bits, among a hundred thousand."""

import dataclasses

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from fgkeras.bootstrap.duplicates.close_values import close_values

_MOST_BITS = 8


@dataclasses.dataclass(frozen=True, eq=False)
class NearHashes:
    """Pairs of pictures whose hashes are near, the nearest first.

    Attributes:
        pairs: `int64 (num_pairs, 2)`, positions, the smaller one first.
        distances: `int64 (num_pairs,)`, bits that differ.
        mirrored: `bool (num_pairs,)`, whether one is nearer to the other's
            mirror image than to the other.
        groups: `int64 (num_images,)`, the first position of all that hang
            together by near pairs, listed or not.
        complete: Bool, whether `pairs` holds all pairs there are.

    Example:

    >>> found = near_hashes(np.array([5, 2**64 - 1, 7], "uint64"))
    >>> found.pairs.tolist(), found.distances.tolist(), found.groups.tolist()
    ([[0, 2]], [1], [0, 1, 0])
    """

    pairs: np.ndarray
    distances: np.ndarray
    mirrored: np.ndarray
    groups: np.ndarray
    complete: bool

    def __len__(self):
        return len(self.pairs)


def near_hashes(hashes, *, limit=4, max_pairs=100_000):
    """Finds all pairs of hashes that differ in at most `limit` bits.

        d_ij = min(|h_i ^ h_j|, |h_i ^ m_j|, |m_i ^ h_j|) <= limit

    with `m` the hashes of mirror images, where they are given. All such pairs
    are found, none by luck: only numbers that are equal in one of `limit + 1`
    bands of bits can be so near (`close_values`).

    Equal hashes are compared once. A set in which all is alike (blank
    pictures) has pairs without end, of which `max_pairs` are kept, and
    `complete` says so; `groups` always knows of all. Every further bit of
    `limit` makes the bands narrower and the search slower: 100,000 hashes take
    about a second at 4. Many different hashes that are alike in most bits take
    the square of their number: minutes for 100,000.

    Args:
        hashes: Array of `uint64`, of shape `(num_images,)`, or `(num_images,
            2)` with those of the mirror images, as of `perceptual_hash`.
        limit: Int from 0 to 8, bits. Defaults to `4`.
        max_pairs: Int at least 1, the nearest so many are kept, of equally near
            ones some. Defaults to `100000`.

    Returns:
        `NearHashes`.

    Raises:
        ValueError: For another type or shape, or options out of range.

    Example:

    >>> hashes = np.array([[3, 9], [3, 8], [9, 3]], "uint64")
    >>> found = near_hashes(hashes, limit=0)
    >>> found.pairs.tolist(), found.mirrored.tolist(), found.groups.tolist()
    ([[0, 1], [0, 2], [1, 2]], [False, True, True], [0, 0, 0])
    """
    hashes = _checked(hashes, limit, max_pairs)
    values, owned = _owners(hashes)
    # Of rows some are a pair twice or thrice, or a picture with itself.
    room = 3 * max_pairs + len(hashes)
    edges, links, complete = _edges(values, owned, limit, room)
    rows, spread = _spread(edges, owned, 4 * room)
    pairs = np.unique(rows, axis=0)
    distances, mirrored = _distances(hashes, pairs)
    order = np.lexsort((pairs[:, 1], pairs[:, 0], distances))
    complete = complete and spread and len(order) <= max_pairs
    kept = order[:max_pairs]
    groups = _first_of_group(links, owned, len(hashes))
    return NearHashes(
        pairs[kept], distances[kept], mirrored[kept], groups, complete
    )


@dataclasses.dataclass(frozen=True, eq=False)
class _Owned:
    """Whose hash each value is: first that of pictures, then mirror images.

    `items[start:turned]` of a value are the former, `items[turned:end]` the
    latter.
    """

    items: np.ndarray
    start: np.ndarray
    turned: np.ndarray
    end: np.ndarray

    @property
    def plain(self):
        return self.turned > self.start


def _owners(hashes):
    """Different values, and `_Owned`."""
    count = len(hashes)
    items = np.arange(count)
    values, is_turned = hashes[:, 0], np.zeros(count, bool)
    if hashes.shape[1] == 2:
        # Where both are equal the mirror image adds nothing.
        (other,) = np.nonzero(hashes[:, 1] != hashes[:, 0])
        values = np.concatenate([values, hashes[other, 1]])
        items = np.concatenate([items, other])
        is_turned = np.arange(len(values)) >= count
    order = np.lexsort((is_turned, values))
    unique, start, size = np.unique(
        values[order], return_index=True, return_counts=True
    )
    before = np.concatenate([[0], np.cumsum(~is_turned[order])])
    turned = start + before[start + size] - before[start]
    return unique, _Owned(items[order], start, turned, start + size)


def _edges(values, owned, limit, room):
    """Near pairs of values, the nearest so many, and labels of what they link.

    Two values that are hashes of mirror images only are no pair.
    """
    labels = np.arange(len(values))
    linked = owned.plain.copy()
    (own,) = np.nonzero(owned.plain & (owned.end - owned.start > 1))
    kept = np.stack([np.zeros_like(own), own, own], axis=1)
    complete = len(kept) <= room
    kept = kept[:room]
    for first, second, distances in close_values(values, limit):
        real = owned.plain[first] | owned.plain[second]
        first, second = first[real], second[real]
        linked[first] = linked[second] = True
        labels = _linked(labels, first, second)
        rows = np.stack([distances[real], first, second], axis=1)
        kept = np.concatenate([kept, rows])
        kept = kept[np.argsort(kept[:, 0], kind="stable")]
        complete = complete and len(kept) <= room
        kept = kept[:room]
    return kept, (labels, linked), complete


def _linked(labels, first, second):
    """Labels of groups after more links between their members."""
    count = len(labels)
    ones = np.ones(len(first), np.int8)
    graph = sparse.coo_array(
        (ones, (labels[first], labels[second])), shape=(count, count)
    )
    return connected_components(graph, directed=False)[1][labels]


def _spread(edges, owned, room):
    """Pairs of pictures of pairs of values, and whether all found room."""
    distances, u, v = edges.T
    same = u == v
    parts = [(u, v, False, False), (u, v, False, True)]
    parts.append((u[~same], v[~same], True, False))
    far = np.concatenate([distances, distances, distances[~same]])
    ranges = [[], [], [], []]
    for a, b, a_turned, b_turned in parts:
        for k, value, is_turned in ((0, a, a_turned), (2, b, b_turned)):
            start = owned.turned if is_turned else owned.start
            end = owned.end if is_turned else owned.turned
            ranges[k].append(start[value])
            ranges[k + 1].append(end[value] - start[value])
    order = np.argsort(far, kind="stable")
    a, a_size, b, b_size = (np.concatenate(r)[order] for r in ranges)
    last = np.cumsum(a_size * b_size)
    total = int(last[-1]) if len(last) else 0
    row = np.arange(min(total, room))
    edge = np.searchsorted(last, row, side="right")
    place = row - (last - a_size * b_size)[edge]
    i = owned.items[a[edge] + place // np.maximum(b_size[edge], 1)]
    j = owned.items[b[edge] + place % np.maximum(b_size[edge], 1)]
    rows = np.sort(np.stack([i, j], axis=1), axis=1)
    return rows[rows[:, 0] < rows[:, 1]], total <= room


def _distances(hashes, pairs):
    """Bits that differ, and whether fewer do after mirroring."""
    i, j = hashes[pairs[:, 0]], hashes[pairs[:, 1]]
    plain = np.bitwise_count(i[:, 0] ^ j[:, 0]).astype(np.int64)
    if hashes.shape[1] == 1:
        return plain, np.zeros(len(pairs), bool)
    turned = np.minimum(
        np.bitwise_count(i[:, 0] ^ j[:, 1]), np.bitwise_count(i[:, 1] ^ j[:, 0])
    ).astype(np.int64)
    return np.minimum(plain, turned), turned < plain


def _first_of_group(links, owned, count):
    """The first picture of all that hang together, for each."""
    labels, linked = links
    value = np.repeat(np.arange(len(labels)), owned.end - owned.start)
    # A value that only mirror images have, near nothing, links nobody.
    use = linked[value]
    own = np.arange(count) + len(labels)
    nodes = _linked(
        np.arange(len(labels) + count),
        np.concatenate([labels[value[use]], own]),
        np.concatenate([own[owned.items[use]], own]),
    )[len(labels) :]
    _, first, group = np.unique(nodes, return_index=True, return_inverse=True)
    return first[group]


def _checked(hashes, limit, max_pairs):
    """Hashes as a matrix of one column, or two with mirror images."""
    hashes = np.asarray(hashes)
    fits = hashes.ndim == 1 or (hashes.ndim == 2 and hashes.shape[1] == 2)
    if hashes.dtype != np.uint64 or not fits:
        raise ValueError(
            "hashes must be uint64, one for each picture, or two with that of "
            f"its mirror image. Received: hashes.shape={hashes.shape}, dtype="
            f"{hashes.dtype}. See perceptual_hash."
        )
    if not 0 <= limit <= _MOST_BITS or max_pairs < 1:
        raise ValueError(
            f"limit must lie from 0 to {_MOST_BITS}, max_pairs be at least 1. "
            f"Received: limit={limit}, max_pairs={max_pairs}. Usual are 4 and "
            "100000."
        )
    return hashes.reshape(len(hashes), -1 if hashes.size else hashes.ndim)
