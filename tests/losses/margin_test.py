"""Tests for fgkeras.losses.margin."""

import keras
import numpy as np
import pytest

from fgkeras.layers import DistanceBoundary
from fgkeras.losses import Margin
from fgkeras.losses import margin
from fgkeras.mining import distance_weights
from tests import harness
from tests.losses.embedding_cases import batch
from tests.losses.embedding_cases import partners
from tests.losses.embedding_cases import unit


@pytest.mark.parametrize("negatives", ["distance_weighted", "uniform"])
def test_mean_matches_loops(negatives):
    labels, x = batch()
    b = np.linspace(0.8, 1.4, len(labels))
    z = unit(x)
    d = np.linalg.norm(z[:, None] - z[None], axis=-1)
    with harness.float64():
        weights = np.asarray(distance_weights(labels, d, 4))
        found = np.asarray(margin(labels, x, boundary=b, negatives=negatives))
    terms, number = np.zeros(len(labels)), 0.0
    for a in range(len(labels)):
        positives, others = partners(a)
        for p in positives:
            hinge = max(0.0, d[a, p] - b[a] + 0.2)
            terms[a] += hinge
            number += hinge > 0
            for n in others:
                w = weights[a, n]
                if negatives == "uniform":
                    w = 1 / len(others)
                hinge = max(0.0, b[a] - d[a, n] + 0.2)
                terms[a] += w * hinge
                number += w * (hinge > 0)
    np.testing.assert_allclose(found, terms * len(labels) / number, rtol=1e-9)


def test_gradient_of_embeddings_and_boundary():
    labels, x = batch()
    b = np.linspace(0.8, 1.4, len(labels))
    rng = np.random.default_rng(1)
    harness.check_gradient(
        lambda t: margin(labels, x, boundary=t, nu=0.1), b, rng
    )
    harness.check_gradient(
        lambda z: margin(labels, z, boundary=b, negatives="uniform"), x, rng
    )


def test_learned_boundary_of_each_class():
    labels, x = batch()
    boundaries = np.array([0.9, 1.0, 1.1, 1.2], "float32")
    layer = DistanceBoundary(4)
    layer.build(x.shape)
    layer.set_weights([boundaries])
    loss = Margin(num_boundaries=4, nu=0.1, reduction=None)
    x = x.astype("float32")
    found = loss(labels, layer(keras.ops.convert_to_tensor(x)))
    expected = margin(labels, x, boundary=boundaries[labels], nu=0.1)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.slow
def test_config_and_xla():
    labels, x = batch()
    loss = Margin(boundary=0.9, nu=0.2)
    twin = harness.check_config(loss, lambda used: used(labels, x))
    assert float(twin(labels, x)) == float(loss(labels, x))
    harness.check_xla(
        lambda z: loss.call(labels, z), x.astype("float32"), rtol=1e-4
    )


@pytest.mark.parametrize(
    "kwargs",
    [
        {"boundary": 0.0},
        {"nu": -1.0},
        {"num_boundaries": -1},
        {"negatives": "hard"},
    ],
)
def test_range(kwargs):
    ((name, value),) = kwargs.items()
    with pytest.raises(ValueError, match=f"{name}={value!r}"):
        Margin(**kwargs)


def test_missing_boundaries():
    with pytest.raises(ValueError, match="num_boundaries=4"):
        Margin(num_boundaries=4)(np.array([0, 0]), np.ones((2, 4), "float32"))


def test_labels_without_a_boundary():
    x = np.ones((3, 5), "float32")
    loss = Margin(num_boundaries=2, reduction=None)
    labels = np.array([0, -1, 2], "int32")
    with pytest.raises(ValueError, match=r"labels\[2\]=2"):
        loss(labels, x)
    values = harness.in_graph(loss, labels, x)
    np.testing.assert_array_equal(np.isnan(values), [False, False, True])
    with pytest.raises(ValueError, match="one-hot"):
        loss(np.eye(3), x)


def test_limit_reaches_the_loss():
    labels, x = batch()
    near = margin(labels, x, boundary=1.6, limit=1.3)
    far = margin(labels, x, boundary=1.6, limit=1.8)
    assert np.abs(np.asarray(near) - np.asarray(far)).max() > 1e-3
    loss = Margin(boundary=1.6, limit=1.8, reduction=None)
    np.testing.assert_allclose(loss(labels, x), far, rtol=1e-5)


def test_unknown_negatives():
    with pytest.raises(ValueError, match="negatives='even'"):
        margin([0, 0, 1], np.eye(3), negatives="even")
