"""Tests for fgkeras.models.classifiers."""

import keras
import numpy as np
import pytest

from fgkeras.layers import CosineLogits
from fgkeras.models import backbone
from fgkeras.models import classifier
from fgkeras.models import embedding_model
from fgkeras.models import features_dim
from fgkeras.models import sigmoid_head_bias
from tests import harness


@pytest.fixture
def body():
    return backbone("small_cnn", (32, 32, 3))


@pytest.fixture
def pixels():
    rng = np.random.default_rng(0)
    return rng.uniform(0, 255, (5, 32, 32, 3)).astype("float32")


def test_is_pooling_and_a_linear_head(body, pixels):
    model = classifier(body, 7, head_bias=-2.0)
    names = [layer.name for layer in model.layers]
    assert names == ["images", "backbone", "pooling", "head"]
    maps = body.predict(pixels, verbose=0)
    kernel = harness.to_numpy(model.get_layer("head").kernel)
    np.testing.assert_allclose(
        model.predict(pixels, verbose=0),
        maps.mean((1, 2)) @ kernel - 2.0,
        rtol=1e-4,
        atol=1e-4,
    )


def test_all_parts(body, pixels, tmp_path):
    model = classifier(
        body,
        7,
        pooling=keras.layers.GlobalMaxPooling2D(),
        embedding=keras.layers.UnitNormalization(),
        dropout=0.5,
    )
    names = [layer.name for layer in model.layers[1:]]
    assert names == ["backbone", "pooling", "embedding", "dropout", "head"]
    features = embedding_model(model).predict(pixels, verbose=0)
    maximum = body.predict(pixels, verbose=0).max((1, 2))
    np.testing.assert_allclose(
        features,
        maximum / np.linalg.norm(maximum, axis=1, keepdims=True),
        rtol=1e-4,
        atol=1e-6,
    )
    twin = harness.check_saved_model(model, pixels, tmp_path / "m.keras")
    np.testing.assert_array_equal(
        embedding_model(twin).predict(pixels, verbose=0), features
    )


@pytest.mark.parametrize(("embedding", "size"), [(None, 192), (11, 11)])
def test_features_dim(body, embedding, size):
    model = classifier(body, 7, embedding=embedding)
    assert features_dim(model) == size
    assert embedding_model(model).output_shape == (None, size)


def test_pooled_layer(body, pixels):
    model = classifier(body, 7, pooled_layer="block2_relu")
    inner = keras.Model(body.inputs, body.get_layer("block2_relu").output)
    np.testing.assert_allclose(
        embedding_model(model).predict(pixels, verbose=0),
        inner.predict(pixels, verbose=0).mean((1, 2)),
        rtol=1e-5,
        atol=1e-6,
    )


def test_head_of_cosines(body, pixels):
    model = classifier(body, 7, head=CosineLogits(7, scale=5.0))
    assert model.layers[-1].name == "head"
    vectors = embedding_model(model).predict(pixels, verbose=0)
    kernel = harness.to_numpy(model.layers[-1].kernel)
    norms = np.linalg.norm(vectors, axis=1)[:, None]
    expected = 5.0 * vectors @ kernel / norms / np.linalg.norm(kernel, axis=0)
    found = model.predict(pixels, verbose=0)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"head": CosineLogits(6)}, r"7 classes.*shape \(None, 6\)"),
        ({"head": "cosine"}, "head='cosine'"),
        ({"head": CosineLogits(7), "head_bias": -2.0}, "head_bias=-2.0"),
    ],
)
def test_head_that_does_not_fit(body, kwargs, message):
    with pytest.raises(ValueError, match=message):
        classifier(body, 7, **kwargs)


def test_sigmoid_head_bias_gives_even_odds():
    for num_classes in (2, 10, 8142):
        z = sigmoid_head_bias(num_classes)
        assert 1 / (1 + np.exp(-z)) == pytest.approx(1 / num_classes)


@pytest.mark.parametrize("half", ["bfloat16", "float16"])
def test_logits_and_features_are_float32_in_mixed_precision(pixels, half):
    keras.config.set_dtype_policy(f"mixed_{half}")
    try:
        model = classifier(backbone("small_cnn", (32, 32, 3)), 7)
        vectors = embedding_model(model)
    finally:
        keras.config.set_dtype_policy("float32")
    assert model.output.dtype == "float32"
    assert model.get_layer("backbone").output.dtype == half
    assert model.predict(pixels, verbose=0).dtype == np.float32
    assert vectors.predict(pixels, verbose=0).dtype == np.float32


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"num_classes": 1}, "num_classes=1"),
        ({"dropout": 1.0}, "dropout=1.0"),
        ({"pooling": "mean"}, "pooling='mean'"),
        ({"pooling": keras.layers.ReLU()}, "one vector per image"),
        ({"embedding": 0}, "embedding=0"),
        ({"embedding": "32"}, "embedding='32'"),
        ({"pooled_layer": "conv9"}, "pooled_layer='conv9'.*block5_relu"),
        ({"backbone": keras.Sequential()}, "backbone=<Sequential"),
    ],
)
def test_bad_arguments(body, kwargs, message):
    arguments = {"backbone": body, "num_classes": 7, **kwargs}
    with pytest.raises(ValueError, match=message):
        classifier(**arguments)


def test_backbone_that_pools(body):
    pooled = keras.Model(
        body.inputs, keras.layers.GlobalAveragePooling2D()(body.output)
    )
    with pytest.raises(ValueError, match="without pooling"):
        classifier(pooled, 7)


def test_model_without_pooling_layer(body):
    with pytest.raises(ValueError, match="named 'pooling'"):
        features_dim(body)


def test_bias_of_one_class():
    with pytest.raises(ValueError, match="num_classes=1"):
        sigmoid_head_bias(1)
