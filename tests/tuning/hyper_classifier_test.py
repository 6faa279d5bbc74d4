"""A classifier that keras_tuner tunes, with and without its Tuner."""

import keras
import keras_tuner
import numpy as np
import pytest

import fgkeras.models
from fgkeras.models import parts
from fgkeras.tuning import HyperClassifier
from tests.tuning.no_tensorboard import without_tensorboard


def hyper(**more):
    return HyperClassifier(
        lambda: fgkeras.models.backbone("small_cnn", (16, 16, 3)),
        [20, 10, 5],
        **more,
    )


def build(made, **values):
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    return made.build(hp), hp


def test_each_trial_has_its_loss_and_only_its_options():
    made = hyper()
    model, hp = build(made, loss="focal", beta=0.9, gamma=2.0)
    config = model.loss.get_config()
    assert (config["beta"], config["gamma"]) == (0.9, 2.0)
    assert list(config["class_counts"]) == [20, 10, 5]
    bias = model.get_layer(parts.HEAD).bias.numpy()
    np.testing.assert_allclose(1 / (1 + np.exp(-bias)), 1 / 3, rtol=1e-6)
    model, hp = build(made, loss="softmax", beta=0.99)
    assert "gamma" not in hp
    assert type(model.loss).__name__ == "ClassBalancedSoftmax"
    assert not model.get_layer(parts.HEAD).bias.numpy().any()


def test_an_oracle_draws_gamma_for_focal_alone():
    made = hyper()
    _, hp = build(made)
    oracle = keras_tuner.oracles.GridSearchOracle(
        objective=keras_tuner.Objective("val_accuracy", "max"),
        hyperparameters=hp,
    )
    oracle.save = lambda: None
    oracle._save_trial = lambda trial: None
    oracle.verbose = 0
    found = []
    for number in range(40):
        trial = oracle.create_trial(str(number))
        if trial.status != "RUNNING":
            break
        found.append(trial.hyperparameters.values)
        oracle.update_trial(trial.trial_id, {"val_accuracy": 0.5})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
    assert len(found) == 25
    assert all(("gamma" in v) == (v["loss"] == "focal") for v in found)


@pytest.mark.parametrize(
    ("over", "match"),
    [
        ({"loss": ["softmax"], "gamma": [1.0]}, "one of its losses takes"),
        ({"loss": ["softmx"]}, "softmx"),
        ({"beta": []}, "each with its values"),
        ({"beta": [2.0]}, "beta"),
    ],
)
def test_what_a_trial_would_fail_by_is_refused(over, match):
    with pytest.raises(ValueError, match=match):
        hyper(over=over)


@pytest.mark.slow
def test_a_tuner_searches(tmp_path, monkeypatch):
    without_tensorboard(monkeypatch)
    x = np.random.default_rng(0).uniform(0, 255, (24, 16, 16, 3))
    y = np.arange(24) % 3
    tuner = keras_tuner.GridSearch(
        hyper(
            over={"loss": ["softmax", "focal"], "gamma": [1.0, 2.0]},
            optimizer=keras.optimizers.SGD,
        ),
        objective="val_accuracy",
        directory=tmp_path,
    )
    tuner.search(x, y, validation_data=(x, y), epochs=1, verbose=0)
    assert len(tuner.oracle.end_order) == 3
    best = tuner.get_best_hyperparameters()[0]
    assert best["loss"] in ("softmax", "focal")
