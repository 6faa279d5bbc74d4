"""Zips that no program should write: refused or passed over, by a sentence."""

import time

import pytest

from experiments.hostile_inputs import check
from experiments.hostile_inputs import zips
from fgkeras.data.info import describe
from fgkeras.data.open import open as open_source
from fgkeras.data.sources.zip_members import ZipMembers

FOUND = dict([*zips.names(), *zips.claims(), *zips.containers()])
REFUSED = {
    "name: empty": "'': its name is no path",
    "name: double slash": "train//x.jpg: its name is no path",
    "name: absolute": "beside",
    "name: line break": "its name holds a line break",
    "name: escape": r"train/\\x1b\[2J/x.jpg",
    "name: not UTF-8, said to be": "whole zip file",
    "size of 2^40": "it claims 1099511627776 bytes",
    "size of 2^63": "it claims 9223372036854775808 bytes",
    "packed of 2^63": "ends at byte 9223372036854",
    "begins at 7": "begins inside of",
    "method 12": "neither `stored` nor",
    "encrypted": "it is encrypted",
    "classes.csv: bad deflate": "small plain file.*damaged in the zip",
    "classes.csv: a large field": "row 2 is none.*131072",
    "classes.csv: a line break": "line break",
    "directory outside": "lie apart|whole zip",
    "cut at 0.5": "whole zip file",
}


@pytest.mark.parametrize("title", REFUSED)
def test_hostile_zips_are_refused_by_a_sentence(tmp_path, title):
    path = tmp_path / "x.zip"
    path.write_bytes(FOUND[title])
    with pytest.raises(ValueError, match=REFUSED[title]):
        open_source(path)
    if title.startswith(("name: empty", "name: double", "size", "enc", "met")):
        source = open_source(path, skip_bad=True)
        assert source.class_names == ("elm", "oak")
        assert len(source.split("*")) == len(zips.GOOD)


@pytest.mark.parametrize(
    "title", ["wrong CRC", "size too small", "deflate of nonsense"]
)
def test_damaged_members_are_bad_images(tmp_path, title):
    path = tmp_path / "x.zip"
    path.write_bytes(FOUND[title])
    bad = describe(open_source(path))["images"]["bad"]
    assert [row["id"] for row in bad] == ["train/elm/x.jpg"]


def test_a_member_below_thousands_of_folders_is_no_thousands_of_folders(
    tmp_path,
):
    path = tmp_path / "x.zip"
    path.write_bytes(FOUND["name: deep"])
    found = [name for name in ZipMembers(path).folders if "/a" in name]
    assert found == ["train/" + "/".join("a" * n) for n in range(1, 6)]


def test_members_that_share_bytes_are_refused_at_once(tmp_path):
    path = tmp_path / "x.zip"
    whole = zips.archive([(f"c/{i}.jpg", b"x" * 50, {}) for i in range(2)])
    second = whole.rindex(b"PK\1\2")
    moved = bytearray(whole)
    moved[second + 42 : second + 46] = bytes(4)
    path.write_bytes(moved)
    with pytest.raises(ValueError, match="members lie apart.*begins inside"):
        open_source(path)


@pytest.mark.slow
def test_none_of_150_hostile_inputs_breaks_anything(tmp_path):
    folder = tmp_path / "inputs"
    folder.mkdir()
    start = time.monotonic()
    rows = list(check.run(folder))
    assert len(rows) > 300
    assert [row for row in rows if row["answer"].startswith("wrong")] == []
    assert time.monotonic() - start < 600
