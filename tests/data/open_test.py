import sys
import types
import zipfile

import pytest

from fgkeras.data.images import screened
from fgkeras.data.images.encoded import load_encoded
from fgkeras.data.open import open as open_source
from fgkeras.data.sources.folder import FolderSource
from fgkeras.data.sources.zip import ZipSource
from fgkeras.data.spec import parse_options
from tests.data import pictures


@pytest.fixture
def folder(tmp_path):
    return pictures.write_tree(tmp_path / "x", ["a/1.jpg", "b/1.jpg"])


def test_kinds_are_named_or_guessed(folder, tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(folder / "a" / "1.jpg", "a/1.jpg")
    (tmp_path / "x.csv").write_text("path,label\nx/a/1.jpg,a\n")
    for spec, kind in (
        (f"folder:{folder}", FolderSource),
        (folder, FolderSource),
        (f"zip:{path}", ZipSource),
        (path, ZipSource),
    ):
        assert isinstance(open_source(spec), kind)
    assert open_source(tmp_path / "x.csv").spec == f"csv:{tmp_path}/x.csv"


def test_other_modules_get_what_follows_the_kind(folder, monkeypatch):
    records = types.ModuleType("records")
    records.RecordsSource = lambda path: ("records", path)
    flora = types.ModuleType("flora")
    flora.FloraSource = types.SimpleNamespace(from_spec=lambda t: ("flora", t))
    monkeypatch.setitem(sys.modules, "fgkeras.data.records.source", records)
    monkeypatch.setitem(sys.modules, "fgkeras.data.flora.source", flora)
    assert open_source("flora:species=4") == ("flora", "species=4")
    assert open_source("records:there") == ("records", "there")
    (folder / "manifest.json").write_text("{}")
    assert open_source(folder) == ("records", str(folder))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("photos:x", "one of folder, zip, csv, tfds, records, flora"),
        ("nowhere", "there is nothing"),
        ("../no/where", "there is nothing"),
    ],
)
def test_an_unknown_kind_lists_the_kinds(spec, message):
    with pytest.raises(ValueError, match=message):
        open_source(spec)


def test_skipping_reads_each_image(folder):
    whole = (folder / "a" / "1.jpg").read_bytes()
    broken = {
        "cut.jpg": (whole[: len(whole) // 2], "cut"),
        "text.jpg": (b"hello", "text"),
        "empty.jpg": (b"", "empty"),
        "huge.png": (pictures.huge_png(), "20000 x 20000"),
    }
    for name, (data, _) in broken.items():
        (folder / "a" / name).write_bytes(data)
    assert len(open_source(folder).split("all")) == 6
    source = open_source(folder, skip_bad=True)
    assert source.split("all").ids == ("a/1.jpg", "b/1.jpg")
    reasons = dict(source.refused)
    assert len(reasons) == 4
    for name, (_, reason) in broken.items():
        assert reason in reasons[f"a/{name}"]


@pytest.mark.parametrize("keep_bytes", [2**20, 2000, 0])
def test_skipping_decodes_each_image_once(folder, monkeypatch, keep_bytes):
    whole = (folder / "a" / "1.jpg").read_bytes()
    rotated = pictures.rotated_jpeg(6, pictures.pixels())
    (folder / "a" / "2.jpg").write_bytes(rotated)
    (folder / "a" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    plain = FolderSource(folder, skip_bad=True)
    reads, checked = [], []
    read, normalize = FolderSource.read, screened.normalize

    def count(data, check=True, **options):
        checked.append(check)
        return normalize(data, check=check, **options)

    monkeypatch.setattr(
        FolderSource, "read", lambda s, i: reads.append(i) or read(s, i)
    )
    monkeypatch.setattr(screened, "normalize", count)
    source = screened.screened(plain, keep_bytes=keep_bytes)
    encoded, split, refused = load_encoded(source, "all", skip_bad=True)
    assert [name for name, _ in source.refused] == ["a/cut.jpg"]
    assert refused == []
    assert split.ids == ("a/1.jpg", "a/2.jpg", "b/1.jpg")
    assert sum(checked) == 4
    assert len(reads) == 4 + {2**20: 0, 2000: 2, 0: 3}[keep_bytes]
    expected, _, _ = load_encoded(plain, "all", skip_bad=True)
    assert encoded == expected
    # An image that has changed meanwhile is looked at again.
    source = screened.screened(plain, keep_bytes=0)
    (folder / "b" / "1.jpg").write_bytes(whole[: len(whole) // 2])
    _, _, refused = load_encoded(source, "all", skip_bad=True)
    assert [name for name, _ in refused] == ["b/1.jpg"]


def test_skipping_everything_is_refused(tmp_path):
    path = tmp_path / "a" / "1.jpg"
    path.parent.mkdir()
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="none of 1 can.*it is empty"):
        open_source(tmp_path, skip_bad=True)


def test_options():
    assert parse_options("") == {}
    assert parse_options("a=1, b = x=y") == {"a": "1", "b": "x=y"}
    for text in ("a", "a=1,a=2", "=1"):
        with pytest.raises(ValueError, match="Options must be"):
            parse_options(text)
