import hashlib

import pytest

from fgkeras.bootstrap.ingest import KeptPictures
from fgkeras.bootstrap.ingest.kept_pictures import Changed
from fgkeras.data.images.image import BadImage
from tests.data.flavours import flavours
from tests.data.pictures import jpeg


class Files:
    """A source whose bytes can be changed."""

    def __init__(self, files):
        self.files, self.read_times = files, 0

    def read(self, name):
        self.read_times += 1
        return self.files[name]


def row_of(data, name="a.jpg"):
    digest = hashlib.sha256(data).hexdigest()
    return {"origin": "pool", "name": name, "sha256": digest}


def test_bytes_are_what_was_looked_at(tmp_path):
    source = Files({"a.jpg": jpeg(1)})
    pictures = KeptPictures(tmp_path, {"pool": source})
    row = row_of(jpeg(1))
    assert pictures.read(row) == jpeg(1)
    source.files["a.jpg"] = jpeg(2)
    for ask in (pictures.read, pictures.keep):
        with pytest.raises(Changed, match="'a.jpg'.*changed since"):
            ask(row)
    assert pictures.place(row["sha256"]) is None
    source.files["a.jpg"] = jpeg(1)
    path = pictures.keep(row)
    assert path.read_bytes() == jpeg(1)
    # Kept once, the source may go.
    source.files.clear()
    assert pictures.read(row) == jpeg(1)
    assert pictures.keep(row) == path
    path.write_bytes(jpeg(3))
    with pytest.raises(Changed):
        pictures.read(row)


def test_a_source_is_opened_when_it_is_read(tmp_path):
    opened = []

    def open_it():
        opened.append(1)
        return Files({"a.jpg": jpeg(1)})

    pictures = KeptPictures(tmp_path, {"pool": open_it})
    assert not opened
    for _ in range(2):
        pictures.read(row_of(jpeg(1)))
    assert opened == [1]


def test_copies_of_one_file_have_names_of_their_own(tmp_path):
    pictures = KeptPictures(tmp_path, {"pool": Files({"a.jpg": jpeg(1)})})
    row = row_of(jpeg(1))
    paths = [pictures.keep(row, copy) for copy in (0, 1, 2, 1)]
    assert paths[1] == paths[3]
    assert len(set(paths)) == 3
    assert {path.read_bytes() for path in paths} == {jpeg(1)}
    assert pictures.place(row["sha256"]) == paths[0]


def test_the_name_says_the_content_and_not_the_file(tmp_path):
    name = "../<script>.html"
    pictures = KeptPictures(tmp_path, {"pool": Files({name: jpeg(1)})})
    row = row_of(jpeg(1), name)
    path = pictures.keep(row)
    assert path.name == f"{row['sha256']}.jpg"
    assert path.is_relative_to(tmp_path / "images")


@pytest.mark.parametrize("sha256", ["", "../x", "a" * 63, "/" * 64])
def test_what_was_not_read_has_no_place(tmp_path, sha256):
    pictures = KeptPictures(tmp_path, {"pool": Files({"a": b""})})
    row = {"origin": "pool", "name": "a", "sha256": sha256}
    for ask in (pictures.read, pictures.keep):
        with pytest.raises(BadImage, match="was not read"):
            ask(row)


@pytest.mark.parametrize("flavour", sorted(flavours()))
def test_every_kind_of_file_is_kept_and_found(tmp_path, flavour):
    data = flavours()[flavour]
    pictures = KeptPictures(tmp_path, {"pool": Files({"a.jpg": data})})
    row = row_of(data)
    assert pictures.keep(row).read_bytes() == data
    assert pictures.place(row["sha256"]) == pictures.keep(row)
