"""One text names one place, from wherever it is read."""

import os

import pytest

from fgkeras.data.spec import absolute_spec
from fgkeras.data.spec import parts_of
from fgkeras.data.spec import path_of
from fgkeras.data.spec import same_source


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "a+b", "b", "x+flora:"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("folder:a", ["folder:a"]),
        ("folder:a+zip:b", ["folder:a", "zip:b"]),
        # What is there goes first, and the longest of it.
        ("folder:a+b", ["folder:a+b"]),
        ("a+b", ["a+b"]),
        ("a+b+b", ["a+b", "b"]),
        ("a+a+b", ["a", "a+b"]),
        ("folder:x+flora:", ["folder:x+flora:"]),
        ("folder:y+flora:", ["folder:y", "flora:"]),
        # What is not there is one path up to the next kind.
        ("folder:c+d", ["folder:c+d"]),
        ("folder:c+d+zip:e+f", ["folder:c+d", "zip:e+f"]),
        ("flora:seed=1+flora:seed=2", ["flora:seed=1", "flora:seed=2"]),
        ("flora:+b", ["flora:", "b"]),
        ("tfds:cars?data_dir=/x+y", ["tfds:cars?data_dir=/x+y"]),
        ("tfds:cars+b", ["tfds:cars", "b"]),
    ],
)
def test_parts(spec, parts):
    assert list(parts_of(spec)) == parts


def test_absolute(place):
    assert absolute_spec("folder:a+flora:seed=1") == (
        f"folder:{place}/a+flora:seed=1"
    )
    assert absolute_spec("a+b+b") == f"folder:{place}/a+b+folder:{place}/b"
    assert absolute_spec("tfds:x?label=y&data_dir=z") == (
        f"tfds:x?label=y&data_dir={place}/z"
    )
    assert absolute_spec("tfds:x?data_dir=gs://z") == "tfds:x?data_dir=gs://z"
    # The text of an absolute spec is read as the same parts again.
    spec = absolute_spec("a+b+flora:")
    assert absolute_spec(spec) == spec


def test_same(place):
    os.symlink(place / "a", place / "link")
    assert same_source("folder:a", "folder:link/")
    assert same_source("a+flora:", f"{place}/link+flora:")
    assert not same_source("a", "b")
    assert not same_source("a+flora:", "a")
    assert not same_source("folder:a", "images:a")


def test_path():
    assert path_of("csv:x.csv") == "x.csv"
    assert path_of("tfds:cars") is None
