"""Tests for fgkeras.models.loading."""

import ast
import pathlib
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest

from fgkeras.losses import ClassBalancedFocal
from fgkeras.models import backbone
from fgkeras.models import classifier
from fgkeras.models import load_model
from fgkeras.training.loading import load_model as load_with_training

PACKAGE = pathlib.Path(__file__).parents[2] / "fgkeras"

# Loads a model as a user does, and says which of the names are unknown and
# which other classes Keras could save, but not find again.
FRESH = """
import importlib
import pathlib
import sys

import keras

import fgkeras
path, package, *names = sys.argv[1:]
fgkeras.load_model(path, compile=True)
known = keras.saving.get_registered_object
for name in names:
    if known(f"fgkeras>{name}") is None:
        print(name, "is unknown")

saved = (
    keras.layers.Layer,
    keras.losses.Loss,
    keras.metrics.Metric,
    keras.optimizers.Optimizer,
    keras.optimizers.schedules.LearningRateSchedule,
    keras.initializers.Initializer,
    keras.regularizers.Regularizer,
    keras.constraints.Constraint,
)
found = set()
for file in sorted(pathlib.Path(package).rglob("*.py")):
    text = file.read_text(encoding="utf-8")
    if "keras." in text and "class " in text:
        parts = file.relative_to(package).with_suffix("").parts
        name = ".".join(["fgkeras", *parts])
        for thing in vars(importlib.import_module(name)).values():
            if isinstance(thing, type) and issubclass(thing, saved):
                found.add(thing)
bases = {base for thing in found for base in thing.__mro__[1:]}
for thing in sorted(found - bases, key=str):
    ours = thing.__module__.startswith("fgkeras.")
    if ours and not thing.__name__.startswith("_"):
        if keras.saving.get_registered_name(thing) == thing.__name__:
            print(thing.__name__, "is not registered")
"""


def registered():
    """Names of the classes that stand under Keras' decorator."""
    names = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and any(
                "register_keras_serializable" in ast.unparse(d)
                for d in node.decorator_list
            ):
                names.append(node.name)
    return sorted(names)


@pytest.fixture
def saved(tmp_path):
    model = classifier(
        backbone("cifar_resnet20", (16, 16, 3)), 3, freeze_batch_norm=True
    )
    model.compile("sgd", ClassBalancedFocal([5, 2, 1]))
    model.save(tmp_path / "model.keras")
    return tmp_path / "model.keras", model


@pytest.mark.slow
def test_loads_with_and_without_the_loss(saved):
    path, model = saved
    images = np.zeros((2, 16, 16, 3), "float32")
    for compiled in (False, True):
        twin = load_with_training(path, compile=compiled)
        np.testing.assert_array_equal(
            twin.predict(images, verbose=0), model.predict(images, verbose=0)
        )
    assert twin.loss.class_counts == (5, 2, 1)
    assert not load_model(path).compiled


@pytest.mark.slow
def test_knows_every_class_of_the_library_in_a_fresh_process(saved):
    path, _ = saved
    names = registered()
    assert {"KernelPooling", "Cosine", "CrossBatchMemory"} <= set(names)
    ran = subprocess.run(
        [sys.executable, "-c", FRESH, str(path), str(PACKAGE), *names],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert ran.stdout == ""


@pytest.mark.parametrize("name", ["lost.keras", "model.h5"])
def test_wrong_file(tmp_path, name):
    with pytest.raises(ValueError, match=name):
        load_model(tmp_path / name)
    with pytest.raises(ValueError, match=name):
        load_with_training(tmp_path / name)


def test_a_file_that_unpacks_to_gigabytes(tmp_path):
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, True, 1) as file:
        file.writestr("config.json", bytes(2**26 + 1))
    with pytest.raises(
        ValueError, match=r"model\.keras.*config.json has 64 MB"
    ):
        load_model(path)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("model.weights.h5", b"x" * 77)
    # What the zip's directory says of a member is taken for its size.
    data = path.read_bytes()
    place = data.rindex(b"PK\1\2") + 24
    claim = (2**31).to_bytes(4, "little")
    path.write_bytes(data[:place] + claim + data[place + 4 :])
    with pytest.raises(ValueError, match=r"model\.keras.*unpack to 2048 MB"):
        load_model(path)


def test_a_layer_that_is_a_program_is_refused_by_name(tmp_path):
    images = keras.Input((4, 4, 3))
    y = keras.layers.Lambda(lambda t: 2 * t, name="twice")(images)
    inner = keras.Model(images, y, name="inner")
    keras.Model(images, inner(images)).save(tmp_path / "model.keras")
    with pytest.raises(
        ValueError, match="model.keras, with Lambda 'twice'"
    ) as info:
        load_model(tmp_path / "model.keras")
    assert "safe_mode" not in str(info.value)
