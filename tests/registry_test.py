"""Names that are imported when they are asked for."""

import sys

import pytest

from fgkeras.registry import Entry
from fgkeras.registry import Registry
from fgkeras.registry import imported


def registry():
    return Registry(
        "codec",
        {
            "wave": Entry("wave:open", ("mode",), {"lossless": True}),
            "plist": Entry("plistlib:loads"),
        },
    )


def test_listing_imports_nothing():
    sys.modules.pop("wave", None)
    codecs = registry()
    assert codecs.names() == ("wave", "plist")
    assert "wave" in codecs
    assert codecs["wave"].facts["lossless"]
    assert "wave" not in sys.modules
    assert codecs.load("wave") is sys.modules["wave"].open


def test_unknown_and_taken_names():
    codecs = registry()
    with pytest.raises(ValueError, match="'wavee'. Did you mean wave?"):
        codecs.load("wavee")
    codecs.register("mine", len, speed=3)
    assert codecs.load("mine") is len
    assert codecs["mine"].facts["speed"] == 3
    with pytest.raises(ValueError, match="'plist', which is taken"):
        codecs.register("plist", len)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("wave", "MODULE:NAME"),
        (":open", "MODULE:NAME"),
        ("no_such_module:make", "not found"),
        ("wave:shout", "no 'shout'"),
    ],
)
def test_targets_that_are_none(target, message):
    with pytest.raises(ValueError, match=message):
        imported(target)


def test_an_error_inside_of_a_module_is_its_own(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text("import no_such_thing\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_thing"):
        imported("mine:make")
