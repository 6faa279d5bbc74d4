"""Losses on listed tuples against loops over their definition."""

import keras
import numpy as np
import pytest

from fgkeras.losses.tuples import n_pair_of_tuples
from fgkeras.losses.tuples import triplet_of_tuples
from tests.harness import check_gradient
from tests.harness import float64
from tests.harness import to_numpy


def test_triplets():
    a, p, n = np.random.default_rng(0).standard_normal((3, 7, 4))
    with float64():
        out = to_numpy(triplet_of_tuples(a, p, n, margin=0.7))
    for i in range(7):
        near = sum((a[i, k] - p[i, k]) ** 2 for k in range(4))
        far = sum((a[i, k] - n[i, k]) ** 2 for k in range(4))
        np.testing.assert_allclose(out[i], max(0, near - far + 0.7))


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_n_pairs(own, l2):
    rng = np.random.default_rng(1)
    a = rng.standard_normal((6, 3))
    c = rng.standard_normal((6, 6, 3) if own else (6, 3))
    labels = np.array([0, 1, 2, 0, 3, 4])
    valid = np.array([1, 1, 1, 1, 1, 0], bool)
    with float64():
        out = to_numpy(
            n_pair_of_tuples(labels, labels, a, c, valid=valid, l2=l2)
        )
    assert out[5] == 0
    for i in range(5):
        rows = (c[i] if own else c)[:5]
        logits = [float(a[i] @ row) for row in rows]
        total = np.log(sum(np.exp(z) for z in logits))
        mates = [j for j in range(5) if labels[j] == labels[i]]
        loss = np.mean([total - logits[j] for j in mates])
        loss += l2 / 4 * (a[i] @ a[i] + np.mean([r @ r for r in rows]))
        np.testing.assert_allclose(out[i], loss)


def test_gradient():
    rng = np.random.default_rng(2)
    c = rng.standard_normal((4, 4, 3))
    y = np.array([0, 1, 1, 2])
    valid = np.array([True, True, True, False])

    def fn(x):
        return n_pair_of_tuples(y, y, x, c, valid=valid, l2=0.1)

    check_gradient(fn, rng.standard_normal((4, 3)), rng)


def test_nothing_to_compare_is_zero():
    x = keras.ops.ones((3, 2))
    y = np.zeros(3, int)
    none = np.zeros(3, bool)
    out = to_numpy(n_pair_of_tuples(y, y, x, x, valid=none, l2=1.0))
    assert out.tolist() == [0, 0, 0]
