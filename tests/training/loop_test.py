"""A training that is stopped anywhere ends with the same bits."""

import keras
import numpy as np
import pytest

from fgkeras.training import Batches
from fgkeras.training import fit_resumable
from fgkeras.training import make_optimizer

STEPS, EPOCHS = 5, 3


def batches(start):
    step = start
    while True:
        rng = np.random.default_rng([7, step])
        yield (
            rng.standard_normal((4, 6)).astype("float32"),
            rng.integers(0, 3, 4),
        )
        step += 1


def compiled_model():
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(3),
        ]
    )
    model.compile(
        optimizer=make_optimizer("adam", 0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )
    return model


class StopAt(keras.callbacks.Callback):
    def __init__(self, batch):
        super().__init__()
        self.left = batch

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def run(path, callbacks=(), **engine):
    model = compiled_model()
    history = fit_resumable(
        model,
        Batches(batches, STEPS),
        epochs=EPOCHS,
        checkpoint=path,
        validation=next(batches(99)),
        callbacks=callbacks,
        save_seconds=0.0,
        **engine,
    )
    return model, history


@pytest.mark.parametrize(
    "stop",
    [14, *(pytest.param(s, marks=pytest.mark.slow) for s in (1, 3, 5, 7))],
)
def test_stopped_training_ends_with_the_same_bits(tmp_path, stop):
    whole, expected = run(tmp_path / "whole.npz")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut.npz", [StopAt(stop)])
    resumed, history = run(tmp_path / "cut.npz")
    for a, b in zip(whole.weights, resumed.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=a.path)
    assert [row["epoch"] for row in history] == [1, 2, 3]
    for a, b in zip(expected, history, strict=True):
        a.pop("seconds"), b.pop("seconds")
        assert a == pytest.approx(b, abs=0)


def test_checkpoint_of_another_model_is_refused(tmp_path):
    run(tmp_path / "a.npz")
    other = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3)])
    other.compile(
        optimizer="sgd",
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    with pytest.raises(ValueError, match="same model and optimizer"):
        fit_resumable(
            other,
            Batches(batches, STEPS),
            epochs=EPOCHS,
            checkpoint=tmp_path / "a.npz",
        )


def test_finished_training_does_not_train_again(tmp_path):
    first, _ = run(tmp_path / "a.npz")
    second, history = run(tmp_path / "a.npz", [StopAt(1)])
    assert len(history) == EPOCHS
    for a, b in zip(first.weights, second.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


class StepByStep:
    """An engine of one's own, by `train_on_batch`."""

    def fit(
        self,
        model,
        batches,
        *,
        steps,
        first_epoch,
        last_epoch,
        callbacks,
        validation,
        validated,
    ):
        calls = keras.callbacks.CallbackList(callbacks, model=model)
        calls.on_train_begin()
        batches = iter(batches)
        for epoch in range(first_epoch, last_epoch):
            model.reset_metrics()
            calls.on_epoch_begin(epoch)
            for step in range(steps):
                logs = model.train_on_batch(*next(batches), return_dict=True)
                calls.on_train_batch_end(step, logs)
            if epoch + 1 in validated:
                found = model.evaluate(*validation, return_dict=True, verbose=0)
                logs.update({f"val_{k}": v for k, v in found.items()})
            calls.on_epoch_end(epoch, logs)
        calls.on_train_end()


def test_an_engine_of_ones_own_trains_the_same(tmp_path):
    by_keras, expected = run(tmp_path / "keras.npz")
    fit = {"engine": StepByStep()}
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "own.npz", [StopAt(7)], **fit)
    own, history = run(tmp_path / "own.npz", **fit)
    for a, b in zip(by_keras.weights, own.weights, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), atol=1e-6)
    assert [r["epoch"] for r in history] == [r["epoch"] for r in expected]
    for row, other in zip(history, expected, strict=True):
        assert row["val_loss"] == pytest.approx(other["val_loss"], rel=1e-5)
