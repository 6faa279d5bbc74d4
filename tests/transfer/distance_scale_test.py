import sys

import numpy as np
import pytest

from fgkeras.transfer import DistanceScale
from fgkeras.transfer import domain_distance
from fgkeras.transfer import half_distance
from fgkeras.transfer import make_domain


def population(shift, seed, images=40, dim=20, classes=8):
    """A sample of classes whose means are the same but for a shift."""
    means = 3 * np.random.default_rng(1).normal(size=(classes, dim)) + shift
    labels = np.repeat(np.arange(classes), images)
    rng = np.random.default_rng(seed)
    return means[labels] + rng.normal(size=(len(labels), dim)), labels


def test_halves_of_one_class_in_one_dimension():
    """Of two images each is a half; of four, three pairs of halves."""
    assert half_distance([[1.0], [4.0]], [0, 0]) == 3.0
    x = np.array([0.0, 1.0, 2.0, 9.0])[:, None]
    pairs = [abs(12 - 2 * (x[0, 0] + x[j, 0])) / 2 for j in (1, 2, 3)]
    got = half_distance(x, [0] * 4, num_draws=200)
    error = np.std(pairs) / np.sqrt(200)
    assert got == pytest.approx(np.mean(pairs), abs=4 * error)


def test_odd_classes_and_classes_of_one_stand_on_either_side(monkeypatch):
    sides = []

    def told(features, labels):
        sides.append(np.bincount(labels, minlength=41))
        return make_domain(features, labels)

    module = sys.modules["fgkeras.transfer.distance_scale"]
    monkeypatch.setattr(module, "make_domain", told)
    labels = np.concatenate([np.arange(40), [40] * 5])
    half_distance(np.random.default_rng(0).normal(size=(45, 3)), labels)
    assert len(sides) == 10
    for first, second in zip(sides[::2], sides[1::2], strict=True):
        assert (first + second).tolist() == [1] * 40 + [5]
        assert 5 < first[:40].sum() < 35
    assert {side[40] for side in sides[::2]} == {2, 3}


def test_a_second_sample_is_near_and_another_thing_far():
    (x, y), (again, z) = population(0, 0), population(0, 1)
    far, w = population(6, 2)
    distances = [
        domain_distance(make_domain(x, y), make_domain(other, labels))
        for other, labels in ((again, z), (far, w))
    ]
    scale = DistanceScale(half_distance(x, y), distances[1])
    near, one = map(scale.relative, distances)
    assert abs(near) < 0.05
    assert one == 1


def test_the_seed_decides():
    x, y = population(0, 0)
    one, again, two = (half_distance(x, y, seed=s) for s in (0, 0, 1))
    assert one == again != two


def test_refuses_what_gives_no_scale():
    with pytest.raises(ValueError, match="farther than the halves"):
        DistanceScale(2.0, 2.0)
    with pytest.raises(ValueError, match="largest class has 1"):
        half_distance([[1.0], [2.0]], [0, 1])
    with pytest.raises(ValueError, match="num_draws=0"):
        half_distance([[1.0], [2.0]], [0, 0], num_draws=0)
