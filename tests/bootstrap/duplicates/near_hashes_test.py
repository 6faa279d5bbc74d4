import itertools
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from fgkeras.bootstrap.duplicates import near_hashes
from fgkeras.bootstrap.duplicates.close_values import close_values

# Few bits in use, so that all distances occur; at both ends of the number.
NARROW = st.integers(0, 2**6 - 1).map(lambda v: (v & 7) | (v >> 3) << 61)


def bits(a, b):
    return bin(a ^ b).count("1")


def by_all_pairs(rows, limit):
    """{(i, j): (distance, mirrored)} by the definition."""
    found = {}
    for i, j in itertools.combinations(range(len(rows)), 2):
        plain = bits(rows[i][0], rows[j][0])
        turned = 65
        if len(rows[i]) == 2:
            turned = min(
                bits(rows[i][0], rows[j][1]), bits(rows[i][1], rows[j][0])
            )
        if min(plain, turned) <= limit:
            found[i, j] = min(plain, turned), turned < plain
    return found


def groups_of(count, pairs):
    graph = np.zeros((count, count))
    for i, j in pairs:
        graph[i, j] = 1
    _, labels = connected_components(graph, directed=False)
    return [int(np.flatnonzero(labels == label)[0]) for label in labels]


def as_dict(found):
    return {
        tuple(pair): (distance, turned)
        for pair, distance, turned in zip(
            found.pairs.tolist(),
            found.distances.tolist(),
            found.mirrored.tolist(),
            strict=True,
        )
    }


def check(rows, limit):
    hashes = np.array(rows, np.uint64)
    hashes = hashes[:, 0] if hashes.shape[1] == 1 else hashes
    found = near_hashes(hashes, limit=limit)
    expected = by_all_pairs(rows, limit)
    assert as_dict(found) == expected
    assert len(found) == len(expected)
    assert found.complete
    order = list(
        zip(found.distances.tolist(), found.pairs.tolist(), strict=True)
    )
    assert order == sorted(order)
    assert found.groups.tolist() == groups_of(len(rows), expected)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.lists(NARROW, min_size=1, max_size=25), st.integers(0, 5))
def test_is_all_pairs_without_mirror_images(values, limit):
    check([[v] for v in values], limit)


@settings(derandomize=True, deadline=None, max_examples=80)
@given(
    st.lists(st.tuples(NARROW, NARROW), min_size=1, max_size=20),
    st.integers(0, 4),
)
def test_is_all_pairs_with_mirror_images(rows, limit):
    check(rows, limit)


@pytest.mark.parametrize("limit", range(9))
def test_every_place_of_the_bits_that_differ_is_found(limit):
    """Planted copies with exactly so many bits turned, anywhere."""
    rng = np.random.default_rng(limit)
    values = rng.integers(0, 2**64, 400, dtype=np.uint64)
    places = [rng.choice(64, limit, replace=False) for _ in values]
    turned = [sum(1 << int(p) for p in own) for own in places]
    copies = values ^ np.array(turned, np.uint64)
    found = near_hashes(np.concatenate([values, copies]), limit=limit)
    planted = {(i, i + 400) for i in range(400)}
    assert planted <= {tuple(p) for p in found.pairs.tolist()}
    if limit:
        fewer = near_hashes(np.concatenate([values, copies]), limit=limit - 1)
        assert not planted & {tuple(p) for p in fewer.pairs.tolist()}


def test_blocks_do_not_change_it(monkeypatch):
    rng = np.random.default_rng(3)
    rows = rng.integers(0, 2**9, (300, 2), dtype=np.uint64) << np.uint64(20)
    whole = near_hashes(rows, limit=2)
    module = sys.modules[close_values.__module__]
    monkeypatch.setattr(module, "_BLOCK_PAIRS", 50)
    parts = near_hashes(rows, limit=2)
    assert whole.pairs.tolist() == parts.pairs.tolist()
    assert whole.groups.tolist() == parts.groups.tolist()


