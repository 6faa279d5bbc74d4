"""Tests for fgkeras.mining.remembering_model."""

import keras
import numpy as np
import pytest

from fgkeras import losses
from fgkeras import mining
from fgkeras.mining import RememberingModel
from tests import harness

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 5)).astype("float32")
Y = np.tile([0, 1, 2, 0, 1, 2, 3, 3], 3)


def body():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((5,)), keras.layers.Dense(3)])


@pytest.mark.parametrize(
    "loss",
    [
        losses.Contrastive(),
        losses.TripletSemiHard(),
        losses.ClassBalanced(losses.NPair(), [9, 5, 3, 1], beta=0.9),
        losses.MultiSimilarity(positives=mining.SameParent(list("aabc"))),
    ],
)
def test_fit_is_by_hand_with_a_list_of_earlier_rows(loss):
    model, twin = RememberingModel(body(), 12), body()
    model.compile(keras.optimizers.SGD(0.1), loss, jit_compile=True)
    past = [np.zeros((0, 3), "float32"), np.zeros(0, "int32")]
    for start in (0, 8, 16):
        x, y = X[start : start + 8], Y[start : start + 8]
        kernel, bias = (harness.to_numpy(v) for v in twin.weights)
        inner = getattr(loss, "loss", loss)

        def value(k, x=x, y=y, bias=bias, past=past, inner=inner):
            rows = keras.ops.matmul(x, k) + bias
            rows = keras.ops.concatenate([rows, past[0]])
            return inner.call(np.concatenate([y, past[1]]), rows)[:8] / 8

        weights = getattr(loss, "class_weights", np.ones(4))[y]
        values, gradient = harness.value_and_gradient(
            lambda k, f=value, w=weights: f(k) * w.astype("float32"), kernel
        )
        model.reset_metrics()  # Or it is the mean over the batches so far.
        found = model.train_on_batch(x, y)
        assert float(found) == pytest.approx(values.sum(), rel=1e-4)
        moved = harness.to_numpy(model.model.weights[0])
        np.testing.assert_allclose(moved, kernel - 0.1 * gradient, atol=1e-4)
        past = [
            np.concatenate([past[0], x @ kernel + bias])[-12:],
            np.concatenate([past[1], y])[-12:].astype("int32"),
        ]
        twin.set_weights(model.model.get_weights())


def test_evaluation_does_not_remember(tmp_path):
    model = RememberingModel(body(), 8)
    model.compile("sgd", losses.Contrastive())
    plain = losses.Contrastive()(Y, model.predict(X, verbose=0))
    found = model.evaluate(X, Y, batch_size=24, verbose=0)
    assert found == pytest.approx(float(plain), rel=1e-5)
    model.fit(X[:8], Y[:8], verbose=0)
    kept = harness.to_numpy(model.memory.labels).copy()
    np.testing.assert_array_equal(np.sort(kept), np.sort(Y[:8]))
    model.evaluate(X[8:], Y[8:], verbose=0)
    np.testing.assert_array_equal(model.memory.labels, kept)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        loaded.predict(X, verbose=0), model.predict(X, verbose=0)
    )
    np.testing.assert_array_equal(loaded.memory.labels, kept)
    again = loaded.fit(X[:8], Y[:8], verbose=0).history["loss"]
    assert again == model.fit(X[:8], Y[:8], verbose=0).history["loss"]


def test_rows_of_several_labels_are_remembered():
    shown = (RNG.random((24, 4)) < 0.5).astype("int32")
    relation = mining.SharedLabels(graded=True)
    model = RememberingModel(body(), 16, label_columns=4)
    model.compile("sgd", losses.SupCon(positives=relation))
    model.fit(X, shown, batch_size=8, shuffle=False, verbose=0)
    kept = harness.to_numpy(model.memory.labels)
    assert sorted(kept.tolist()) == sorted(shown[8:].tolist())
    memory = mining.CrossBatchMemory(4)
    rows, _ = memory(shown[:2], X[:2])
    assert harness.to_numpy(rows)[2:].tolist() == [[-1] * 4] * 4


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="`loss` must be a batch loss"):
        RememberingModel(body(), 8).compile("sgd", "mse")
    with pytest.raises(ValueError, match="Received: size=0"):
        RememberingModel(body(), 0)
    model = RememberingModel(body(), 4)
    model.compile("sgd", losses.Contrastive(), run_eagerly=True)
    with pytest.raises(ValueError, match="size=4 for a batch of 8"):
        model.train_on_batch(X[:8], Y[:8])
    model.compile("sgd", losses.Contrastive())
    with pytest.raises(ValueError, match="dtype bool"):
        model.train_on_batch(X[:3], Y[:3] > 0)
