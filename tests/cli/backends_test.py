"""Backends that are not there, or that cannot do what is asked."""

import importlib.util
import os
import subprocess
import sys

import pytest

from fgkeras.config import Config
from fgkeras.jobs import train
from fgkeras.training.reporter import SILENT
from tests.runs.damage_test import TINY


def said(backend, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "fgkeras", *map(str, arguments)],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("torch") is not None, reason="it is installed"
)
def test_a_backend_that_is_not_installed(tmp_path):
    text = said("torch", "evaluate", tmp_path)
    assert "no module 'torch'" in text
    assert "KERAS_BACKEND=tensorflow" in text


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["saved_model", "litert", "onnx"])
def test_an_export_under_jax(tmp_path, kind):
    train(Config.read(changes=TINY), tmp_path, reporter=SILENT)
    text = said("jax", "export", tmp_path, "--format", kind)
    assert "KERAS_BACKEND=tensorflow" in text
    assert not (tmp_path / "saved_model").exists()
