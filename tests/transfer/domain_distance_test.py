import numpy as np
import pytest

from fgkeras.transfer import Domain
from fgkeras.transfer import domain_distance
from fgkeras.transfer import domain_similarity


def some_domain(seed, classes=6, dims=4):
    rng = np.random.default_rng(seed)
    return Domain(
        rng.normal(size=(classes, dims)),
        rng.integers(1, 30, classes),
        range(classes),
    )


def test_two_shifted_pairs_on_a_line():
    line = [Domain([[a], [a + 1]], [1, 1], "ab") for a in (0, 5)]
    assert domain_distance(*line) == pytest.approx(5, abs=1e-12)


def test_equal_weights_on_a_line_match_in_order():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 9))
    domains = [Domain(v[:, None], np.ones(9), range(9)) for v in (x, y)]
    expected = np.abs(np.sort(x) - np.sort(y)).mean()
    assert domain_distance(*domains) == pytest.approx(expected, abs=1e-12)


def test_single_class_target_is_a_weighted_mean():
    source = some_domain(1)
    target = Domain([[1.0, 2.0, 3.0, 4.0]], [5], ["only"])
    expected = sum(
        w * np.sqrt(((m - target.means[0]) ** 2).sum())
        for w, m in zip(source.weights, source.means, strict=True)
    )
    assert domain_distance(source, target) == pytest.approx(expected, rel=1e-12)


def test_it_is_a_metric():
    a, b, c = (some_domain(seed, 3 + seed) for seed in range(3))
    assert domain_distance(a, a) == pytest.approx(0, abs=1e-12)
    ab, ba = domain_distance(a, b), domain_distance(b, a)
    assert ab == pytest.approx(ba, rel=1e-12)
    assert ab <= domain_distance(a, c) + domain_distance(c, b) + 1e-12


def test_moving_scaling_and_splitting():
    a, b = some_domain(3), some_domain(4)
    base = domain_distance(a, b)
    moved = [Domain(d.means * -3 + 7, d.counts, d.class_names) for d in (a, b)]
    assert domain_distance(*moved) == pytest.approx(3 * base, rel=1e-9)
    order = [3, 1, 0, 5, 4, 2]
    assert domain_distance(a.subset(order), b) == pytest.approx(base)
    halves = Domain(
        np.concatenate([a.means, a.means]),
        np.concatenate([a.counts, a.counts]),
        range(12),
    )
    assert domain_distance(halves, b) == pytest.approx(base)


def test_never_below_the_distance_of_the_centers():
    a, b = some_domain(5), some_domain(6)
    centers = a.weights @ a.means - b.weights @ b.means
    assert domain_distance(a, b) >= np.linalg.norm(centers)


def test_published_similarities():
    # Distances and similarities printed by the authors, gamma 0.01.
    for distance, printed in ((57.532, 0.563), (37.703, 0.686)):
        pair = Domain([[0.0]], [1], "a"), Domain([[distance]], [1], "b")
        assert domain_similarity(*pair) == pytest.approx(printed, abs=6e-4)


def test_gamma_changes_values_not_order():
    a, b, c = (some_domain(seed) for seed in (7, 8, 9))
    for gamma in (0.001, 0.5):
        near, far = (domain_similarity(a, d, gamma=gamma) for d in (b, c))
        same = (near > far) == (domain_distance(a, b) < domain_distance(a, c))
        assert same
        assert domain_similarity(a, b, gamma=gamma) == pytest.approx(
            np.exp(-gamma * domain_distance(a, b))
        )


def test_refuses_what_does_not_fit():
    a = some_domain(0)
    with pytest.raises(ValueError, match="target of type list"):
        domain_distance(a, [[1.0]])
    with pytest.raises(ValueError, match="y.shape=\\(6, 3\\)"):
        domain_distance(a, some_domain(0, dims=3))
    with pytest.raises(ValueError, match="gamma=0"):
        domain_similarity(a, a, gamma=0)
