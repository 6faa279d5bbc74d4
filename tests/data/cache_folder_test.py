import pathlib

import pytest

from fgkeras.data.cache_folder import cache_folder


@pytest.mark.parametrize("value", [None, ""])
def test_unset_and_empty_mean_the_default(monkeypatch, value):
    monkeypatch.setenv("FGKERAS_CACHE", value or "")
    if value is None:
        monkeypatch.delenv("FGKERAS_CACHE")
    assert cache_folder() == pathlib.Path.home() / ".cache" / "fgkeras"


def test_the_variable_says_where(monkeypatch, tmp_path):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
