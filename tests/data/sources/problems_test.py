"""Clutter is passed over; all else that is no picture is said at once."""

import os
import shutil
import zipfile

import pytest

from fgkeras.cli.main import main
from fgkeras.data.images.encoded import load_encoded
from fgkeras.data.images.encoded import read_checked
from fgkeras.data.info import describe
from fgkeras.data.open import open as open_source
from fgkeras.data.sources import plain_file
from fgkeras.data.sources.folder import FolderSource
from tests.data import pictures

NAMES = ["oak/1.jpg", "oak/2.jpg", "elm/1.jpg", "elm/2.jpg"]
CLUTTER = (
    ["ehthumbs.db", "oak/Thumbs.db", "oak/@eaDir/1.jpg", "oak/._1.jpg"]
    + ["$RECYCLE.BIN/oak/1.jpg", "lost+found/1.jpg", "oak/1.xmp", "oak/1.AAE"]
    + ["oak/1.xml", "LICENSE", "README", "train.py", "oak/oak.npy"]
)
PROBLEMS = {
    "oak/1.mov": "films are not read",
    "elm/1.mov": "films are not read",
    "oak/1.CR2": "raw files",
    "oak/1.heic": "HEIC and AVIF",
    "loose.jpg": "outside any class",
    "oak/gone.jpg": "link that leads nowhere",
    "oak/pipe.jpg": "but a pipe",
    "oak/zero.jpg": "but a device",
    "oak/large.jpg": "its 8589934592 bytes are more than the 268435456",
}


@pytest.fixture
def folder(tmp_path):
    return pictures.write_tree(tmp_path / "x", [*NAMES, *CLUTTER])


def add_problems(root):
    for name in PROBLEMS:
        if name[4:] not in ("gone.jpg", "pipe.jpg", "zero.jpg"):
            (root / name).write_bytes(b"no")
    # A picture, and then a hole: its size alone tells.
    (root / "oak" / "large.jpg").write_bytes(pictures.jpeg())
    os.truncate(root / "oak" / "large.jpg", 8 << 30)
    (root / "oak" / "gone.jpg").symlink_to("/nowhere.jpg")
    os.mkfifo(root / "oak" / "pipe.jpg")
    (root / "oak" / "zero.jpg").symlink_to("/dev/zero")


def test_clutter_is_passed_over(folder):
    source = open_source(folder)
    assert source.class_names == ("elm", "oak")
    assert sorted(source.split("all").ids) == sorted(NAMES)
    assert source.refused == []


def test_all_problems_are_said_at_once(folder):
    add_problems(folder)
    with pytest.raises(ValueError) as caught:
        open_source(folder)
    text = str(caught.value)
    assert "9 that are not" in text
    assert "2 x films are not read: elm/1.mov, oak/1.mov" in text
    for name, reason in PROBLEMS.items():
        assert name in text
        assert reason in text
    assert "--skip-bad" in text
    assert "--ignore" in text
    source = open_source(folder, skip_bad=True)
    assert sorted(source.split("all").ids) == sorted(NAMES)
    refused = dict(source.refused)
    assert set(refused) == set(PROBLEMS)
    for name, reason in PROBLEMS.items():
        assert reason in refused[name]
    assert source.refused.kinds()["films are not read"] == [
        "elm/1.mov",
        "oak/1.mov",
    ]


def test_pictures_without_classes_too(folder):
    add_problems(folder)
    with pytest.raises(ValueError, match="8 that are not"):
        open_source(f"images:{folder}", needs=("images",))
    source = open_source(
        f"images:{folder}",
        needs=("images",),
        ignore=("*.mov", "oak/*.CR2", "*.heic", "oak/[glpz]*.jpg", "loose.jpg"),
    )
    assert sorted(source.split("all").ids) == sorted(NAMES)


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_what_is_ignored_by_name(folder, kind):
    for name in ("oak/1.mov", "scripts/a/x.jpg", "elm/old/9.jpg"):
        pictures.write_tree(folder, [name])
    ignore = ("*.mov", "scripts", "elm/old/*")
    if kind == "zip":
        folder = shutil.make_archive(folder, "zip", folder)
    with pytest.raises(ValueError, match="that are not"):
        open_source(folder)
    source = open_source(folder, ignore=ignore)
    assert sorted(source.split("all").ids) == sorted(NAMES)
    assert source.refused == []


def test_stray_files_beside_an_outer_folder_change_no_layout(tmp_path):
    pictures.write_tree(tmp_path, [f"birds/{n}" for n in NAMES])
    (tmp_path / "film.mov").write_bytes(b"")
    (tmp_path / "birds" / "film.mov").write_bytes(b"")
    source = open_source(tmp_path, skip_bad=True)
    assert source.class_names == ("elm", "oak")
    assert [n for n, _ in source.refused] == ["birds/film.mov", "film.mov"]


def test_folders_without_pictures_beside_splits_are_no_classes(tmp_path):
    pictures.write_tree(tmp_path, ["train/a/1.jpg", "test/a/1.jpg"])
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.xml").write_text("<a/>")
    assert list(open_source(tmp_path).splits) == ["train", "test"]


