import pathlib
import zipfile

import numpy as np
import pytest

from fgkeras.data.images import screened
from fgkeras.data.images.encoded import load_encoded
from fgkeras.data.open import open as open_source
from fgkeras.data.open import register_source
from fgkeras.data.sources.folder import FolderSource
from fgkeras.data.sources.images import ImagesSource
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.split import Split
from fgkeras.data.sources.zip import ZipSource
from fgkeras.data.spec import absolute_spec
from fgkeras.data.spec import kind_of
from fgkeras.data.spec import parse_options
from fgkeras.data.spec import same_source
from fgkeras.registries import SOURCES
from fgkeras.registry import Entry
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


@pytest.mark.parametrize("skip_bad", [False, True])
def test_every_kind_gets_what_follows_its_colon(monkeypatch, skip_bad):
    told = []

    class Made(Source):
        may_hold_bad = False

        @classmethod
        def from_spec(cls, text, *, skip_bad):
            told.append((text, skip_bad))
            return cls("made:", ["a"], {"all": Split(("1",), np.array([0]))})

    for kind in SOURCES.names():
        facts = SOURCES[kind].facts
        monkeypatch.setitem(SOURCES._entries, kind, Entry(Made, facts=facts))
        open_source(f"{kind}:there", skip_bad=skip_bad)
        assert told.pop() == ("there", skip_bad)


def test_a_folder_with_a_manifest_is_known_as_records(folder):
    assert kind_of(folder) == ("folder", str(folder))
    (folder / "manifest.json").write_text("{}")
    assert kind_of(folder) == ("records", str(folder))


@pytest.mark.parametrize("name", SOURCES.names())
def test_every_kind_is_a_source_and_listed(name):
    kind = SOURCES.load(name)
    assert issubclass(kind, Source)
    assert callable(kind.from_spec)
    assert f"| `{name}:" in open_source.__doc__
    readme = pathlib.Path(__file__).parents[2] / "README.md"
    assert f"`{name}:" in readme.read_text("utf-8")


def test_what_is_needed_is_there_or_refused(tmp_path, monkeypatch):
    (tmp_path / "1.jpg").write_bytes(pictures.jpeg())
    spec = f"images:{tmp_path}"
    assert len(open_source(spec, needs=("images",)).split("all")) == 1
    with pytest.raises(ValueError, match="no class. Put them into CLASS"):
        open_source(spec)
    with pytest.raises(ValueError, match="needs.*'pixels'"):
        open_source(spec, needs=("pixels",))
    monkeypatch.setattr(ImagesSource, "kind", "features")
    with pytest.raises(ValueError, match="needs images.*holds features"):
        open_source(spec)


def test_names_of_kinds_are_words_and_free():
    for name, message in (("a b", "lower-case"), ("zip", "taken")):
        with pytest.raises(ValueError, match=message):
            register_source(name, Source)


def test_a_kind_of_ones_own_may_be_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(SOURCES, "_entries", dict(SOURCES._entries))
    register_source("mine", FolderSource, path=True)
    register_source("words", FolderSource)
    pictures.write_tree(tmp_path / "x+y", ["a/1.jpg"])
    assert absolute_spec("mine:x+y+mine:z") == (
        f"mine:{tmp_path}/x+y+mine:{tmp_path}/z"
    )
    assert absolute_spec("words:x") == "words:x"
    assert same_source("mine:x+y", f"mine:{tmp_path}/x+y/")
    assert open_source("mine:x+y").class_names == ("a",)


def test_a_plus_joins(folder, tmp_path):
    other = pictures.write_tree(tmp_path / "y", ["b/2.jpg", "c/1.jpg"])
    source = open_source(f"folder:{folder}+{other}")
    assert source.spec == f"folder:{folder}+folder:{other}"
    assert source.class_names == ("a", "b", "c")
    assert source.split("all").ids == (
        "x/a/1.jpg",
        "x/b/1.jpg",
        "y/b/2.jpg",
        "y/c/1.jpg",
    )
    assert source.read("y/b/2.jpg") == pictures.jpeg(0)
    with pytest.raises(ValueError, match="twice"):
        open_source(f"folder:{folder}+{folder}/")
    # A source without labels among them has no place in a training.
    images = f"folder:{folder}+images:{other}"
    with pytest.raises(ValueError, match="no class"):
        open_source(images)
    labels = open_source(images, needs=("images",)).split("all").labels
    assert labels.tolist() == [0, 1, -1, -1]


def test_a_path_with_a_plus_is_that_path(folder, tmp_path):
    pictures.write_tree(tmp_path / "x+y", ["c/1.jpg", "d/1.jpg"])
    assert open_source(f"folder:{tmp_path}/x+y").class_names == ("c", "d")
    both = open_source(f"{tmp_path}/x+y+folder:{folder}")
    assert both.class_names == ("c", "d", "a", "b")


def test_skipping_in_joined_sources(folder, tmp_path):
    other = pictures.write_tree(tmp_path / "y", ["b/2.jpg", "c/1.jpg"])
    (other / "c" / "cut.jpg").write_bytes(pictures.jpeg()[:-200])
    source = open_source(f"folder:{folder}+folder:{other}", skip_bad=True)
    assert [name for name, _ in source.refused] == ["y/c/cut.jpg"]
    assert set(source.sound) == set(source.split("all").ids)
    encoded, split, refused = load_encoded(source, "all", skip_bad=True)
    assert len(encoded) == len(split) == 4
    assert not refused
    assert not source.sound


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("photos:x", "one of folder, zip, .*photos"),
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


def test_files_that_are_no_pictures_are_listed_without_decoding(tmp_path):
    (tmp_path / "clip.mov").write_bytes(b"no")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut")
    source = open_source(
        f"images:{tmp_path}", needs=("images",), skip_bad=True, decoded=False
    )
    assert [name for name, _ in source.refused] == ["clip.mov"]
    assert source.split("all").ids == ("broken.jpg",)
