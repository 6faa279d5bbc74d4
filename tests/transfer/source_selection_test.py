import numpy as np
import pytest

from fgkeras.transfer import Domain
from fgkeras.transfer import domain_distance
from fgkeras.transfer import select_source_classes
from fgkeras.transfer import single_class_distances


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(0)
    source = Domain(rng.normal(size=(12, 3)), rng.integers(1, 9, 12), range(12))
    targets = {
        name: Domain(rng.normal(size=(n, 3)), rng.integers(1, 9, n), range(n))
        for name, n in (("a", 4), ("b", 7))
    }
    return source, targets


def test_closed_form_is_the_distance_of_a_one_class_domain(world):
    source, targets = world
    got = single_class_distances(source, targets["b"])
    expected = [
        domain_distance(source.subset([i]), targets["b"]) for i in range(12)
    ]
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_takes_the_nearest_of_each_target_and_joins_them(world):
    source, targets = world
    chosen = select_source_classes(source, targets, {"a": 3, "b": 5})
    for name, count in (("a", 3), ("b", 5)):
        distances = single_class_distances(source, targets[name])
        picked = chosen.per_target[name]
        assert len(picked) == count
        assert (np.diff(distances[picked]) >= 0).all()
        left = np.setdiff1d(np.arange(12), picked)
        assert distances[picked].max() <= distances[left].min()
    union = set(chosen.per_target["a"]) | set(chosen.per_target["b"])
    assert chosen.classes.tolist() == sorted(union)


def test_counts_of_the_source_do_not_matter(world):
    source, targets = world
    other = Domain(source.means, np.ones(12), range(12))
    one = select_source_classes(source, targets, 4)
    two = select_source_classes(other, targets, 4)
    np.testing.assert_array_equal(one.classes, two.classes)


def test_ties_fall_to_the_first():
    source = Domain([[1.0], [-1.0], [1.0]], [1, 1, 1], "xyz")
    target = {"t": Domain([[0.0]], [1], "a")}
    chosen = select_source_classes(source, target, 2)
    assert chosen.per_target["t"].tolist() == [0, 1]


@pytest.mark.parametrize("count", [0, 13, {"a": 3}])
def test_refuses_other_numbers(world, count):
    with pytest.raises(ValueError, match="num_classes="):
        select_source_classes(*world, count)


def test_refuses_no_target(world):
    with pytest.raises(ValueError, match="targets={}"):
        select_source_classes(world[0], {}, 3)
