"""The soft vote against its definition in loops."""

import keras
import numpy as np
import pytest

from fgkeras.layers import AnchorSoftVote
from tests.harness import check_config
from tests.harness import check_gradient
from tests.harness import check_saved_model
from tests.harness import check_symbolic_shape
from tests.harness import check_xla
from tests.harness import float64
from tests.harness import to_numpy


def layer_of(anchors, gamma, dtype="float32"):
    classes, num, dim = anchors.shape
    layer = AnchorSoftVote(classes, num, gamma=gamma, dtype=dtype)
    layer.build((None, dim))
    layer.set_weights([anchors])
    return layer


def test_softmax_of_the_logits_is_the_soft_vote():
    rng = np.random.default_rng(0)
    u, f = rng.standard_normal((4, 3, 5)), rng.standard_normal((6, 5))
    logits = to_numpy(layer_of(u, 0.7)(f.astype("float32")))
    share = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for b in range(6):
        votes = np.zeros(4)
        for i in range(4):
            for j in range(3):
                votes[i] += np.exp(-0.7 * np.sum((f[b] - u[i, j]) ** 2))
        np.testing.assert_allclose(share[b], votes / votes.sum(), rtol=1e-4)
        np.testing.assert_allclose(logits[b], np.log(votes), rtol=1e-4)


def test_far_from_the_origin_and_from_all_anchors():
    u = np.array([[[0.0]], [[1.0]]])
    logits = to_numpy(layer_of(u + 1000.0, 1.0)(np.array([[1000.25]])))
    np.testing.assert_allclose(logits, [[-0.0625, -0.5625]], atol=1e-5)
    logits = to_numpy(layer_of(u, 5.0)(np.array([[100.0]], "float32")))
    np.testing.assert_allclose(logits, [[-5e4, -49005.0]], rtol=1e-6)


def test_an_image_does_not_depend_on_its_batch():
    rng = np.random.default_rng(1)
    layer = layer_of(rng.standard_normal((3, 2, 4)), 5.0)
    f = rng.standard_normal((3, 4)).astype("float32")
    bad = f.copy()
    bad[1] = np.nan
    np.testing.assert_array_equal(
        to_numpy(layer(bad))[[0, 2]], to_numpy(layer(f))[[0, 2]]
    )


def test_gradient_and_xla():
    rng = np.random.default_rng(2)
    anchors, weight = rng.standard_normal((3, 2, 4)), rng.standard_normal(3)
    x = rng.standard_normal((5, 4))
    with float64():
        exact = layer_of(anchors, 0.5, "float64")
    check_gradient(lambda z: weight * exact(z), x, rng)
    check_xla(layer_of(anchors, 0.5), x.astype("float32"))


def test_keras_habits(tmp_path):
    x = np.random.default_rng(3).standard_normal((3, 4)).astype("float32")
    layer = AnchorSoftVote(3, 2, gamma=2.0, initializer="orthogonal")
    check_config(layer)
    check_symbolic_shape(layer, x)
    check_saved_model(AnchorSoftVote(3), x, tmp_path / "m.keras")


def test_anchors_start_at_length_about_one():
    layer = AnchorSoftVote(200, 2)
    layer.build((None, 64))
    lengths = np.linalg.norm(layer.get_weights()[0], axis=-1)
    assert 0.95 < lengths.mean() < 1.05


def test_half_precision_gives_float32_logits():
    layer = AnchorSoftVote(3, dtype="mixed_bfloat16")
    out = layer(np.ones((2, 4), "float32"))
    assert keras.backend.standardize_dtype(out.dtype) == "float32"
    assert layer.anchors.dtype == "float32"
    exact = AnchorSoftVote(3)
    x = np.random.default_rng(0).normal(size=(2, 4)).astype("float32")
    expected = np.asarray(exact(x))
    layer.set_weights(exact.get_weights())
    np.testing.assert_array_equal(np.asarray(layer(x)), expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_classes": 1}, "num_classes=1"),
        ({"num_classes": 3, "num_anchors": 0}, "num_anchors=0"),
        ({"num_classes": 3, "gamma": 0.0}, "gamma=0.0"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        AnchorSoftVote(**arguments)
    with pytest.raises(ValueError, match="shape"):
        AnchorSoftVote(3).build((None, 4, 4))
