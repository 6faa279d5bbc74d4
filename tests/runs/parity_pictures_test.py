"""What a run keeps of its pictures to compare exports on."""

import io
import types

import numpy as np
import pytest
from PIL import Image

from fgkeras.data.images.image import decode
from fgkeras.data.images.image import inspect
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.kept.parity_pictures import FILE
from fgkeras.runs.kept.parity_pictures import evenly
from fgkeras.runs.kept.parity_pictures import keep_pictures
from fgkeras.runs.kept.parity_pictures import kept_pictures
from fgkeras.runs.kept.parity_pictures import smaller


def encoded(width, height, kind="PNG", seed=0, noise=False):
    rng = np.random.default_rng(seed)
    shape = (height, width, 3) if noise else (5, 7, 3)
    image = Image.fromarray(rng.integers(0, 256, shape).astype("uint8"))
    data = io.BytesIO()
    image.resize((width, height), Image.BICUBIC).save(data, kind)
    return data.getvalue()


class Images(types.SimpleNamespace):
    def __len__(self):
        return len(self.ids)


def images(count, split="test", **options):
    data = [encoded(40, 30, seed=i, **options) for i in range(count)]
    return Images(
        encoded=data,
        ids=tuple(f"{split}/{i}" for i in range(count)),
        split=split,
        view=types.SimpleNamespace(resize=32),
    )


def test_pictures_come_back_as_they_were(tmp_path):
    folder, test = RunFolder(tmp_path), images(40)
    keep_pictures(folder, None, test, images(3, "train"))
    kept = kept_pictures(folder)
    places = evenly(40, 32)
    assert list(kept) == [test.encoded[i] for i in places]
    assert (places[0], places[-1], len(set(places))) == (0, 39, 32)
    with np.load(folder / FILE) as file:
        assert file["ids"].tolist() == [f"test/{i}" for i in places]
        assert str(file["split"]) == "test"
    first = (folder / FILE).read_bytes()
    keep_pictures(folder, test)
    assert (folder / FILE).read_bytes() == first


def test_the_next_part_where_one_is_empty(tmp_path):
    folder = RunFolder(tmp_path)
    keep_pictures(folder, images(0), None, images(2, "train"))
    assert len(kept_pictures(folder)) == 2


def test_none_of_a_run_of_an_earlier_version(tmp_path):
    assert kept_pictures(RunFolder(tmp_path)) == ()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_small_picture_is_kept_as_it_is(kind):
    data = encoded(90, 64, kind)
    assert smaller(data, 64) is data


def test_of_a_large_picture_its_central_square_is_kept():
    data = encoded(600, 300)
    found = smaller(data, 64)
    about = inspect(found)
    assert (about.format, about.width, about.height) == ("jpeg", 64, 64)
    square = decode(data)[:, 150:450]
    wanted = np.asarray(Image.fromarray(square).resize((64, 64)), "float64")
    assert np.abs(decode(found) - wanted).mean() < 4
    assert smaller(data, 64) == found


def test_a_turned_picture_is_kept_upright():
    image = Image.open(io.BytesIO(encoded(300, 600, "JPEG")))
    turned, data = Image.Exif(), io.BytesIO()
    turned[0x0112] = 6
    image.save(data, "JPEG", exif=turned)
    found = smaller(data.getvalue(), 64)
    assert inspect(found).orientation == 1
    wanted = decode(data.getvalue())[:, 150:450]
    wanted = np.asarray(Image.fromarray(wanted).resize((64, 64)), "float64")
    assert np.abs(decode(found) - wanted).mean() < 6


def test_noise_and_long_strips_become_small_enough():
    for data in (encoded(900, 900, noise=True), encoded(20_000, 3)):
        assert len(smaller(data, 1024)) <= 131_072


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.pop("lengths"),
        lambda a: a.update(lengths=a["lengths"] + 1),
        lambda a: a.update(content=a["content"].astype("float32")),
        lambda a: a.update(lengths=np.array(["a"])),
    ],
)
def test_a_damaged_file_is_refused_by_name(tmp_path, change):
    folder = RunFolder(tmp_path)
    keep_pictures(folder, images(2))
    with np.load(folder / FILE) as file:
        arrays = dict(file)
    change(arrays)
    np.savez(folder / FILE, **arrays)
    with pytest.raises(ValueError, match=f"{FILE}.*damaged"):
        kept_pictures(folder)


def test_a_cut_file_is_refused_by_name(tmp_path):
    folder = RunFolder(tmp_path)
    keep_pictures(folder, images(2))
    data = (folder / FILE).read_bytes()
    for part in (data[:200], b"", b"text"):
        (folder / FILE).write_bytes(part)
        with pytest.raises(ValueError, match=f"{FILE}.*damaged"):
            kept_pictures(folder)
