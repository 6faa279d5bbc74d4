"""16-bit pictures that use fewer bits are said, wherever they are read."""

import struct
import zlib

import numpy as np
import pytest

from fgkeras.cli.main import main
from fgkeras.data.images import image as image_lib
from fgkeras.data.images.depth import depth_notes
from fgkeras.data.images.depth import notes_of
from fgkeras.data.images.depth import used_bits
from fgkeras.data.images.encoded import load_encoded
from fgkeras.data.images.encoded import read_checked
from fgkeras.data.images.flatten import flattened
from fgkeras.data.info import describe
from fgkeras.data.open import open as open_source
from fgkeras.data.records.convert import convert
from fgkeras.jobs.audit_advice import find_problems
from tests.data import pictures


def ramp(largest, channels=1):
    """Values from 0 to `largest`, other channels a part of the first."""
    first = np.linspace(0, largest, 15 * 20).round().reshape(15, 20)
    return np.stack([first // (k + 1) for k in range(channels)], -1)


def png16(values):
    """Bytes of a PNG of 16 bits; Pillow writes gray ones alone."""
    high, wide, channels = values.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    head = struct.pack(">IIBBBBB", wide, high, 16, kind, 0, 0, 0)
    parts = (b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    chunks = [pictures.chunk(*part) for part in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def tiff16(values, order="<"):
    """Bytes of a TIFF of 16 bits a channel."""
    high, wide, channels = values.shape
    data = values.astype(f"{order}u2").tobytes()
    tags = {256: wide, 257: high, 258: 16, 259: 1}
    tags |= {262: 2 if channels > 1 else 1, 273: 0, 277: channels}
    tags |= {278: high, 279: len(data)}
    end = 8 + 2 + 12 * len(tags) + 4
    bits = struct.pack(f"{order}3H", 16, 16, 16)
    tags[273] = end + len(bits)
    out = struct.pack(f"{order}2sHIH", b"II" if order == "<" else b"MM", 42, 8,
                      len(tags))  # fmt: skip
    for tag, value in tags.items():
        if tag == 258:
            out += struct.pack(f"{order}HHI", tag, 3, channels)
            many = channels > 1
            out += struct.pack(f"{order}I", end) if many else bits[:4]
        else:
            out += struct.pack(f"{order}HHII", tag, 4, 1, value)
    return out + bytes(4) + bits + data


def with_alpha(values, alpha=65535):
    return np.concatenate([values, np.full_like(values[..., :1], alpha)], -1)


@pytest.mark.parametrize("bits", [9, 10, 12, 14, 15, 16])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_largest_value_tells_the_bits(bits, channels):
    values = ramp(2**bits - 1, channels)
    for data in (
        png16(values),
        png16(with_alpha(values)),
        tiff16(values),
        tiff16(values, ">"),
    ):
        info = image_lib.verify(data)
        assert info.used_bits == bits
        assert info.mode.endswith(";16")
        told = []
        image_lib.normalize(data, depth=told.append)
        assert told == [bits]
        largest = image_lib.decode(data)
        assert largest.max() == (2**bits - 1) >> 8


def test_pictures_of_8_bits_are_not_looked_at(monkeypatch):
    monkeypatch.setattr(image_lib, "used_bits", None)
    for data in (
        pictures.jpeg(),
        pictures.encoded(pictures.pixels(), "PNG"),
        pictures.encoded(pictures.pixels(), "WEBP"),
        pictures.encoded(pictures.pixels(), "TIFF"),
    ):
        assert image_lib.verify(data).used_bits is None
        image_lib.normalize(data, depth=1)


def test_a_note_where_most_use_fewer_bits():
    (text,) = depth_notes([12, 10, 12, 16])
    assert text.startswith("3 of 4 pictures of 16 bits use 12 of them at most")
    assert "4095" in text
    assert "16 grey values are left" in text
    assert "by 16," in text
    assert "1 grey value is left" in depth_notes([8])[0]
    # What is dark now and then, or of 15 bits, is as it should be.
    assert depth_notes([12, 16, 15, 10]) == depth_notes([]) == []
    assert used_bits(pictures.Image.new("I;16", (2, 2))) == 0


@pytest.fixture
def camera(tmp_path):
    """Two classes of 12-bit pictures, and one JPEG."""
    for i, name in enumerate(("elm", "elm", "oak", "oak")):
        path = tmp_path / "set" / name / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png16(ramp(4095 - i)))
    (tmp_path / "set" / "oak" / "9.jpg").write_bytes(pictures.jpeg())
    return tmp_path / "set"


def test_it_is_said_by_all_that_read_them(camera, capsys, tmp_path):
    note = "4 of 4 pictures of 16 bits use 12 of them at most"
    main(["data", "info", str(camera)])
    assert f"note: {note}" in capsys.readouterr().out
    found = describe(open_source(camera))
    assert any(note in text for text in find_problems(found, {}))
    out = tmp_path / "records"
    main(["data", "convert", str(camera), str(out)])
    assert f"note: {note}" in capsys.readouterr().out
    # Records hold 8 bits of them, and remember.
    assert note in open_source(out).notes[0]
    again = open_source(out)
    assert note in describe(again)["notes"][0]
    (next(out.glob("*.tfrecord*"))).unlink()
    convert(open_source(camera), out)
    assert note in open_source(out).notes[0]


@pytest.mark.parametrize("keep_bytes", [None, 0, 2**20])
def test_it_is_known_once_images_are_read(camera, keep_bytes):
    source = open_source(camera)
    if keep_bytes is not None:
        source = open_source(camera, skip_bad=True, keep_bytes=keep_bytes)
    load_encoded(source, "all")
    assert "4 of 4" in notes_of(source)[0]
    source = open_source(f"folder:{camera}+images:{camera}", needs=("images",))
    read_checked(source, "set/oak/9.jpg")
    assert notes_of(source) == []
    read_checked(source, "set-2/oak/3.png")
    assert "1 of 1" in notes_of(source)[0]
    both = f"folder:{camera}+images:{camera}"
    source = open_source(both, needs=("images",), skip_bad=True)
    assert "8 of 8" in notes_of(source)[0]


def test_a_picture_laid_on_white_is_another():
    given = pictures.Image.new("L", (1, 1), 100)
    alpha = np.array([[51]], "uint8")
    assert flattened(given, 8, alpha).getpixel((0, 0)) == 224
    assert given.getpixel((0, 0)) == 100
