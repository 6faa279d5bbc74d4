"""The structure of a model knows every setting and no name."""

import copy
import json
import pathlib
import subprocess
import sys

import keras
import pytest

from fgkeras import layers
from fgkeras.models.backbones import backbone
from fgkeras.models.embedders import embedder
from fgkeras.models.embedders import pooled_part
from fgkeras.training.model_structure import _nameless
from fgkeras.training.model_structure import model_structure

POOLINGS = {
    "average": lambda: "average",
    "bilinear": layers.BilinearPooling,
    "compact_bilinear": lambda: layers.CompactBilinearPooling(16),
    "kernel": lambda: layers.KernelPooling(16, order=2),
    "fully_connected": lambda: layers.FullyConnectedPooling(8),
}


def make(pooling):
    body = backbone("small_cnn", (32, 32, 3), weights=None)
    return pooled_part(embedder(body, 4, pooling=POOLINGS[pooling]()))


def leaves(value, path=()):
    """Yields the path of every setting below a config."""
    if isinstance(value, dict):
        for key, part in value.items():
            named = "class_name" in value or "trainable" in value
            if not (key == "name" and (named or "batch_shape" in value)):
                yield from leaves(part, (*path, key))
    elif isinstance(value, list) and value:
        for place, part in enumerate(value):
            yield from leaves(part, (*path, place))
    else:
        yield path


def changed(config, path):
    config = copy.deepcopy(config)
    part = config
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = ["changed", part[path[-1]]]
    return config


@pytest.mark.slow
@pytest.mark.parametrize("pooling", POOLINGS)
def test_every_setting_of_every_layer_counts(pooling):
    config = json.loads(
        json.dumps(keras.saving.serialize_keras_object(make(pooling)))
    )
    whole = _nameless(config, {})
    count = 0
    for path in leaves(config):
        assert _nameless(changed(config, path), {}) != whole, path
        count += 1
    assert count > 200


SETTINGS = [
    (layers.KernelPooling, {"sketch_dim": 32}),
    (layers.KernelPooling, {"order": 3}),
    (layers.KernelPooling, {"gamma": 0.25}),
    (layers.KernelPooling, {"coefficients": [0.0, 1.0, 0.0, 0.0, 0.0]}),
    (layers.KernelPooling, {"train_coefficients": False}),
    (layers.KernelPooling, {"normalize": False}),
    (layers.KernelPooling, {"transform": "fourier"}),
    (layers.KernelPooling, {"transform": "fft"}),
    (layers.KernelPooling, {"seed": 1}),
    (layers.CompactBilinearPooling, {"seed": 1}),
    (layers.CompactBilinearPooling, {"transform": "fourier"}),
    (keras.layers.Rescaling, {"offset": -1.0}),
    (keras.layers.Rescaling, {"dtype": "float16"}),
    (keras.layers.ReLU, {"max_value": 6.0}),
    (keras.layers.BatchNormalization, {"epsilon": 1e-5}),
]


@pytest.mark.parametrize(("layer", "setting"), SETTINGS)
def test_a_setting_that_leaves_the_weights_is_seen(layer, setting):
    """As trainings on frozen features change it: same weights and shapes."""
    first = {
        layers.KernelPooling: {"sketch_dim": 16},
        layers.CompactBilinearPooling: {"sketch_dim": 16},
        keras.layers.Rescaling: {"scale": 0.5},
    }.get(layer, {})

    def structure(**kwargs):
        inputs = keras.Input((4, 4, 3))
        outputs = layer(**{**first, **kwargs})(inputs)
        return model_structure(keras.Model(inputs, outputs))

    assert structure() == structure()
    assert structure() != structure(**setting)


def test_names_do_not_count_and_connections_do():
    def make(swap, name):
        a = keras.Input((3,), name=f"{name}_a")
        b = keras.Input((3,), name=f"{name}_b")
        x = keras.layers.Dense(2, name=f"{name}_x")(a)
        y = keras.layers.Dense(2, name=f"{name}_y")(b)
        both = [y, x] if swap else [x, y]
        difference = keras.layers.Subtract(name=name)(both)
        return model_structure(keras.Model([a, b], difference, name=name))

    assert make(False, "p") == make(False, "q")
    assert make(False, "p") != make(True, "p")


def test_a_model_without_a_config_is_refused():
    class Bare(keras.Model):
        def __init__(self, units):
            super().__init__()

        def call(self, inputs):
            return inputs

    with pytest.raises(NotImplementedError):
        model_structure(Bare(3))


@pytest.mark.slow
def test_another_process_gives_the_same():
    code = (
        "import json, keras\n"
        "keras.layers.Dense(1), keras.layers.ReLU(), keras.Input((1,))\n"
        "from tests.training.model_structure_test import make\n"
        "from fgkeras.training.model_structure import model_structure\n"
        "print(json.dumps(model_structure(make('kernel')), sort_keys=True))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=pathlib.Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    here = json.dumps(model_structure(make("kernel")), sort_keys=True)
    assert ran.stdout.splitlines()[-1] == here
