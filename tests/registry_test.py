"""Names that are imported when they are asked for."""

import sys

import pytest

from fgkeras.registry import Entry
from fgkeras.registry import Fact
from fgkeras.registry import Registry
from fgkeras.registry import imported
from fgkeras.registry import public_names


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
    assert list(codecs) == ["wave", "plist"]
    assert len(codecs) == 2
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


def strict():
    return Registry(
        "codec",
        {
            "wave": Entry("wave:open", ("mode",), {"kind": "sound"}),
            "plist": Entry("plistlib:loads", {"fmt": None}),
        },
        options=("mode", "fmt"),
        facts={"kind": Fact("text", ("text", "sound")), "year": Fact(None)},
    )


def test_facts_have_defaults_and_options_have_names():
    codecs = strict()
    assert codecs.fact("wave", "kind") == "sound"
    assert codecs.fact("plist", "kind") == "text"
    assert codecs.taking("mode") == ("wave",)
    assert codecs.taking("fmt") == ("plist",)
    codecs.register("my-own", len, ("mode",), year=2020)
    assert codecs.fact("my-own", "year") == 2020
    assert codecs.taking("mode") == ("wave", "my-own")
    with pytest.raises(ValueError, match="A codec is one of .*'waves'"):
        codecs.fact("waves", "kind")


@pytest.mark.parametrize(
    ("name", "options", "facts", "message"),
    [
        ("mine", ("speed",), {}, "'mine' may take .*mode, fmt.*speed"),
        ("mine", (), {"colour": 1}, "may say kind, year.*colour=1"),
        ("mine", (), {"kind": "image"}, "'text', 'sound'.*kind='image'"),
        ("my own", (), {}, "one word.*'my own'"),
        ("", (), {}, "one word.*name=''"),
        (3, (), {}, "one word.*name=3"),
        ("wave", (), {}, "'wave', which is taken"),
    ],
)
def test_a_wrong_line_is_refused(name, options, facts, message):
    codecs = strict()
    with pytest.raises(ValueError, match=message):
        codecs.register(name, len, options, **facts)
    assert codecs.names() == ("wave", "plist")
    if name == "mine":
        with pytest.raises(ValueError, match=message):
            Registry(
                "codec",
                {name: Entry(len, options, facts)},
                options=codecs.options,
                facts=codecs.facts,
            )


def test_public_names_are_those_of_the_package():
    names = {
        "thread": Entry("concurrent.futures.thread:ThreadPoolExecutor"),
        "path": Entry("pathlib:Path"),
        "mine": Entry(len),
    }
    found = public_names("concurrent.futures", Registry("pool", names))
    assert set(found) == {"ThreadPoolExecutor"}


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
