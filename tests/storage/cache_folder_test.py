"""Where the cache lies."""

import os
import pathlib
import tempfile

import pytest

from fgkeras.storage import cache_folder


def test_variable_or_home(monkeypatch, tmp_path):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    assert cache_folder("features") == tmp_path / "features"
    home = pathlib.Path.home() / ".cache" / "fgkeras"
    # Set to nothing means not set.
    monkeypatch.setenv("FGKERAS_CACHE", "")
    assert cache_folder() == home
    monkeypatch.delenv("FGKERAS_CACHE")
    assert cache_folder() == home


def test_a_user_without_a_home(monkeypatch, tmp_path):
    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("FGKERAS_CACHE", raising=False)
    monkeypatch.setattr(pathlib.Path, "home", nobody)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = cache_folder("features")
    assert found == tmp_path / f"fgkeras-{os.getuid()}" / "features"
    found.parent.symlink_to(tmp_path / "of another")
    with pytest.raises(ValueError, match="FGKERAS_CACHE"):
        cache_folder()
