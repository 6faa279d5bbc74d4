"""Tests for fgkeras.models.loading."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest

from fgkeras.losses import ClassBalancedFocal
from fgkeras.models import backbone
from fgkeras.models import classifier
from fgkeras.models import load_model


@pytest.fixture
def saved(tmp_path):
    model = classifier(
        backbone("cifar_resnet20", (16, 16, 3)), 3, freeze_batch_norm=True
    )
    model.compile("sgd", ClassBalancedFocal([5, 2, 1]))
    model.save(tmp_path / "model.keras")
    return tmp_path / "model.keras", model


def test_loads_with_and_without_the_loss(saved):
    path, model = saved
    images = np.zeros((2, 16, 16, 3), "float32")
    for compiled in (False, True):
        twin = load_model(path, compile=compiled)
        np.testing.assert_array_equal(
            twin.predict(images, verbose=0), model.predict(images, verbose=0)
        )
    assert twin.loss.class_counts == (5, 2, 1)


def test_loads_in_a_fresh_process(saved):
    path, _ = saved
    code = "import sys; from fgkeras import models; models.load_model("
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}sys.argv[1], compile=True)", str(path)],
        cwd=pathlib.Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]


@pytest.mark.parametrize("name", ["lost.keras", "model.h5"])
def test_wrong_file(tmp_path, name):
    with pytest.raises(ValueError, match=name):
        load_model(tmp_path / name)
