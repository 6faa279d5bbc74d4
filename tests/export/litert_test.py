"""A LiteRT file without custom operations agrees with the model."""

import json

import keras
import numpy as np
import pytest

from fgkeras.data.images.image import DECODER_VERSION
from fgkeras.export import export_litert
from fgkeras.export.folder import check_checksums
from fgkeras.export.litert import litert_answers
from fgkeras.export.litert import write_litert
from fgkeras.export.served import Served
from fgkeras.export.signatures import pixel_graph
from fgkeras.layers import CompactBilinearPooling
from fgkeras.layers import KernelPooling
from fgkeras.layers import ScaledUnitNormalization
from fgkeras.layers import SignedSquareRoot
from fgkeras.models import view_averaging
from tests.export.conftest import NAMES
from tests.export.conftest import small_model

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="LiteRT needs TensorFlow"
)


def run(path, x):
    (found,) = litert_answers(path)(x).values()
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "pooling",
    [
        KernelPooling(64, order=3),
        KernelPooling(60, order=3, transform="fourier"),
        CompactBilinearPooling(64),
    ],
    ids=["hadamard", "fourier", "compact"],
)
def test_agrees(pooling, tmp_path):
    images = keras.Input((6, 6, 3))
    x = keras.layers.Conv2D(8, 3, activation="relu")(images)
    x = SignedSquareRoot()(pooling(x))
    # Buckets that are empty hold rounding noise, of which the root makes more:
    # probabilities agree to 3e-4, logits of vectors of length 10 to 1e-3.
    x = ScaledUnitNormalization()(x)
    x = keras.layers.Dense(5, activation="softmax")(x)
    model = keras.Model(images, x)
    pixels = np.random.default_rng(0).uniform(0, 1, (3, 6, 6, 3))
    pixels = pixels.astype("float32")
    expected = model.predict(pixels, verbose=0)
    path = export_litert(model, tmp_path / "m.tflite")
    found = [run(path, row[None])[0] for row in pixels]
    np.testing.assert_allclose(found, expected, atol=3e-4)
    path = export_litert(model, tmp_path / "open.tflite", batch_size=None)
    for count in (3, 1, 2):
        found = run(path, pixels[:count])
        np.testing.assert_allclose(found, expected[:count], atol=3e-4)


def test_bad_arguments(tmp_path):
    images = keras.Input((None, None, 3))
    model = keras.Model(images, keras.layers.GlobalAveragePooling2D()(images))
    with pytest.raises(ValueError, match="m.keras"):
        export_litert(model, tmp_path / "m.keras")
    with pytest.raises(ValueError, match=r"\(None, None, 3\)"):
        export_litert(model, tmp_path / "m.tflite")


def pooled_with(transform):
    keras.utils.set_random_seed(0)
    images = keras.Input((6, 6, 3))
    x = keras.layers.Conv2D(8, 3, activation="relu")(images)
    x = KernelPooling(60, order=3, transform=transform, name="pooling")(x)
    return keras.Model(images, keras.layers.Dense(5, name="head")(x))


def test_fast_fourier_transforms_are_refused_with_the_way_out(tmp_path):
    model = pooled_with("fft")
    match = r'Received: a model with IRFFT and RFFT.*transform="fourier"'
    with pytest.raises(ValueError, match=match):
        export_litert(model, tmp_path / "m.tflite")
    with pytest.raises(ValueError, match="pooling.transform=fourier"):
        write_litert(Served(model, tuple(NAMES), 6), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_way_out_takes_the_same_weights(tmp_path):
    model, twin = pooled_with("fft"), pooled_with("fourier")
    twin.set_weights(model.get_weights())
    x = np.random.default_rng(0).uniform(0, 1, (1, 6, 6, 3)).astype("float32")
    path = export_litert(twin, tmp_path / "m.tflite")
    np.testing.assert_allclose(run(path, x), np.asarray(model(x)), atol=1e-5)


def with_both(model):
    pooled = model.get_layer("pooling").output
    return keras.Model(model.input, [model.output, pooled])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "views", "input"),
    [("softmax", "12-crop", "float"), ("sigmoid", "mirror", "uint8")],
)
def test_what_is_served_gives_answers(activation, views, input, tmp_path):
    model = view_averaging(with_both(small_model()), views, activation)
    size = model.input_shape[1]
    name = {"name": "Small"}
    served = Served(model, tuple(NAMES), size, 28, activation, name)
    path = write_litert(served, tmp_path, input=input)
    assert path == tmp_path / "litert" / "1"
    check_checksums(path)
    assert json.loads((path / "labels.json").read_text("utf-8")) == NAMES
    about = json.loads((path / "model-metadata.json").read_text("utf-8"))
    assert about["input"] == {
        "size": size,
        "resize": 28,
        "range": [0, 255],
        "types": ["float32" if input == "float" else "uint8"],
        "decoder": DECODER_VERSION,
    }
    assert set(about["parity"]["inputs"]) == {input}
    x = np.random.default_rng(1).integers(0, 256, (3, size, size, 3))
    logits, vectors = model.predict(x.astype("float32"), verbose=0)
    z = logits.astype("float64")
    expected = 1 / (1 + np.exp(-z))
    if activation == "softmax":
        expected = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    answers = litert_answers(path / "model.tflite")
    for rows in (slice(0, 3), slice(1, 2)):
        found = answers(x[rows].astype(about["input"]["types"][0]))
        assert set(found) == {"logits", "probabilities", "embedding"}
        assert expected.std() > 0.05
        np.testing.assert_allclose(
            found["probabilities"], expected[rows], atol=1e-5
        )
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        np.testing.assert_allclose(found["embedding"], unit[rows], atol=1e-5)
    with pytest.raises(ValueError, match="--overwrite"):
        write_litert(served, tmp_path)
    assert write_litert(served, tmp_path, overwrite=True).name == "2"


@pytest.mark.slow
def test_what_is_served_without_classes_gives_vectors(tmp_path):
    model = small_model(num_classes=4)
    path = write_litert(Served(model, (), 24), tmp_path)
    x = np.random.default_rng(1).uniform(0, 255, (3, 24, 24, 3))
    x = x.astype("float32")
    z = model.predict(x, verbose=0)
    expected = z / np.linalg.norm(z, axis=1, keepdims=True)
    found = run(path / "model.tflite", x)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.slow
def test_a_file_that_answers_otherwise_is_not_published(tmp_path, monkeypatch):
    model = with_both(small_model())
    other = Served(with_both(small_model(seed=4)), tuple(NAMES), 24)

    def graph(served, dtype):
        return pixel_graph(other, dtype)

    monkeypatch.setattr("fgkeras.export.litert.pixel_graph", graph)
    served = Served(model, tuple(NAMES), 24)
    with pytest.raises(ValueError, match=r"probabilities.*input of float"):
        write_litert(served, tmp_path)
    assert not list(tmp_path.iterdir())
