"""Levels of a body: where its strides end, and embedders of them."""

import keras
import numpy as np
import pytest
from keras import layers

from fgkeras.layers import BilinearPooling
from fgkeras.models import backbone
from fgkeras.models import default_levels
from fgkeras.models import embedder
from fgkeras.models.embedders import pooled_part
from fgkeras.models.embedders import start_at_components
from fgkeras.models.levels import pooled_maps
from fgkeras.registries import BACKBONES
from tests.harness import check_saved_model

ENDS = {
    "small_cnn": ("block3_relu", "block4_relu", "block5_relu"),
    "cifar_resnet20": (
        "stage1_block3_relu",
        "stage2_block3_relu",
        "stage3_block3_relu",
    ),
    "mobilenet_v2": ("block_6_expand_relu", "block_13_expand_relu", "out_relu"),
    "squeezenet": (
        "fire1_concatenate",
        "fire4_concatenate",
        "fire9_concatenate",
    ),
}
SLOW = {
    # The last of its pooling is no level: nothing learns behind it.
    "vgg16": ("block3_conv3", "block4_conv3", "block5_pool"),
    "resnet50": ("conv3_block4_out", "conv4_block6_out", "conv5_block3_out"),
    "inception_v3": ("mixed2", "mixed7", "mixed10"),
    "densenet121": ("pool3_conv", "pool4_conv", "relu"),
}
PIXELS = np.random.default_rng(0).uniform(0, 255, (3, 32, 32, 3))


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        *ENDS.items(),
        *(pytest.param(*x, marks=pytest.mark.slow) for x in SLOW.items()),
    ],
)
def test_ends_of_the_last_strides(name, levels):
    assert default_levels(backbone(name, (96, 96, 3))) == levels


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", BACKBONES.names())
def test_every_body_has_three(name):
    body = backbone(name, (160, 160, 3))
    levels = default_levels(body)
    model = embedder(body, 6, levels=levels)
    channels = [x.shape[-1] for x in pooled_maps(model)]
    sides = [x.shape[1] for x in pooled_maps(model)]
    assert sides[0] > sides[1] > sides[2] == body.output_shape[1]
    assert model.get_layer("pooling").output.shape[-1] == sum(channels)
    assert min(channels) > 8
    keras.backend.clear_session()


def test_a_body_of_one_size_has_none():
    inputs = keras.Input((16, 16, 3))
    x = layers.Conv2D(4, 3, padding="same")(inputs)
    body = keras.Model(inputs, layers.Conv2D(4, 3, padding="same")(x))
    with pytest.raises(ValueError, match="with 1 known sizes.*Name the layers"):
        default_levels(body)
    with pytest.raises(ValueError, match="with 0 known sizes"):
        default_levels(backbone("small_cnn", (None, None, 3)))


def test_each_level_is_pooled_and_embedded_alone(tmp_path):
    body = backbone("small_cnn", (32, 32, 3))
    levels = ("block2_relu", "block4_relu", "block5_relu")
    model = embedder(body, 6, levels=levels)
    found = model.predict(PIXELS, verbose=0)
    weights = model.get_layer("embedding").get_weights()
    for k, level in enumerate(levels):
        inner = keras.Model(body.inputs[0], body.get_layer(level).output)
        pooled = inner.predict(PIXELS, verbose=0).mean(axis=(1, 2))
        y = pooled @ weights[2 * k] + weights[2 * k + 1]
        y /= np.linalg.norm(y, axis=1, keepdims=True) * np.sqrt(3)
        np.testing.assert_allclose(found[:, 2 * k : 2 * k + 2], y, atol=1e-5)
    check_saved_model(model, PIXELS.astype("float32"), tmp_path / "m.keras")


def test_features_made_before_have_the_same_head():
    body = backbone("small_cnn", (32, 32, 3))
    model = embedder(body, 6, levels=default_levels(body))
    features = pooled_part(model).predict(PIXELS, verbose=0)
    lengths = tuple(x.shape[-1] for x in pooled_maps(model))
    alone = embedder(lengths, 6)
    alone.set_weights(model.get_layer("embedding").get_weights())
    np.testing.assert_allclose(
        alone.predict(features, verbose=0),
        model.predict(PIXELS, verbose=0),
        atol=1e-5,
    )


def test_levels_have_poolings_of_their_own():
    body = backbone("small_cnn", (32, 32, 3))
    levels = ("block1_relu", "block2_relu")
    model = embedder(body, 4, levels=levels, pooling=BilinearPooling())
    assert model.get_layer("pooling_1").output.shape[-1] == 32 * 32
    assert model.get_layer("pooling").output.shape[-1] == 32 * 32 + 64 * 64


def test_each_level_starts_at_its_own_components():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 9)) * [9, 3, 1, 0.1, 0.1, 7, 2, 1, 0.1]
    model = start_at_components(embedder((4, 5), 4), x)
    found = model.predict(x, verbose=0)
    for part, columns in ((x[:, :4], found[:, :2]), (x[:, 4:], found[:, 2:])):
        axes = np.linalg.svd(part - part.mean(axis=0))[2][:2]
        y = (part - part.mean(axis=0)) @ axes.T
        y /= np.linalg.norm(y, axis=1, keepdims=True) * np.sqrt(2)
        # Components have no sign.
        np.testing.assert_allclose(np.abs(columns), np.abs(y), atol=1e-4)
    with pytest.raises(ValueError, match=r"\(images, 9\)"):
        start_at_components(embedder((4, 5), 4), x[:, :8])


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"levels": ("block9", "block5_relu")}, "layers of backbone.*'block9'"),
        ({"levels": ("block5_relu",)}, "two layers or more"),
        ({"levels": ("block5_relu", "block2_relu")}, "shallow to deep"),
        (
            {"levels": ("block2_relu", "block5_relu"), "dim": 5},
            "multiple of 2.*dim=5",
        ),
        (
            {
                "levels": ("block1_relu", "block2_relu"),
                "pooled_layer": "block2_relu",
            },
            "Leave one of them out",
        ),
    ],
)
def test_errors(arguments, match):
    body = backbone("small_cnn", (32, 32, 3))
    with pytest.raises(ValueError, match=match):
        embedder(body, **{"dim": 4, **arguments})


def test_a_level_is_a_map():
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, name="conv")(inputs)
    gate = layers.Dense(4)(layers.GlobalAveragePooling2D(name="vector")(x))
    y = layers.Reshape((1, 1, 4))(gate)
    body = keras.Model(inputs, layers.Multiply(name="end")([x, y]))
    with pytest.raises(ValueError, match="feature map.*'vector'"):
        embedder(body, 4, levels=("conv", "vector"))
