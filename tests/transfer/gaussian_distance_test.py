import numpy as np
import pytest
import scipy.linalg

from fgkeras.transfer import domain_distance
from fgkeras.transfer import gaussian_class_distance
from fgkeras.transfer import make_domain
from fgkeras.transfer import transport


def bures(x, y):
    """Squared distance of two Gaussians by matrix roots."""
    a, b = (np.cov(v.T, bias=True) for v in (x, y))
    root = scipy.linalg.sqrtm(a)
    joint = np.real(np.trace(scipy.linalg.sqrtm(root @ b @ root)))
    apart = ((x.mean(0) - y.mean(0)) ** 2).sum()
    return apart + np.trace(a) + np.trace(b) - 2 * joint


def test_equals_the_form_with_covariances():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 3)) * [1, 2, 3], rng.normal(size=(30, 3))
    labels = np.arange(40) % 3, np.arange(30) % 2
    cost = np.array(
        [
            [bures(x[labels[0] == i], y[labels[1] == j]) for j in range(2)]
            for i in range(3)
        ]
    )
    weights = [np.bincount(v) for v in labels]
    expected = np.sqrt(transport(cost, *weights).cost)
    got = gaussian_class_distance(x, labels[0], y, labels[1])
    assert got == pytest.approx(expected, rel=1e-6)


def test_fewer_images_than_dimensions():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(4, 9)), rng.normal(size=(5, 9))
    zeros = np.zeros(4, int), np.zeros(5, int)
    got = gaussian_class_distance(x, zeros[0], y, zeros[1])
    assert got**2 == pytest.approx(bures(x, y), rel=1e-4)


def test_single_images_leave_the_distance_of_means():
    x, y = np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]])
    got = gaussian_class_distance(x, [0], y, [0])
    assert got == pytest.approx(
        domain_distance(make_domain(x, [0]), make_domain(y, [0]))
    )


def test_same_means_of_other_spread_are_apart():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(50, 2))
    x -= x.mean(0)
    labels = np.zeros(50, int)
    assert gaussian_class_distance(x, labels, x, labels) < 1e-6
    spread = np.sqrt((x**2).sum() / 50)
    got = gaussian_class_distance(x, labels, 3 * x, labels)
    assert got == pytest.approx(2 * spread)
