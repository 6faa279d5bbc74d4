"""Embedders: their parts, their lengths, their errors."""

import keras
import numpy as np
import pytest

from fgkeras.models import backbone
from fgkeras.models import embedder
from fgkeras.models import embedding_head
from fgkeras.models import embedding_model
from fgkeras.models.embedders import pooled_part
from tests.harness import check_saved_model


def test_parts_and_unit_length(tmp_path):
    model = embedder(backbone("small_cnn", (32, 32, 3)), 8, batch_norm=True)
    assert [layer.name for layer in model.layers[1:]] == [
        "backbone",
        "pooling",
        "embedding",
    ]
    x = np.random.default_rng(0).uniform(0, 255, (3, 32, 32, 3))
    x = x.astype("float32")
    twin = check_saved_model(model, x, tmp_path / "m.keras")
    z = twin.predict(x, verbose=0)
    np.testing.assert_allclose(np.linalg.norm(z, axis=1), 1.0, rtol=1e-5)
    features = pooled_part(model).predict(x, verbose=0)
    again = model.get_layer("embedding")(features)
    np.testing.assert_allclose(again, z, atol=1e-5)
    np.testing.assert_allclose(
        embedding_model(model).predict(x, verbose=0), z, atol=1e-5
    )


def test_on_features_without_norm():
    model = embedder(5, 3, unit_norm=False)
    x = np.random.default_rng(1).standard_normal((4, 5)).astype("float32")
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(
        model.predict(x, verbose=0), x @ kernel + bias, atol=1e-5
    )


def test_half_precision_gives_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        for unit in (True, False):
            model = embedder(5, 3, unit_norm=unit)
            assert model.outputs[0].dtype == "float32"
    finally:
        keras.config.set_dtype_policy("float32")


def test_errors():
    with pytest.raises(ValueError, match="dim=0"):
        embedding_head(0)
    with pytest.raises(ValueError, match="pooling"):
        pooled_part(keras.Sequential([keras.Input((2,))]))
