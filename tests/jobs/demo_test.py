"""The demo's files: its own are replaced, those of others are not."""

import json

import pytest

from fgkeras.jobs.demo import hold_back
from tests.data.records.conversion_state_test import everything
from tests.data.records_fixture import make_source


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_images_of_an_earlier_demo_are_replaced(tmp_path):
    source = make_source()
    hold_back(source, tmp_path, 0, count=2)
    first = names(tmp_path / "images")
    paths = hold_back(source, tmp_path, 3, count=2)
    second = names(tmp_path / "images")
    assert [path.name for path in paths] == second
    assert len(first) == len(second) == 2
    assert first != second
    # A demo of earlier versions noted nothing, and wrote the same.
    (tmp_path / "images.json").unlink()
    hold_back(source, tmp_path, 3, count=2)
    assert names(tmp_path / "images") == second


def test_files_and_links_of_others_stay(tmp_path):
    out, source = tmp_path / "out", make_source()
    hold_back(source, out, 0, count=2)
    (tmp_path / "victim.jpg").write_text("mine")
    (out / "images" / "holiday.jpg").write_text("mine")
    (out / "images" / "link.jpg").symlink_to(tmp_path / "victim.jpg")
    noted = json.loads((out / "images.json").read_text())
    checksum = next(iter(noted.values()))
    changed = next(iter(noted))
    (out / "images" / changed).write_text("mine")
    noted.update(
        dict.fromkeys(
            ("../../victim.jpg", str(tmp_path / "victim.jpg"), "link.jpg"),
            checksum,
        )
    )
    (out / "images.json").write_text(json.dumps(noted))
    before = everything(tmp_path)
    hold_back(source, out, 3, count=2)
    after = everything(tmp_path)
    for name in ("holiday.jpg", "link.jpg", changed):
        assert after[f"out/images/{name}"] == before[f"out/images/{name}"]
    assert after["victim.jpg"] == b"mine"


@pytest.mark.parametrize(
    "name", ["images", "images/{}", "images.json", "comparison.json"]
)
@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_has_a_name_that_is_needed_is_named(tmp_path, name, kind):
    out, source = tmp_path / "out", make_source()
    needed = hold_back(source, tmp_path / "whole", 0, count=1)[0].name
    path = out / name.format(needed)
    path.parent.mkdir(parents=True)
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim" / needed).write_text("mine")
    if kind == "file":
        path.write_text("mine")
    elif name == "images":
        path.symlink_to(tmp_path / "victim")
    else:
        path.symlink_to(tmp_path / "victim" / needed)
    before = everything(tmp_path)
    with pytest.raises(ValueError, match=f"Received: .*{path.name}"):
        hold_back(source, out, 0, count=1)
    assert everything(tmp_path) == before
