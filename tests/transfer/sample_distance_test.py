import numpy as np
import pytest

from fgkeras.transfer import domain_distance
from fgkeras.transfer import make_domain
from fgkeras.transfer import sample_distance


def test_on_a_line_images_match_in_order():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 30))
    expected = np.abs(np.sort(x) - np.sort(y)).mean()
    got = sample_distance(x[:, None], y[:, None])
    assert got == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_never_below_the_distance_of_class_means(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(40, 3)), rng.normal(1, 2, size=(25, 3))
    means = [make_domain(v, rng.integers(0, 4, len(v))) for v in (x, y)]
    assert sample_distance(x, y) >= domain_distance(*means) - 1e-12


def test_refuses_too_many_pairs():
    many = np.zeros((20_000, 1))
    with pytest.raises(ValueError, match="20000 and 20000 images"):
        sample_distance(many, many)
