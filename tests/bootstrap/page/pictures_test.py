import hashlib
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from fgkeras.bootstrap.page.pictures import SIZES
from fgkeras.bootstrap.page.pictures import NoPicture
from fgkeras.bootstrap.page.pictures import PictureChanged
from fgkeras.bootstrap.page.pictures import Pictures
from fgkeras.data.images import image
from tests.bootstrap.page.project import Project
from tests.bootstrap.page.project import picture


def row_of(data, name="a.jpg"):
    return {"sha256": hashlib.sha256(data).hexdigest(), "name": name}


def saved(pixels, kind="JPEG", **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def smooth(height, width):
    """A picture that is bright at its upper left, and there alone."""
    y, x = np.mgrid[:height, :width]
    level = 255 * np.exp(-3 * (y / height + x / width))
    return np.repeat(level[..., None], 3, 2).astype("uint8")


def one(folder, data):
    pictures = Pictures(lambda row: data, folder)
    return pictures, row_of(data)


@pytest.mark.parametrize("size", SIZES)
def test_the_longest_side_is_that_of_the_size_and_never_more(tmp_path, size):
    side = SIZES[size][0]
    pictures, row = one(tmp_path, saved(smooth(side // 2, side + 300)))
    found = image.inspect(pictures.jpeg(row, size))
    assert found.format == "jpeg"
    assert max(found.upright_size) == side
    pictures, row = one(tmp_path, saved(smooth(20, 30)))
    assert image.inspect(pictures.jpeg(row, size)).upright_size == (30, 20)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pixels_are_those_that_the_model_sees(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(smooth(60, 100), quality=98, exif=exif)
    pictures, row = one(tmp_path, data)
    shown = image.decode(pictures.jpeg(row)).astype(int)
    seen = image.decode(data).astype(int)
    assert shown.shape == seen.shape
    assert abs(shown - seen).max() <= 8


def test_what_is_sent_is_never_the_file_and_keeps_nothing_of_it(tmp_path):
    exif = Image.Exif()
    exif[0x010E] = "where it was taken"
    data = saved(smooth(40, 40), exif=exif) + b"<script>"
    pictures, row = one(tmp_path, data)
    sent = pictures.jpeg(row)
    assert sent != data
    assert b"taken" not in sent
    assert b"script" not in sent


def test_a_thumbnail_is_made_once(tmp_path):
    data = picture(1)
    reads = []
    pictures = Pictures(lambda row: reads.append(1) or data, tmp_path)
    first = pictures.jpeg(row_of(data), "tile")
    assert pictures.jpeg(row_of(data), "tile") == first
    assert len(reads) == 1
    pictures.prepare(row_of(data), "tile")
    assert len(reads) == 1
    pictures.prepare(row_of(data), "card")
    assert len(reads) == 2


def test_a_thumbnail_may_be_kept_later(tmp_path):
    data, waiting = picture(1), []
    pictures = Pictures(
        lambda row: data, tmp_path, lambda *call: waiting.append(call)
    )
    sent = pictures.jpeg(row_of(data))
    assert list(tmp_path.iterdir()) == []
    for keep, *arguments in waiting:
        keep(*arguments)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [sent]


def test_a_full_disk_shows_pictures_all_the_same(tmp_path, monkeypatch):
    pictures, row = one(tmp_path, picture(1))

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert image.inspect(pictures.jpeg(row)).format == "jpeg"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_swapped_is_not_shown(tmp_path):
    pictures = Pictures(lambda row: picture(2), tmp_path)
    with pytest.raises(PictureChanged, match="stays the file"):
        pictures.jpeg(row_of(picture(1)))
    assert list(tmp_path.iterdir()) == []


def bomb():
    """A PNG that claims twenty thousand pixels a side."""
    head = struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(2501 * 20_000), 9)

    def chunk(name, data):
        check = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(
            ">I", check
        )  # fmt: skip

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html><script>alert(1)</script>",
        saved(smooth(90, 90))[:900],
        bomb(),
    ],
    ids=["empty", "svg", "html", "cut", "bomb"],
)
def test_what_is_no_whole_picture_is_not_shown(tmp_path, data):
    pictures, row = one(tmp_path, data)
    with pytest.raises(NoPicture):
        pictures.jpeg(row)
    pictures.prepare(row, "tile")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "BMP", "TIFF"])
def test_other_kinds_are_sent_as_jpeg(tmp_path, kind):
    pictures, row = one(tmp_path, saved(smooth(30, 40), kind))
    assert image.inspect(pictures.jpeg(row)).format == "jpeg"


def test_a_size_is_one_of_three(tmp_path):
    pictures, row = one(tmp_path, picture(1))
    with pytest.raises(ValueError, match="size='../x'"):
        pictures.jpeg(row, "../x")


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("pictures"))
    return project, project.client()


@pytest.mark.parametrize(
    "path",
    [
        "/img/0",
        "/img/25",
        "/img/-1",
        "/img/1.5",
        "/img/../store.sqlite3",
        "/img/%2e%2e%2fstore.sqlite3",
        "/img/1%00",
        "/img/" + "9" * 40,
        "/img/oak.png",
        "/exemplar/0",
        "/exemplar/11",
        "/static/../app.py",
        "/static/app.py",
    ],
)
def test_what_is_no_number_of_a_picture_is_not_there(shown, path):
    assert shown[1].get(path).status_code in (400, 404)


def test_addresses_lead_to_pictures(shown):
    project, client = shown
    answer = client.get("/img/1?size=tile")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert image.inspect(answer.content).upright_size == (60, 40)
    assert client.get("/exemplar/1").status_code == 200
    assert client.get("/img/1?size=raw").status_code == 400


def test_a_browser_keeps_pictures_of_the_project_that_is_said(shown):
    project, client = shown
    name = project.store.setting("page_project")
    kept = client.get(f"/img/1?p={name}").headers["cache-control"]
    asked = client.get("/img/1?p=other").headers["cache-control"]
    assert "immutable" in kept
    assert asked == "private, no-cache"


def test_files_that_went_or_changed_are_said_to(tmp_path):
    project = Project(tmp_path, names=("elm",), per_class=2)
    client = project.client()
    names = dict(project.rows(
        "SELECT c.id, i.name FROM candidate AS c JOIN image AS i "
        "ON i.id = c.image"
    ))  # fmt: skip
    project.files[names[1]] = picture(7)
    del project.files[names[2]]
    assert client.get("/img/1").status_code == 409
    assert client.get("/img/2").status_code == 404
