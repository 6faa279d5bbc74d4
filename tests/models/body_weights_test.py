"""Weights of bodies: old files, runs, and what is something else."""

import h5py
import keras
import numpy as np
import pytest

from fgkeras.models import backbone
from fgkeras.models import classifier
from fgkeras.models import embedder
from fgkeras.models import freeze_batch_norm
from fgkeras.models.body_weights import find_weights
from fgkeras.models.body_weights import with_weights

SHAPE = (32, 32, 3)


def body(name="small_cnn", seed=0, shape=SHAPE):
    """A body whose every weight is a number of its own."""
    model = backbone(name, shape)
    rng = np.random.default_rng(seed)
    model.set_weights(
        [rng.uniform(0.1, 0.3, w.shape) for w in model.get_weights()]
    )
    return model


def same(one, two):
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    pixels = np.random.default_rng(1).uniform(0, 255, (2, *one.input_shape[1:]))
    a, b = (m.predict(pixels.astype("float32"), verbose=0) for m in (one, two))
    np.testing.assert_allclose(a, b, rtol=1e-5)
    kinds = [type(layer) for layer in two.layers]
    assert kinds == [type(layer) for layer in backbone(two.name, SHAPE).layers]


def write_old(model, path, nested=False, parts=1):
    """Writes the form of files that Keras had before version 3."""
    with h5py.File(path, "w") as file:
        group = file.create_group("model_weights") if nested else file
        names = [layer.name.encode() for layer in model.layers]
        if parts == 1:
            group.attrs["layer_names"] = names
        else:
            for i, part in enumerate(np.array_split(names, parts)):
                group.attrs[f"layer_names{i}"] = part
        for layer in model.layers:
            inner = group.create_group(layer.name)
            inner.attrs["weight_names"] = [
                f"{layer.name}/{v.name}:0".encode() for v in layer.weights
            ]
            for v in layer.weights:
                inner[f"{layer.name}/{v.name}:0"] = np.array(v)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "options"),
    [
        ("resnet_no_top.h5", {}),
        ("whole.h5", {"nested": True}),
        ("parts.h5", {"parts": 3}),
        ("named_as_new.weights.h5", {}),
    ],
)
def test_files_of_earlier_keras_are_read(tmp_path, file, options):
    model = body()
    write_old(model, tmp_path / file, **options)
    same(model, backbone("small_cnn", SHAPE, weights=tmp_path / file))


def test_weights_of_a_frozen_body_are_read(tmp_path):
    model = body()
    path = tmp_path / "body.weights.h5"
    freeze_batch_norm(model).save_weights(path)
    same(model, backbone("small_cnn", SHAPE, weights=path))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "frozen"),
    [("classifier", True), ("embedder", False), ("body", True)],
)
def test_a_run_gives_its_body(tmp_path, kind, frozen):
    model = body()
    if kind == "body":
        whole = freeze_batch_norm(model) if frozen else model
    elif kind == "classifier":
        whole = classifier(model, 5, freeze_batch_norm=frozen)
    else:
        whole = embedder(model, 8, freeze_batch_norm=frozen)
    whole.save(tmp_path / "model.keras")
    (tmp_path / "config.json").write_text("{}")
    same(model, backbone("small_cnn", SHAPE, weights=tmp_path))
    # Any size, where the family allows it.
    path = str(tmp_path / "model.keras")
    other = backbone("small_cnn", (48, 48, 3), weights=path)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def rescaled(model, factor):
    """A copy whose images are rescaled by `factor` behind the first layer.

    With `None` the first layer itself is left out.
    """

    def call(layer, inputs, **more):
        if isinstance(layer, keras.layers.Rescaling):
            if factor is None:
                return inputs
            out = layer(inputs)
            return keras.layers.Rescaling(factor, name="once_more")(out)
        return layer(inputs, **more)

    twin = keras.models.clone_model(model, call_function=call)
    twin.set_weights(model.get_weights())
    return twin


def test_a_layer_that_a_weights_file_lacks_is_taken_too(tmp_path):
    # As EfficientNet from ImageNet, which rescales once more.
    model = rescaled(body(), 0.5)
    classifier(model, 5, freeze_batch_norm=True).save(tmp_path / "m.keras")
    found = backbone("small_cnn", SHAPE, weights=tmp_path / "m.keras")
    pixels = np.random.default_rng(1).uniform(0, 255, (2, *SHAPE))
    pixels = pixels.astype("float32")
    expected = model.predict(pixels, verbose=0)
    plain = body().predict(pixels, verbose=0)
    assert np.abs(expected / plain - 1).max() > 1e-3
    np.testing.assert_allclose(
        found.predict(pixels, verbose=0), expected, rtol=1e-4
    )
    assert found.name == "small_cnn"
    assert "Frozen" not in {type(x).__name__[:6] for x in found.layers}
    with pytest.raises(ValueError, match=r"\(48, 48\).* \(32, 32\)"):
        backbone("small_cnn", (48, 48, 3), weights=tmp_path / "m.keras")


def test_a_body_without_preprocessing_gets_what_it_expects(tmp_path):
    raw = rescaled(body(), None)
    raw.save(tmp_path / "raw.keras")
    model = backbone("small_cnn", SHAPE, weights=tmp_path / "raw.keras")
    pixels = np.random.default_rng(1).uniform(0, 255, (2, *SHAPE))
    np.testing.assert_allclose(
        model.predict(pixels.astype("float32"), verbose=0),
        raw.predict((pixels / 127.5 - 1).astype("float32"), verbose=0),
        rtol=1e-4,
    )


@pytest.mark.parametrize(
    ("file", "other"),
    [
        ("a.h5", "squeezenet"),
        ("a.weights.h5", "cifar_resnet20"),
        ("a.keras", "squeezenet"),
    ],
)
def test_another_body_is_refused_and_leaves_no_trace(tmp_path, file, other):
    model, path = body(other), tmp_path / file
    if file == "a.h5":
        write_old(model, path)
    elif file == "a.keras":
        classifier(model, 5).save(path)
    else:
        freeze_batch_norm(model).save_weights(path)
    target = backbone("small_cnn", SHAPE)
    before = target.get_weights()
    with pytest.raises(ValueError, match="must come from a small_cnn"):
        with_weights(target, path)
    for a, b in zip(before, target.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_inner_map_has_no_whole_body(tmp_path):
    model = classifier(body(), 5, pooled_layer="block3_relu")
    model.save(tmp_path / "m.keras")
    with pytest.raises(ValueError, match="model.pooled_layer"):
        with_weights(backbone("small_cnn", SHAPE), tmp_path / "m.keras")


def test_what_is_no_file_of_weights(tmp_path):
    with pytest.raises(ValueError, match="'nowhere'"):
        find_weights("nowhere")
    with pytest.raises(ValueError, match="run folder"):
        find_weights(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ValueError, match="has no model.keras"):
        find_weights(tmp_path)
    body().save_weights(tmp_path / "x.weights.h5")
    (tmp_path / "x.weights.h5").rename(tmp_path / "x.h5")
    with pytest.raises(ValueError, match="Rename it"):
        with_weights(body(), tmp_path / "x.h5")
