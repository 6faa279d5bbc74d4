"""Embedders: their parts, their lengths, their errors."""

import keras
import numpy as np
import pytest

from fgkeras.models import backbone
from fgkeras.models import embedder
from fgkeras.models import embedding_head
from fgkeras.models import embedding_model
from fgkeras.models.embedders import pooled_part
from fgkeras.models.embedders import start_at_components
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


def cosines(vectors):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit @ unit.T


def spread(count=60, channels=9):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((count, channels)) * 3.0 ** -np.arange(channels)
    return x @ np.linalg.qr(rng.standard_normal((channels, channels)))[0] + 2


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("unit_norm", [False, True])
def test_an_embedding_starts_at_the_principal_components(unit_norm, batch_norm):
    x = spread()
    model = embedder(9, 4, unit_norm=unit_norm, batch_norm=batch_norm)
    seen = x
    if batch_norm:
        seen = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-3)
    kernel, bias = model.layers[-1].get_layer("linear").get_weights()
    before = seen @ kernel + bias
    start_at_components(model, x)
    found = model.predict(x, verbose=0)
    u, s, _ = np.linalg.svd(seen - seen.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(
        cosines(found), cosines(u[:, :4] * s[:4]), atol=1e-4
    )
    if unit_norm:
        np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    else:
        # As long as what was there, so that margins keep their meaning.
        there, now = (np.square(y).sum(axis=1).mean() for y in (before, found))
        assert now == pytest.approx(there, rel=1e-3)


def test_a_start_beyond_the_rank_keeps_what_images_do_not_span():
    x = spread(5)
    model = start_at_components(embedder(9, 9, unit_norm=False), x)
    others = spread(40) - x.mean(axis=0)
    found = model.predict(others + x.mean(axis=0), verbose=0)
    # All nine directions at right angles: a turn, which keeps all angles.
    np.testing.assert_allclose(cosines(found), cosines(others), atol=1e-4)
    alike = start_at_components(
        embedder(3, 2, unit_norm=False), np.ones((4, 3))
    )
    assert np.isfinite(
        alike.layers[-1].get_layer("linear").get_weights()[0]
    ).all()


def test_a_start_is_refused_where_it_does_not_fit():
    with pytest.raises(ValueError, match=r"\(images, 9\).*Received: \(4, 3\)"):
        start_at_components(embedder(9, 4), np.ones((4, 3)))
    dense = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="linear"):
        start_at_components(dense, np.ones((4, 3)))
