import json

import pytest

from fgkeras.jobs import audit
from fgkeras.jobs import suspects
from fgkeras.jobs.page_folder import check_place
from fgkeras.jobs.page_folder import other_source
from fgkeras.training.reporter import SILENT

PHOTOS = "folder:photos"


def page(folder, kind="audit", **found):
    folder.mkdir()
    (folder / f"{kind}.html").write_text("a page")
    (folder / f"{kind}.json").write_text(json.dumps(found))
    return folder


def check(out):
    check_place(out, "audit", "An audit", other_source(PHOTOS, "train_split"))


def test_a_new_folder_and_the_same_source_are_taken(tmp_path):
    check(tmp_path / "new")
    check(page(tmp_path / "same", source=PHOTOS, train_split="train"))
    # A folder of other things: nothing in it is written over.
    (tmp_path / "notes.txt").write_text("mine")
    check(tmp_path)


@pytest.mark.parametrize(
    ("kind", "match"),
    [
        ("file", "which is a file"),
        ("link", "whose audit.json is a link"),
        ("other source", "which holds that of folder:other"),
        ("other kind", "which holds another page"),
        ("no JSON", "which holds another page"),
        ("no object", "which holds another page"),
    ],
)
def test_what_is_something_else_is_refused_and_stays(tmp_path, kind, match):
    out = tmp_path / "out"
    if kind == "file":
        out.write_text("mine")
    elif kind == "link":
        (tmp_path / "victim").write_text("mine")
        page(out, source=PHOTOS, train_split="train")
        (out / "audit.json").unlink()
        (out / "audit.json").symlink_to(tmp_path / "victim")
    elif kind == "other source":
        page(out, source="folder:other", train_split="train")
    elif kind == "other kind":
        page(out, source=PHOTOS)
    else:
        page(out)
        (out / "audit.json").write_text("{" if kind == "no JSON" else "[1]")
    with pytest.raises(ValueError, match=match):
        check(out)


@pytest.mark.parametrize("job", [audit, suspects])
def test_a_file_as_folder_is_refused_before_the_work(job, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ValueError, match="which is a file"):
        job(
            "flora:species=2,images=3,size=32",
            out=tmp_path / "file",
            reporter=SILENT,
        )
    assert (tmp_path / "file").read_text() == "mine"


def test_weights_that_are_not_there_are_refused_before_the_work(tmp_path):
    with pytest.raises((ValueError, FileNotFoundError), match="nowhere"):
        suspects(
            "flora:species=2,images=3,size=32",
            weights=str(tmp_path / "nowhere.weights.h5"),
            out=tmp_path / "s",
            reporter=SILENT,
        )
    assert not (tmp_path / "s").exists()