def test_a_file_that_becomes_unreadable_is_a_bad_image(folder, monkeypatch):
    source = FolderSource(folder)
    (folder / "oak" / "1.jpg").unlink()
    os.mkfifo(folder / "oak" / "1.jpg")
    (folder / "oak" / "2.jpg").unlink()
    (folder / "elm" / "1.jpg").write_bytes(b"")
    with open(folder / "elm" / "2.jpg", "wb") as file:
        file.truncate(plain_file.MAX_BYTES + 1)
    bad = describe(source)["images"]["bad"]
    assert {row["id"]: row["reason"][:24] for row in bad} == {
        "elm/1.jpg": "it is empty",
        "elm/2.jpg": "its 268435457 bytes are ",
        "oak/1.jpg": "it is no plain file but ",
        "oak/2.jpg": "there is no such file",
    }
    with pytest.raises(ValueError, match="'oak/2.jpg' of folder:.*no such"):
        read_checked(source, "oak/2.jpg")
    with pytest.raises(ValueError, match="4 that are not") as caught:
        load_encoded(source, "all")
    assert all(f"1 x {row['reason']}: {row['id']}" in str(caught.value)
               for row in bad)  # fmt: skip
    (folder / "elm" / "1.jpg").write_bytes(pictures.jpeg())
    _, kept, refused = load_encoded(source, "all", skip_bad=True)
    assert kept.ids == ("elm/1.jpg",)
    assert len(refused) == 3


def test_a_file_or_folder_without_permission(folder, monkeypatch):
    opened, scanned = os.open, os.scandir

    def guarded(path, *args, **kwargs):
        if str(path).endswith("oak/1.jpg"):
            raise PermissionError(13, "Permission denied", path)
        return opened(path, *args, **kwargs)

    def shut(path):
        if str(path).endswith("elm/"):
            raise PermissionError(13, "Permission denied", path)
        return scanned(path)

    monkeypatch.setattr(os, "open", guarded)
    source = open_source(folder, skip_bad=True)
    assert dict(source.refused) == {
        "oak/1.jpg": "it cannot be read (Permission denied)"
    }
    monkeypatch.setattr(os, "scandir", shut)
    with pytest.raises(ValueError, match="elm: it cannot be looked into"):
        open_source(folder)


def test_a_damaged_member_is_a_bad_image(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for seed, name in enumerate(NAMES):
            archive.writestr(name, pictures.jpeg(seed))
        at = archive.getinfo("elm/1.jpg").header_offset + 30 + 9 + 40
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)
    source = open_source(path, skip_bad=True)
    assert [name for name, _ in source.refused] == ["elm/1.jpg"]
    assert len(source.split("all")) == 3
    bad = describe(open_source(path))["images"]["bad"]
    assert [row["id"] for row in bad] == ["elm/1.jpg"]


def test_names_cannot_command_a_terminal(tmp_path, capsys):
    pictures.write_tree(tmp_path, ["oak/1.jpg", "elm/\x1b[2J.jpg"])
    assert main(["data", "info", str(tmp_path)]) == 1
    text = capsys.readouterr().err
    assert "its name holds a line break or another control" in text
    assert "elm/\\x1b[2J.jpg" in text
    assert "\x1b" not in text
    os.rename(tmp_path / "elm", tmp_path / "elm\nash")
    with pytest.raises(ValueError, match="line break"):
        open_source(tmp_path)


@pytest.mark.parametrize("kind", ["folder", "zip", "images", "csv", "joined"])
def test_what_is_ignored_and_not_there_is_said(folder, kind, tmp_path, capsys):
    spec = f"{kind}:{folder}"
    if kind == "zip":
        spec = "zip:" + shutil.make_archive(folder, "zip", folder)
    elif kind == "csv":
        rows = "".join(f"{name},{name[:3]}\n" for name in NAMES)
        (folder / "list.csv").write_text("path,label\n" + rows)
        spec = f"csv:{folder}/list.csv"
    elif kind == "joined":
        more = pictures.write_tree(
            tmp_path / "y", ["oak/1.jpg", "elm/3.jpg", "elm/4.jpg"]
        )
        spec = f"folder:{more}+folder:{folder}"
    met = ("oak/2.jpg", "2*", "elm") if kind != "joined" else ("3.jpg", "2*")
    if kind in ("folder", "zip", "images"):
        met += ("oak/*.xmp", "LICENSE")  # What is passed over anyway.
    source = open_source(spec, needs=("images",), ignore=met)
    assert source.notes == ()
    source = open_source(
        spec, needs=("images",), ignore=(*met, "*.mvo", "elm/9.jpg")
    )
    (text,) = source.notes
    assert f"--ignore), '*.mvo', 'elm/9.jpg' meets nothing of {spec}" in text
    assert main(["data", "info", spec, "--ignore", "2*,9*"]) == 0
    assert (
        "note: Of what is ignored (--ignore), '9*'" in capsys.readouterr().out
    )
