"""Labels and metadata of an export that are not as they were written."""

import json
import shutil

import pytest

from fgkeras.export import load_exported
from fgkeras.export.facts import read_facts

# An export takes seconds.
pytestmark = pytest.mark.slow


@pytest.fixture
def version(exported, tmp_path):
    copy = shutil.copytree(exported, tmp_path / "copy")
    return copy / "saved_model" / "1"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("labels.json", '{"a": 1}'),
        ("labels.json", "[1, 2, 3]"),
        ("labels.json", '["others"]'),
        ("labels.json", "[" * 100_000),
        ("labels.json", None),
        ("model-metadata.json", "[]"),
        ("model-metadata.json", "{}"),
        ("model-metadata.json", '{"input": {"size": Infinity}, "output": {}}'),
        ("model-metadata.json", '{"input": {"size": true}, "output": {}}'),
        ("model-metadata.json", '{"input": {"size": 8}, "output": {}}'),
        (
            "model-metadata.json",
            '{"input": {"size": 8, "resize": 2.5}, "output": {}}',
        ),
        (
            "model-metadata.json",
            '{"input": {"size": 8, "decoder": 99}, "output": {}}',
        ),
    ],
)
def test_facts_that_were_edited(version, file, text):
    (version / file).unlink()
    if text is not None:
        (version / file).write_text(text)
    with pytest.raises(ValueError, match=rf"{file}.*damaged.*Export the run"):
        load_exported(version, trust=True)


def test_facts_as_they_were_written(version):
    names, metadata = read_facts(version)
    assert list(names) == json.loads((version / "labels.json").read_text())
    assert metadata["output"]["num_classes"] == len(names)


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("saved_model.pb", b"text"),
        ("variables/variables.index", b"text"),
        ("variables/variables.data-00000-of-00001", b""),
    ],
)
def test_a_graph_that_is_damaged(version, file, data):
    (version / file).write_bytes(data)
    match = rf"{file.rpartition('/')[2]}.*Export the run"
    with pytest.raises(ValueError, match=match):
        load_exported(version, trust=True)


def test_checksums_that_are_no_text(version):
    (version / "SHA256SUMS").write_bytes(b"\x00\xff\xfe")
    with pytest.raises(ValueError, match=r"SHA256SUMS.*--trust"):
        load_exported(version)
