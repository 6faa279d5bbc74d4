import keras
import numpy as np
import pytest

from fgkeras.training import Batches
from fgkeras.training import KeepBest
from fgkeras.training import fit_resumable

METRIC = "val_score"


class Score(keras.callbacks.Callback):
    """Gives epoch `e` the score `scores[e]`, and notes its weights."""

    def __init__(self, scores, losses=None):
        super().__init__()
        self.scores, self.losses, self.weights = scores, losses, {}

    def on_epoch_end(self, epoch, logs=None):
        logs[METRIC] = self.scores[epoch]
        if self.losses:
            logs["val_loss"] = self.losses[epoch]
        self.weights[epoch + 1] = self.model.get_weights()


def batches():
    def start(step, shard=(0, 1)):
        while True:
            rng = np.random.default_rng(step)
            x = rng.normal(size=(4, 3)).astype("float32")
            yield x, x.sum(axis=1, keepdims=True)
            step += 1

    return Batches(start, 2)


def fit(folder, scores, losses=None, **how):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    given = Score(scores, losses)
    best = KeepBest(folder / "best.npz", METRIC)
    fit_resumable(
        model,
        batches(),
        epochs=len(scores),
        checkpoint=folder / "state.npz",
        callbacks=[given],
        best=best,
        **how,
    )
    return model, best, given.weights


@pytest.mark.parametrize(
    ("scores", "losses", "epoch"),
    [
        ([0.1, 0.5, 0.3], None, 2),
        ([0.5, 0.5, 0.5], None, 1),
        ([0.5, 0.5, 0.5], [3.0, 1.0, 1.0], 2),
        ([0.1, float("nan"), 0.2], [1.0, 1.0, float("nan")], 3),
    ],
)
def test_the_weights_are_those_of_the_best_epoch(
    tmp_path, scores, losses, epoch
):
    model, best, weights = fit(tmp_path, scores, losses)
    assert (best.epoch, best.value) == (epoch, scores[epoch - 1])
    for a, b in zip(model.get_weights(), weights[epoch], strict=True):
        np.testing.assert_array_equal(a, b)
    # Called again, there is nothing left to train.
    again, known, _ = fit(tmp_path, scores, losses)
    assert known.epoch == epoch
    for a, b in zip(again.get_weights(), weights[epoch], strict=True):
        np.testing.assert_array_equal(a, b)


def test_it_goes_on_with_the_best_so_far(tmp_path):
    scores = [0.2, 0.9, 0.1, 0.3]
    _, best, weights = fit(tmp_path, scores, until=3)
    assert best.epoch == 2
    model, best, _ = fit(tmp_path, scores)
    assert best.epoch == 2
    for a, b in zip(model.get_weights(), weights[2], strict=True):
        np.testing.assert_array_equal(a, b)


def test_where_it_was_stopped_it_is_not_chosen_for_that(tmp_path):
    # An end by `until` is validated beside the epochs that always are.
    scores = [0.9, 0.1, 0.2, 0.3]
    fit(tmp_path, scores, until=1, validate_every=2)
    model, best, weights = fit(tmp_path, scores, validate_every=2)
    assert best.epoch == 4
    np.testing.assert_array_equal(model.get_weights()[0], weights[4][0])


def test_no_epoch_with_a_number_leaves_the_last(tmp_path):
    model, best, weights = fit(tmp_path, [float("nan")] * 2)
    assert best.epoch is None
    np.testing.assert_array_equal(model.get_weights()[0], weights[2][0])


def test_a_file_that_is_not_its_own_is_refused(tmp_path):
    scores = [0.2, 0.1]
    fit(tmp_path, scores)
    file = tmp_path / "best.npz"
    whole = file.read_bytes()
    file.write_bytes(whole[:60])
    with pytest.raises(ValueError, match="best.npz.*damaged.*checkpoints"):
        fit(tmp_path, scores)
    (tmp_path / "other").mkdir()
    fit(tmp_path / "other", [0.1, 0.2])
    file.write_bytes((tmp_path / "other" / "best.npz").read_bytes())
    with pytest.raises(ValueError, match="does not hold epoch 1"):
        fit(tmp_path, scores)
