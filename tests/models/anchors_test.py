"""Anchor classifiers and joint training."""

import keras
import numpy as np
import pytest

from fgkeras.layers import AnchorSoftVote
from fgkeras.losses import Margin
from fgkeras.models import anchor_classifier
from fgkeras.models import classifier
from fgkeras.models import embedder
from fgkeras.models import embedding_model
from fgkeras.models import joint_model
from fgkeras.models import start_anchors
from fgkeras.ops.class_centers import class_centers
from tests.models.generative_reference import state_of


def clusters(seed=0, classes=4):
    """Each class is two clusters far apart."""
    rng = np.random.default_rng(seed)
    centers = 3.0 * rng.standard_normal((classes, 2, 6))
    labels = np.tile(np.arange(classes), 16)
    which = np.arange(len(labels)) // classes % 2
    x = centers[labels, which] + 0.3 * rng.standard_normal((len(labels), 6))
    return x.astype("float32"), labels


def compiled(model, omega=0.1):
    model.compile(
        keras.optimizers.Adam(0.01),
        loss={
            "embedding": Margin(),
            "logits": keras.losses.SparseCategoricalCrossentropy(
                from_logits=True
            ),
        },
        loss_weights={"embedding": omega, "logits": 1 - omega},
        metrics={"logits": ["accuracy"]},
    )
    return model


@pytest.mark.slow
def test_joint_training_takes_labels_once_and_saves(tmp_path):
    keras.utils.set_random_seed(0)
    x, y = clusters()
    whole = anchor_classifier(embedder(6, 5), 4, num_anchors=2)
    z = embedding_model(whole).predict(x, verbose=0)
    start_anchors(whole, z, y)
    np.testing.assert_allclose(
        whole.get_layer("head").get_weights()[0],
        class_centers(z, y, np.zeros((4, 2, 5))),
        rtol=1e-5,
    )
    model = compiled(joint_model(whole))
    loss = model.evaluate(x, y, verbose=0, return_dict=True, batch_size=64)
    parts = model.predict(x, verbose=0)
    class_loss = keras.losses.sparse_categorical_crossentropy(
        y, parts["logits"], from_logits=True
    )
    expected = 0.1 * float(Margin()(y, parts["embedding"]))
    expected += 0.9 * float(np.mean(class_loss))
    np.testing.assert_allclose(loss["loss"], expected, rtol=1e-4)
    history = model.fit(x, y, batch_size=32, epochs=15, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    np.testing.assert_array_equal(
        model.predict(x, verbose=0)["logits"], whole.predict(x, verbose=0)
    )
    model.save(tmp_path / "m.keras")
    twin = keras.models.load_model(tmp_path / "m.keras")
    for a, b in zip(state_of(model), state_of(twin), strict=True):
        np.testing.assert_array_equal(a, b)
    assert np.isfinite(twin.train_on_batch(x, y)).all()


def test_sample_weights_are_given_once_or_per_output():
    x, y = clusters()
    model = compiled(joint_model(classifier_on_features()))
    once = model.evaluate(
        x, y, sample_weight=np.ones(64), batch_size=64, verbose=0
    )
    named = model.evaluate(
        x,
        {"embedding": y, "logits": y},
        sample_weight={"embedding": np.ones(64), "logits": np.zeros(64)},
        batch_size=64,
        verbose=0,
    )
    assert named[0] < once[0]


def classifier_on_features():
    keras.utils.set_random_seed(1)
    return anchor_classifier(embedder(6, 5), 4)


def test_errors():
    body = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3)], name="body"
    )
    plain = classifier(body, 3)
    with pytest.raises(ValueError, match="'embedding'"):
        joint_model(plain)
    with pytest.raises(ValueError, match="AnchorSoftVote"):
        start_anchors(plain, np.zeros((1, 2)), np.zeros(1, int))
    assert isinstance(
        classifier_on_features().get_layer("head"), AnchorSoftVote
    )
