"""Tests for fgkeras.models.backbones."""

import pathlib

import keras
import numpy as np
import pytest

from fgkeras.models import backbone
from fgkeras.models import backbone_names
from fgkeras.registries import BACKBONES
from tests import harness

REAL = pathlib.Path(__file__).parents[3] / "shared" / "data"
SMALLEST = {"inception_v3": 75, "inception_resnet_v2": 75, "xception": 71}


@pytest.fixture
def weights():
    path = REAL / "weights" / "mobilenet_v2_imagenet.weights.h5"
    if not path.is_file():
        pytest.skip("needs the real data")
    return path


@pytest.fixture
def pixels():
    rng = np.random.default_rng(0)
    return rng.uniform(0, 255, (2, 64, 64, 3)).astype("float32")


def preprocessed(model, pixels):
    """What the first layer with weights receives."""
    first = next(layer for layer in model.layers if layer.weights)
    probe = keras.Model(model.inputs, first.input)
    return probe.predict(pixels, verbose=0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("mobilenet_v2", "mobilenet_v2"),
        ("resnet50", "resnet50"),
        ("densenet121", "densenet"),
        ("resnet50_v2", "resnet_v2"),
        ("vgg16", "vgg16"),
    ],
)
def test_preprocessing_is_that_of_the_family(pixels, name, module):
    model = backbone(name, (64, 64, 3))
    first = next(layer for layer in model.layers if layer.weights)
    probe = keras.Model(model.inputs, first.input)
    actual = probe.predict(pixels, verbose=0)
    reference = getattr(keras.applications, module).preprocess_input
    expected = reference(pixels.copy())
    margin = (actual.shape[1] - 64) // 2
    if margin:
        # Families that pad before their first convolution.
        actual = actual[:, margin:-margin, margin:-margin]
    np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-4)


def test_families_with_preprocessing_get_none(pixels):
    model = backbone("mobilenet_v3_small", (64, 64, 3))
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("Rescaling") == 1
    np.testing.assert_allclose(
        preprocessed(model, pixels), pixels / 127.5 - 1, atol=1e-5
    )


@pytest.mark.slow
def test_pretrained_weights_load(weights):
    rng = np.random.default_rng(0)
    images = rng.uniform(0, 255, (2, 96, 64, 3)).astype("float32")
    body = keras.applications.MobileNetV2(
        input_shape=(96, 64, 3), include_top=False, weights=None
    )
    body.load_weights(weights)
    expected = body.predict(images / 127.5 - 1, verbose=0)
    model = backbone("mobilenet_v2", (96, 64, 3), weights=str(weights))
    assert expected.std() > 0.1
    np.testing.assert_allclose(
        model.predict(images, verbose=0), expected, atol=2e-3
    )


def test_saved_weights_load_again(tmp_path, pixels):
    path = tmp_path / "body.weights.h5"
    model = backbone("small_cnn", (64, 64, 3))
    model.save_weights(path)
    twin = backbone("small_cnn", (64, 64, 3), weights=path)
    np.testing.assert_array_equal(
        twin.predict(pixels, verbose=0), model.predict(pixels, verbose=0)
    )


@pytest.mark.parametrize("size", [None, 50])
def test_any_size(size):
    model = backbone("mobilenet_v2", (size, size, 3))
    assert model.output_shape == (None, size and 2, size and 2, 1280)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["small_cnn", "squeezenet", "cifar_resnet20", "mobilenet_v3_small"]
)
def test_saved_model(tmp_path, pixels, name):
    model = backbone(name, (64, 64, 3))
    harness.check_saved_model(model, pixels, tmp_path / "body.keras")


# One body of each family: the others differ in widths and depths alone.
FAMILIES = (
    "convnext_tiny", "densenet121", "efficientnet_b0", "efficientnet_v2_b0",
    "inception_v3", "mobilenet", "mobilenet_v2", "mobilenet_v3_large",
    "nasnet_mobile", "resnet50", "resnet50_v2", "vgg16", "xception",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_is_built_run_and_saved(tmp_path, name):
    size = SMALLEST.get(name, 64)
    model = backbone(name, (size, size, 3))
    images = np.zeros((1, size, size, 3), "float32")
    harness.check_saved_model(model, images, tmp_path / "body.keras")
    assert len(model.output_shape) == 4
    normalized = [
        layer
        for layer in model.layers
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    assert bool(normalized) == BACKBONES.fact(name, "batch_norm")
    keras.backend.clear_session()


def test_half_precision_does_not_round_pixels():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = backbone("mobilenet_v2", (32, 32, 3))
        rescaled = next(
            layer for layer in model.layers if "rescaling" in layer.name
        )
        out = keras.Model(model.inputs[0], rescaled.output)(
            np.full((1, 32, 32, 3), 200.3, "float32")
        )
    finally:
        keras.config.set_dtype_policy("float32")
    assert float(out[0, 0, 0, 0]) == pytest.approx(200.3 / 127.5 - 1, rel=1e-6)


def test_names_are_sorted_and_unique():
    names = backbone_names()
    assert names == sorted(set(names))


@pytest.mark.parametrize(
    ("name", "shape", "weights", "message"),
    [
        ("resnet", (32, 32, 3), None, r"resnet50, .* Received: 'resnet'"),
        ("small_cnn", (32, 32, 1), None, r"input_shape=\(32, 32, 1\)"),
        ("small_cnn", 32, None, "input_shape=32"),
        ("small_cnn", (32, 32, 3), "imagenet", "no ImageNet weights"),
        ("small_cnn", (32, 32, 3), "lost.weights.h5", "lost.weights.h5"),
        ("xception", (32, 32, 3), None, "at least 71x71"),
        ("squeezenet", (30, 64, 3), None, r"\(30, 64, 3\)"),
        ("cifar_resnet20", (30, 32, 3), None, r"\(30, 32, 3\)"),
    ],
)
def test_bad_arguments(name, shape, weights, message):
    with pytest.raises(ValueError, match=message):
        backbone(name, shape, weights=weights)


def test_weights_of_another_body(tmp_path):
    path = tmp_path / "deep.weights.h5"
    backbone("cifar_resnet32", (32, 32, 3)).save_weights(path)
    # A shallower body would load its first blocks and say nothing.
    with pytest.raises(ValueError, match="which has 95 variables.* with 155"):
        backbone("cifar_resnet20", (32, 32, 3), weights=path)


def test_weights_that_are_no_weights(tmp_path):
    path = tmp_path / "text.weights.h5"
    path.write_text("not HDF5")
    with pytest.raises(ValueError, match="readable HDF5"):
        backbone("small_cnn", (32, 32, 3), weights=path)
