"""Quasi-online training, killed anywhere, ends with the same bits."""

import keras
import numpy as np
import pytest

from fgkeras.losses import ListedTriplets
from fgkeras.training import Batches
from fgkeras.training import TripletRounds
from fgkeras.training import fit_resumable
from fgkeras.training import make_optimizer

STEPS, ROUNDS, TRIPLETS = 4, 3, 5


def data():
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 4
    centers = rng.standard_normal((4, 6))
    images = centers[labels] + rng.standard_normal((40, 6))
    return images.astype("float32"), labels


class StopAt(keras.callbacks.Callback):
    def __init__(self, batch):
        super().__init__()
        self.left = batch

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def run(folder, callbacks=(), **options):
    """Trains, and returns the model and the images of every step."""
    folder.mkdir(exist_ok=True)
    images, labels = data()
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(3),
            keras.layers.UnitNormalization(),
        ]
    )
    model.compile(make_optimizer("adam", 0.05), ListedTriplets(margin=0.2))
    rounds = TripletRounds(
        lambda: model.predict(images, verbose=0),
        labels,
        TRIPLETS,
        STEPS,
        file=folder / "triplets.npz",
        seed=3,
        **options,
    )
    seen = {}

    def batches(start):
        rounds.prepare(start)
        step = start
        while True:
            rows = rounds.batch(step)
            seen[step] = rows
            yield images[rows], np.zeros(len(rows))
            step += 1

    fit_resumable(
        model,
        Batches(batches, STEPS, fresh=True),
        epochs=ROUNDS,
        checkpoint=folder / "state.npz",
        callbacks=callbacks,
        save_seconds=0.0,
    )
    return model, seen, rounds


@pytest.mark.parametrize("stop", [4, pytest.param(6, marks=pytest.mark.slow)])
def test_killed_training_ends_with_the_same_bits(tmp_path, stop):
    whole, seen, _ = run(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", [StopAt(stop)])
    resumed, again, _ = run(tmp_path / "cut")
    for a, b in zip(whole.weights, resumed.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=a.path)
    for step in range(stop, STEPS * ROUNDS):
        np.testing.assert_array_equal(seen[step], again[step])


def test_each_round_is_drawn_from_the_present_model(tmp_path):
    images, labels = data()
    _, seen, rounds = run(tmp_path / "a")
    assert set(rounds.drawn) == {0, 1, 2}
    lists = [seen[STEPS * i].tolist() for i in range(ROUNDS)]
    assert lists[0] != lists[1] != lists[2]
    a, p, n = np.concatenate([seen[i] for i in range(12)]).reshape(-1, 3).T
    assert (labels[a] == labels[p]).all()
    assert (labels[a] != labels[n]).all()


def test_when_nothing_violates_random_triplets_fill_the_round(tmp_path):
    labels = np.repeat([0, 1], 3)
    rounds = TripletRounds(
        lambda: np.eye(2)[labels], labels, 2, 3, file=tmp_path / "t.npz"
    )
    a, _, n = rounds.prepare(0).batch(1).reshape(2, 3).T
    assert rounds.drawn == {0: 0}
    assert (labels[a] != labels[n]).all()


def test_rejected_images_follow_the_others(tmp_path):
    images, labels = data()
    both = np.concatenate([images, images[:2]])
    rounds = TripletRounds(
        lambda: both,
        labels,
        10,
        2,
        file=tmp_path / "t.npz",
        rejected_labels=np.array([1, 1]),
        margin=9.0,
    )
    triplets = rounds.prepare(0).batch(0).reshape(-1, 3)
    triplets = np.concatenate([triplets, rounds.batch(1).reshape(-1, 3)])
    rejected = triplets[triplets[:, 2] >= 40]
    assert len(rejected)
    assert (labels[rejected[:, 0]] == 1).all()


def test_refusals(tmp_path):
    images, labels = data()
    rounds = TripletRounds(
        lambda: images, labels, 2, 3, file=tmp_path / "t.npz"
    )
    with pytest.raises(ValueError, match="step=7"):
        rounds.batch(7)
    rounds.prepare(0)
    other = TripletRounds(
        lambda: images, labels, 2, 3, file=tmp_path / "t.npz", seed=1
    )
    with pytest.raises(ValueError, match="seed 1. Delete it"):
        other.prepare(0)
    with pytest.raises(ValueError, match="steps=0"):
        TripletRounds(lambda: images, labels, 2, 0, file=tmp_path / "t.npz")
