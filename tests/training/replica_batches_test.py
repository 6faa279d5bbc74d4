"""Batches that several devices divide: the numbers are those of one."""

import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest

from fgkeras.training.replica_batches import padded_rows
from fgkeras.training.replica_batches import predict_batch
from fgkeras.training.replica_batches import whole_shares


@pytest.mark.parametrize("replicas", [1, 2, 3, 5])
def test_a_mean_over_padded_rows_is_the_mean(replicas):
    values = np.random.default_rng(0).normal(size=70)
    for count in range(1, 71):
        rows, weights = padded_rows(count, replicas)
        assert len(rows) % replicas == 0
        assert len(rows) - count < replicas
        np.testing.assert_array_equal(rows[:count], np.arange(count))
        assert rows.max() < count
        mean = (values[rows] * weights).mean()
        assert mean == pytest.approx(values[:count].mean(), rel=1e-6)
        assert weights.mean() == pytest.approx(1.0, rel=1e-6)


def test_more_devices_than_images_are_refused():
    assert whole_shares(7, 3) == 6
    with pytest.raises(ValueError, match="a batch of 2 for 3 devices"):
        whole_shares(2, 3)


def test_one_device_predicts_as_it_did():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    np.testing.assert_array_equal(
        predict_batch(model, x), model.predict_on_batch(x)
    )


# Features, logits, both views and what validation says, of 1 to 70 images.
EVALUATE = """
import sys

import numpy as np

from fgkeras.training import SILENT
from fgkeras.training import strategy_scope

replicas, out, kind = int(sys.argv[1]), sys.argv[2], sys.argv[3]
counts = [int(n) for n in sys.argv[4].split(",")]
scope = strategy_scope("mirrored" if replicas > 1 else "none", replicas)

import keras

from fgkeras.data.open import open as open_source
from fgkeras.config import Config
from fgkeras.runs.inputs import SplitImages
from fgkeras.training.array_batches import padded_arrays
from fgkeras.runs.classifier.network import compile_model
from fgkeras.runs.classifier.network import features_part
from fgkeras.runs.classifier.network import head_part
from fgkeras.runs.loss import make_loss
from fgkeras.runs.classifier.network import prediction_model
from fgkeras.models import classifier
from fgkeras.training import extract_features
from fgkeras.training.replica_batches import replicas_in_scope

config = Config.read(changes={
    "data.size": 16, "evaluation.views": "mirror", "data.input": kind,
    "loss.name": "focal", "loss.beta": 0.9, "train.weight_decay": 1e-3,
}).resolved()
source = open_source("flora:species=7,images=3,test=10,size=16,seed=3")
rows = []
with scope:
    assert replicas_in_scope() == replicas
    keras.utils.set_random_seed(0)
    x = inputs = keras.Input((16, 16, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1.0)(x)
    x = keras.layers.Conv2D(6, 3, strides=2)(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.ReLU()(x)
    model = classifier(keras.Model(inputs, x), 7, embedding=4)
    part, head = features_part(model), head_part(model)
    loss = make_loss(config, [3] * 7)
    compile_model(model, config, config.train, loss, "sgd", None)
    compile_model(head, config, config.train, loss, "sgd", None)
    both = prediction_model(model, config)
    for count in counts:
        order = np.arange(count) * 37 % 70
        part_of = source.select("test", order)
        images = SplitImages(part_of, "test", config, SILENT)
        features = extract_features(
            part, images.evaluation, num_images=count
        )
        tested = features, images.labels
        if replicas > 1:
            tested = (padded_arrays(*tested, replicas),)
        logits = images.answers(model)
        assert len(features) == len(logits) == count
        rows += [
            features,
            logits,
            model.evaluate(images.validation(), verbose=0),
        ]
        if count in (1, 2, 3, 63, 64, 65, 66, 67, 70):
            rows += [
                images.answers(both),
                head.predict(features, verbose=0),
                head.evaluate(*tested, verbose=0),
            ]
np.save(out, np.concatenate([np.ravel(r) for r in rows]))
"""


def evaluated(folder, replicas, kind, counts):
    out = folder / f"{replicas}.npy"
    text = ",".join(str(n) for n in counts)
    subprocess.run(
        [
            *(sys.executable, "-c", textwrap.dedent(EVALUATE)),
            *(str(replicas), str(out), kind, text),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return np.load(out)


COUNTS = (1, 2, 3, 5, 63, 64, 65, 67, 70)


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        pytest.param("arrays", COUNTS, marks=pytest.mark.slow),
        pytest.param("tfdata", (2, 65), marks=pytest.mark.slow),
        pytest.param(
            "arrays", range(1, 71), marks=pytest.mark.exhaustive, id="all"
        ),
    ],
)
def test_two_and_three_replicas_evaluate_like_one_device(
    tmp_path, kind, counts
):
    one, *others = (evaluated(tmp_path, r, kind, counts) for r in (1, 2, 3))
    assert np.isfinite(one).all()
    assert one.std() > 0.1
    for other in others:
        np.testing.assert_allclose(other, one, rtol=1e-6, atol=1e-6)
