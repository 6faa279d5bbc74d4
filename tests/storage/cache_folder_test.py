"""Where the cache lies."""

import pathlib

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