@pytest.mark.parametrize("max_pairs", [1, 10, 200])
def test_of_too_many_the_nearest_are_kept(max_pairs):
    rng = np.random.default_rng(4)
    rows = rng.integers(0, 2**7, (120, 2), dtype=np.uint64)
    whole = near_hashes(rows, limit=3)
    assert len(whole) > 1000
    few = near_hashes(rows, limit=3, max_pairs=max_pairs)
    assert not few.complete
    assert len(few) == max_pairs
    assert few.distances.tolist() == whole.distances[:max_pairs].tolist()
    assert as_dict(few).items() <= as_dict(whole).items()
    assert few.groups.tolist() == whole.groups.tolist()


def test_mirror_images_alone_are_no_pair():
    high = 0xFFFF << 40
    rows = np.array([[0, high], [(1 << 24) - 1, high | 1 << 60]], np.uint64)
    found = near_hashes(rows)
    assert len(found) == 0
    assert found.groups.tolist() == [0, 1]


def test_pairs_that_are_found_thrice_take_no_room():
    """Each picture is near its own mirror image, and nearest to it."""
    base = np.random.default_rng(7).integers(0, 2**64, 50, dtype=np.uint64)
    first = np.stack([base, base ^ np.uint64(1)], axis=1)
    rows = np.concatenate([first, first ^ np.uint64(6)])
    found = near_hashes(rows, max_pairs=50)
    assert found.complete
    assert found.pairs.tolist() == [[i, i + 50] for i in range(50)]
    assert (found.distances == 2).all()


def test_as_many_as_there_are_is_complete():
    rows = np.array([[1, 8], [1, 8], [1, 8]], np.uint64)
    assert near_hashes(rows, max_pairs=3, limit=0).complete
    assert not near_hashes(rows, max_pairs=2, limit=0).complete


def test_blank_pictures_do_not_fill_the_memory():
    rng = np.random.default_rng(5)
    rows = rng.integers(0, 2**64, (30_000, 2), dtype=np.uint64)
    rows[:20_000] = np.uint64(1 << 63)  # 200 million pairs.
    rows[29_000, 0] = rows[28_000, 1]
    tracemalloc.start()
    found = near_hashes(rows, max_pairs=1000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100e6
    assert len(found) == 1000
    assert not found.complete
    assert (found.groups[:20_000] == 0).all()
    assert found.groups[29_000] == 28_000
    assert len(np.unique(found.groups)) == 10_000


def test_values_are_near_one_by_one():
    values = np.unique(np.random.default_rng(6).integers(0, 400, 60)).astype(
        "u8"
    )
    rows = [
        row
        for part in close_values(values, 3)
        for row in zip(*(c.tolist() for c in part), strict=True)
    ]
    got = {(i, j): d for i, j, d in rows}
    assert len(got) == len(rows)
    assert got == {
        (i, j): bits(int(values[i]), int(values[j]))
        for i, j in itertools.combinations(range(len(values)), 2)
        if bits(int(values[i]), int(values[j])) <= 3
    }


@pytest.mark.parametrize(
    ("hashes", "options", "words"),
    [
        (np.array([1, 2]), {}, "int64"),
        (np.zeros((2, 3), np.uint64), {}, r"shape=\(2, 3\)"),
        (np.zeros(2, np.uint64), {"limit": 9}, "limit=9"),
        (np.zeros(2, np.uint64), {"limit": -1}, "limit=-1"),
        (np.zeros(2, np.uint64), {"max_pairs": 0}, "max_pairs=0"),
    ],
)
def test_refuses(hashes, options, words):
    with pytest.raises(ValueError, match=words):
        near_hashes(hashes, **options)


@pytest.mark.parametrize("shape", [(0,), (0, 2), (1,), (1, 2)])
def test_none_and_one_have_no_pairs(shape):
    found = near_hashes(np.zeros(shape, np.uint64))
    assert len(found) == 0
    assert found.complete
    assert found.pairs.shape == (0, 2)
    assert len(found.groups) == shape[0]
