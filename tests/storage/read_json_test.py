"""A JSON file that is lost, no file, no JSON, or of another kind."""

import os

import pytest

from fgkeras.storage import read_json


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Expecting value"),
        ("[" * 100_000, "recursion"),
        ("[3]", "a list, not an object"),
        ("7", "an? int, not an object"),
        ("null", "NoneType, not an object"),
        ("\udcff", "codec"),
    ],
)
def test_other_content(tmp_path, text, why):
    path = tmp_path / "a.json"
    path.write_text(text, "utf-8", "surrogateescape")
    with pytest.raises(ValueError, match=f"a.json.*{why}.*Remove it"):
        read_json(path, "Remove it.")


def test_what_is_no_file(tmp_path):
    for name, make in (("pipe", os.mkfifo), ("folder", os.mkdir)):
        make(tmp_path / name)
        with pytest.raises(ValueError, match="it is no file"):
            read_json(tmp_path / name, "Remove it.")
    with pytest.raises(ValueError, match="it is lost"):
        read_json(tmp_path / "gone", "Remove it.")


def test_a_list(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("[1, 2]")
    assert read_json(path, "Remove it.", list) == [1, 2]
