import json
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fgkeras.bootstrap.interchange.json_items import json_items

MODULE = sys.modules["fgkeras.bootstrap.interchange.json_items"]
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False,
    allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
_OBJECTS = st.lists(
    st.dictionaries(st.text(max_size=4), _VALUES, max_size=4), max_size=5
)


def file_of(folder, text):
    path = Path(folder, "x.json")
    path.write_text(text, "utf-8", newline="")
    return path


@pytest.mark.parametrize("chunk", [1, 3, 2**16])
@settings(max_examples=40, derandomize=True)
@given(_OBJECTS, st.sampled_from([None, 1]), st.booleans())
def test_items_are_those_of_the_whole_file(chunk, items, indent, ascii_only):
    old, MODULE._CHUNK = MODULE._CHUNK, chunk
    try:
        with tempfile.TemporaryDirectory() as folder:
            text = json.dumps(items, indent=indent, ensure_ascii=ascii_only)
            if any("\ud800" <= c <= "\udfff" for c in text):
                return
            path = file_of(folder, text)
            assert list(json_items(path)) == list(enumerate(items, 1))
            whole = {"before": items, "n": 12, "samples": items, "after": [1]}
            path = file_of(folder, json.dumps(whole, indent=indent))
            got = list(json_items(path, "samples"))
            assert got == list(enumerate(items, 1))
    finally:
        MODULE._CHUNK = old


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("", None, "an array must come here. Received: the end of the file"),
        ("{}", None, "an array must come here"),
        ('[{"a": 1}, 3]', None, "item 2: an object must come here"),
        ('[{"a": 1} {"a": 2}]', None, "item 1: a comma between items"),
        ('[{"a": 1}, ]', None, "item 2: an object"),
        ('[{"a": 1}', None, "item 1: a comma between items"),
        ('[{"a": 1}, {"a":', None, "item 2: an object must come here"),
        ('[{"a": NaN}]', None, "item 1: numbers must be finite.*NaN"),
        ("[] []", None, "the end of the file must come here"),
        ("[]", "samples", "an object must come here"),
        ('{"other": []}', "samples", "must have an array 'samples'"),
        ('{"samples": 3}', "samples", "an array must come here"),
        ('{"samples": [], }', "samples", "a member's name"),
        ('{1: []}', "samples", "a member's name"),
        ('{"samples" []}', "samples", "a colon"),
        ('{"samples": [] "b": 1}', "samples", "a comma between members"),
        ('{"samples": []', "samples", "a comma between members"),
        ('[{"a": ' + "[" * 100_000, None, "item 1: an object"),
    ],
)  # fmt: skip
def test_says_where_a_file_is_broken(tmp_path, text, key, said):
    path = file_of(tmp_path, text)
    with pytest.raises(ValueError, match=r"x\.json.*" + said):
        list(json_items(path, key))


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(b'[{"a": "\xff"}]')
    with pytest.raises(ValueError, match=r"x\.json: the file must be UTF-8"):
        list(json_items(path))
    path.write_bytes(b'\xef\xbb\xbf[{"a": 1}]')
    assert list(json_items(path)) == [(1, {"a": 1})]


def test_the_first_item_does_not_wait_for_the_last(tmp_path):
    path = file_of(tmp_path, "[" + '{"a": 1},' * 50_000 + "broken")
    items = json_items(path)
    assert next(items) == (1, {"a": 1})
    with pytest.raises(ValueError, match="item 50001"):
        list(items)
