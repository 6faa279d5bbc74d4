import os
import zipfile

import pytest

from fgkeras.data.sources.images import ImagesSource
from tests.data import pictures

NAMES = ["b/c/d/e/f/g/1.jpg", "a.jpg", "b/2.JPG"]
CLUTTER = [".DS_Store", "b/Thumbs.db", "notes.txt", "b/list.csv", ".x/1.jpg"]


@pytest.fixture
def folder(tmp_path):
    root = pictures.write_tree(tmp_path / "x", NAMES)
    for name in CLUTTER:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"clutter")
    return root


@pytest.fixture(params=["folder", "zip"])
def place(request, folder, tmp_path):
    if request.param == "folder":
        return folder
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return path


def test_pictures_at_any_depth_without_classes(place):
    source = ImagesSource(place)
    split = source.split("all")
    assert split.ids == tuple(sorted(NAMES))
    assert split.labels.tolist() == [-1] * 3
    assert source.class_names == ()
    assert list(source.splits) == ["all"]
    assert source.counts("all").tolist() == []
    for seed, name in enumerate(NAMES):
        assert source.read(name) == pictures.jpeg(seed)
    sizes = [str(len(source.read(i))) for i in split.ids]
    assert [s.split()[0] for s in source.stamps(split.ids)] == sizes


def test_one_picture(folder):
    source = ImagesSource(folder / "a.jpg")
    assert source.split("all").ids == ("a.jpg",)
    assert source.read("a.jpg") == pictures.jpeg(1)
    assert source.spec == f"images:{folder}/a.jpg"


def test_other_files_are_refused_or_listed(folder):
    (folder / "b" / "film.mp4").write_bytes(b"film")
    with pytest.raises(ValueError, match="b/film.mp4: films .*skip_bad"):
        ImagesSource(folder)
    source = ImagesSource(folder, skip_bad=True)
    assert len(source.split("all")) == 3
    assert [name for name, _ in source.refused] == ["b/film.mp4"]


def test_links_in_circles_end(folder):
    os.symlink(folder, folder / "b" / "again")
    os.symlink(folder / "b" / "c", folder / "other")
    ids = ImagesSource(folder).split("all").ids
    assert len(ids) == 3
    assert len({os.path.realpath(folder / i) for i in ids}) == 3


def test_what_is_no_place_of_pictures_is_refused(tmp_path):
    for name, message in (
        ("no", "there is nothing"),
        ("text.txt", "there is another file"),
        ("", "none among 1 files"),
    ):
        if name == "text.txt":
            (tmp_path / name).write_text("text")
        with pytest.raises(ValueError, match=message):
            ImagesSource(tmp_path / name)
