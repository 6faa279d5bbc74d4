import numpy as np
import pytest
from scipy.spatial.distance import cdist

from fgkeras.transfer.ground_distances import ground_distances


@pytest.mark.parametrize("shift", [0.0, 1e6])
@pytest.mark.parametrize("spread", [1e-9, 1.0, 1e9])
def test_equals_the_definition_at_any_scale(shift, spread):
    rng = np.random.default_rng(0)
    x = shift + spread * rng.normal(size=(7, 5))
    y = shift + spread * rng.normal(size=(4, 5))
    np.testing.assert_allclose(ground_distances(x, y), cdist(x, y), rtol=1e-8)


def test_close_pairs_keep_their_digits():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(6, 300)) * 100
    y = x + 1e-6 * rng.normal(size=x.shape)
    y[0] = x[0]
    got = ground_distances(x, y)
    assert got[0, 0] == 0
    np.testing.assert_allclose(got, cdist(x, y), rtol=1e-7)


def test_takes_half_precision_and_leaves_it_alone():
    x = np.ones((2, 3), "float16")
    got = ground_distances(x, np.zeros((1, 3), "float16"))
    np.testing.assert_allclose(got, np.sqrt(3), rtol=1e-12)
    assert (x == 1).all()


def test_refuses_other_dimensions():
    with pytest.raises(ValueError, match="y.shape=\\(1, 3\\)"):
        ground_distances(np.ones((1, 2)), np.ones((1, 3)))
