"""Tests for RS, RSM, Rank and RankM against closed forms and definitions."""

import importlib.util

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from fgkeras.granularity import Distances
from fgkeras.granularity import class_medoids
from fgkeras.granularity import distances as distances_module
from fgkeras.granularity import rank
from fgkeras.granularity import rankm
from fgkeras.granularity import rs
from fgkeras.granularity import rsm
from tests.granularity.closed_forms import CASES
from tests.granularity.closed_forms import by_definition
from tests.granularity.closed_forms import line_case

INDICES = (rs, rsm, rank, rankm)


def values_of(values, labels, metric):
    return [index(values, labels, metric=metric).value for index in INDICES]


def uneven_set(seed=0, dimensions=7):
    """Five classes of 1 to 9 images that overlap, images shuffled."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(5), (9, 1, 2, 6, 5)))
    centers = rng.normal(size=(5, dimensions))
    points = centers[labels] + rng.normal(size=(len(labels), dimensions))
    return points, labels


@pytest.mark.parametrize("name", CASES)
def test_closed_forms(name):
    points, labels, expected = line_case(name)
    np.testing.assert_allclose(
        values_of(points, labels, "euclidean"), expected, rtol=0, atol=1e-9
    )
    np.testing.assert_allclose(
        values_of(cdist(points, points), labels, "precomputed"),
        expected,
        rtol=0,
        atol=1e-9,
    )


@pytest.mark.parametrize("dimensions", [2, 7, 60])
def test_equal_the_definition_in_loops(dimensions):
    points, labels = uneven_set(dimensions=dimensions)
    expected = by_definition(cdist(points, points), labels)
    found = values_of(points, labels, "euclidean")
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_optimistic_ties():
    points, labels, _ = line_case("row")
    found = rank(points, labels, metric="euclidean", ties="optimistic")
    assert found.value == pytest.approx(1 / 12, abs=1e-12)
    for ties in ("optimistic", "pessimistic"):
        points, labels, _ = line_case("nested")
        expected = by_definition(cdist(points, points), labels, ties)
        for index, value in ((rank, expected[2]), (rankm, expected[3])):
            found = index(points, labels, metric="euclidean", ties=ties)
            assert found.value == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(("num_classes", "worst_rank"), [(2, 0.81), (3, 0.96)])
@pytest.mark.parametrize("dimensions", [1, 9])
def test_identical_images(num_classes, worst_rank, dimensions):
    points = np.full((6, dimensions), 0.1)
    labels = np.arange(6) * num_classes // 6
    assert rank(points, labels).value == pytest.approx(worst_rank)
    assert rankm(points, labels).value == 1.0
    for index in (rank, rankm):
        assert index(points, labels, ties="optimistic").value == 0.0
    for index in (rs, rsm):
        with pytest.raises(ValueError, match="at distance 0 from another"):
            index(points, labels)


@pytest.mark.parametrize("index", INDICES)
def test_relabelling_changes_nothing_where_distances_tie(index):
    points = np.array([[-0.1], [0.0], [2.0], [4.0], [4.1], [3.9]])
    labels = np.repeat([0, 1], 3)
    one = index(points, labels, metric="euclidean").value
    assert index(points, 1 - labels, metric="euclidean").value == one
    if index is rankm:
        assert one == pytest.approx(1 / 6)


@pytest.mark.parametrize("index", [rank, rankm])
def test_ties_in_many_dimensions(index):
    # Corners of a cube, turned at random: distances tie up to rounding.
    corners = np.array(np.meshgrid(*[[0.0, 1.0]] * 5)).reshape(5, -1).T
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.normal(size=(48, 48)))[0][:5]
    labels = rng.integers(0, 4, size=32)
    straight = index(cdist(corners, corners) ** 2, labels, metric="precomputed")
    turned = index(corners @ turn + 3, labels, metric="euclidean")
    np.testing.assert_allclose(turned.scores, straight.scores, rtol=1e-12)
    renamed = np.array([2, 0, 3, 1])[labels]
    again = index(corners @ turn + 3, renamed, metric="euclidean")
    np.testing.assert_array_equal(again.scores, turned.scores)


def test_metrics():
    points, labels = uneven_set(1)
    for metric, kind in (("cosine", "cosine"), ("euclidean", "euclidean")):
        np.testing.assert_allclose(
            values_of(points, labels, metric),
            by_definition(cdist(points, points, kind), labels),
            rtol=1e-10,
        )
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    np.testing.assert_allclose(
        values_of(points, labels, "unit_euclidean"),
        values_of(unit, labels, "euclidean"),
        rtol=1e-12,
    )


@pytest.mark.parametrize("dimensions", [2, 9])
def test_distances(dimensions):
    points, _ = uneven_set(7, dimensions)
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    rows, columns = np.arange(3, 9), np.array([20, 4, 0])
    for metric, expected in (
        ("euclidean", cdist(points, points)),
        ("unit_euclidean", cdist(unit, unit)),
        ("cosine", cdist(points, points, "cosine")),
    ):
        found = Distances(points, metric).block(rows, columns)
        expected = expected[np.ix_(rows, columns)]
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("dtype", ["float16", "float32", "int32"])
def test_any_real_dtype(dtype):
    points, labels = uneven_set(2)
    points = (points * 16).astype(dtype)
    np.testing.assert_allclose(
        values_of(points, labels, "euclidean"),
        values_of(points.astype("float64"), labels, "euclidean"),
        rtol=1e-12,
    )


def test_labels_in_any_form():
    points, labels = uneven_set(3)
    expected = values_of(points, labels, "euclidean")
    names = np.array(["yew", "elm", "oak", "fir", "ash"])
    for form in (
        labels.tolist(),
        labels * 7 - 3,
        labels.astype("float32"),
        labels[:, None],
        np.eye(5, dtype="float32")[labels],
        names[labels],
        names[labels].astype(object).tolist(),
    ):
        found = values_of(points, form, "euclidean")
        np.testing.assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.skipif(
    importlib.util.find_spec("keras") is None, reason="needs keras"
)
def test_tensors_are_taken():
    import keras

    points, labels = uneven_set(4)
    found = rankm(
        keras.ops.convert_to_tensor(points.astype("float32")),
        keras.ops.convert_to_tensor(labels),
    )
    expected = rankm(points.astype("float32"), labels)
    assert found.value == expected.value


@pytest.mark.parametrize("index", INDICES)
def test_blocks_change_nothing(index, monkeypatch):
    points, labels = uneven_set(5)
    whole = index(points, labels, metric="euclidean")
    monkeypatch.setattr(distances_module, "BLOCK_VALUES", 40)
    monkeypatch.setattr(distances_module, "_TILE", 3)
    parts = index(points, labels, metric="euclidean")
    np.testing.assert_allclose(parts.scores, whole.scores, rtol=1e-12)
    np.testing.assert_array_equal(parts.rivals, whole.rivals)


def test_order_of_images_and_shift_change_nothing():
    points, labels = uneven_set(6)
    order = np.random.default_rng(0).permutation(len(labels))
    for index in (rs, rank):
        found = index(points[order] + 5.0, labels[order], metric="euclidean")
        expected = index(points, labels, metric="euclidean")
        np.testing.assert_allclose(
            found.scores, expected.scores[order], rtol=1e-10
        )


def test_close_images_far_from_the_origin_keep_their_digits():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(20, 8)) * 1e-6
    points[10:] += 1e3
    labels = np.arange(20) % 2 + 2 * (np.arange(20) >= 10)
    expected = by_definition(cdist(points, points), labels)
    np.testing.assert_allclose(
        values_of(points, labels, "euclidean"), expected, rtol=1e-6
    )


def test_given_medoids():
    points, labels, _ = line_case("mixed3")
    found = rankm(points, labels, metric="euclidean", medoids=[0, 5])
    assert found.medoids.tolist() == [0, 5]
    # 4 is 1 from 5 and 4 from 0; 1 is 1 from 0 and 4 from 5; 2, 3 stay.
    assert found.scores.tolist() == [0, 0, 1, 1, 0, 0]
    own = rankm(points, labels, metric="euclidean")
    for index in (rankm, rsm):
        again = index(points, labels, metric="euclidean", medoids=own.medoids)
        assert again.value == index(points, labels, metric="euclidean").value


def test_the_first_of_equally_good_medoids_is_taken():
    # Corners of regular simplices: all members of a class are equally good.
    rng = np.random.default_rng(0)
    for seed in range(20):
        turn = np.linalg.qr(rng.normal(size=(40, 40)))[0][:8]
        points = np.eye(8)[np.arange(16) % 8] @ turn
        points += 3 * (np.arange(16) // 8)[:, None]
        labels = np.arange(16) // 8
        medoids = class_medoids(points, labels, metric="euclidean")
        assert medoids.tolist() == [0, 8], seed


def test_parts_of_the_result():
    points, labels, expected = line_case("mixed")
    found = rankm(points, np.array(["b", "a"])[labels], metric="euclidean")
    assert float(found) == found.value == found.scores.mean() == 1 / 4
    assert found.class_names.tolist() == ["a", "b"]
    assert found.class_counts.tolist() == [2, 2]
    assert found.class_scores.tolist() == [0.0, 0.5]
    assert found.hardest_classes(1) == [("b", 0.5, "a")]
    assert found.rivals.tolist() == [0, 0, 1, 1]
    low, high = found.interval()
    assert 0 <= low <= 1 / 4 <= high <= 1


@pytest.mark.parametrize("index", INDICES)
def test_refusals_name_the_value(index):
    points, labels = uneven_set()
    with pytest.raises(ValueError, match=r"23 images and 22 labels"):
        index(points, labels[:-1])
    with pytest.raises(ValueError, match="metric='manhattan'"):
        index(points, labels, metric="manhattan")
    with pytest.raises(ValueError, match="labels of 1"):
        index(points, np.zeros(23, int))
    broken = points.copy()
    broken[4, 2] = np.nan
    with pytest.raises(ValueError, match="image 4"):
        index(broken, labels)
    broken[4] = 0.0
    with pytest.raises(ValueError, match="zeros for image 4"):
        index(broken, labels)
    with pytest.raises(ValueError, match="square"):
        index(points, labels, metric="precomputed")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0.5, 1.0], r"labels\[0\]=0.5"),
        ([0.0, np.nan], r"labels\[1\]=nan"),
        ([[1, 1], [0, 1]], r"labels\[0\]=\[1, 1\]"),
        ([None, 1], "NoneType"),
        ([], "at least one image"),
    ],
)
def test_bad_labels(labels, message):
    with pytest.raises(ValueError, match=message):
        rankm(np.eye(2), labels)


@pytest.mark.parametrize(
    ("medoids", "message"),
    [([0], r"shape=\(1,\)"), ([0, 1], r"medoids\[1\]=1"), ([0, 9], "=9")],
)
def test_bad_medoids(medoids, message):
    points, labels, _ = line_case("mixed")
    with pytest.raises(ValueError, match=message):
        rankm(points, labels, metric="euclidean", medoids=medoids)
    with pytest.raises(ValueError, match="ties='no'"):
        rankm(points, labels, metric="euclidean", ties="no")


@pytest.mark.parametrize(
    ("i", "j", "value", "problem"),
    [
        (0, 1, -1.0, "negative"),
        (2, 2, 1.0, "diagonal"),
        (0, 1, 9.0, r"values\[j, i\]"),
        (0, 1, np.inf, "infinite"),
    ],
)
def test_bad_matrices(i, j, value, problem):
    matrix = 1.0 - np.eye(3)
    matrix[i, j] = value
    with pytest.raises(ValueError, match=problem):
        Distances(matrix, "precomputed")
