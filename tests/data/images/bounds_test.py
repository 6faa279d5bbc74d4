"""Small files that are made to take minutes or gigabytes are refused."""

import struct
import subprocess
import sys
import time
import zlib

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from experiments.hostile_inputs import largest
from fgkeras.data.images import image as image_lib
from fgkeras.data.images.decode import decode_batch_guarded
from fgkeras.data.images.decode_header import jpeg_orientation
from tests.data import pictures
from tests.data.flavours import flavours
from tests.data.flavours import unserved

GOOD, UNSERVED = flavours(), unserved()
SIDE = 4096


def segments(count):
    jpeg = GOOD["jpeg turned 6"]
    return jpeg[:2] + b"\xff\xe2\x00\x02" * count + jpeg[2:]


def comments(count):
    gif = GOOD["gif"]
    at = 13 + 3 * 2 ** ((gif[10] & 7) + 1)
    return gif[:at] + b"\x21\xfe" + b"\x01a" * count + b"\0" + gif[at:]


def scans(count):
    """A progressive JPEG that goes over its pixels once and again."""
    gray = Image.new("RGB", (SIDE, SIDE))
    jpeg = pictures.encoded(gray, progressive=True)
    start = jpeg.index(b"\xff\xda", jpeg.index(b"\xff\xda") + 2)
    end = min(
        jpeg.index(mark, start + 2) for mark in (b"\xff\xda", b"\xff\xc4")
    )
    return jpeg[:-2] + jpeg[start:end] * count + jpeg[-2:]


def chunks(count):
    png = GOOD["png"]
    return png[:33] + pictures.chunk(b"tEXt", b"a\0b") * count + png[33:]


def webp():
    size = 2 * (16382).to_bytes(3, "little")
    head = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0"
    return b"RIFF" + struct.pack("<I", 26) + b"WEBP" + head + size + b"VP8 "


BOMBS = {
    "segments": (lambda: segments(60_000), "more than 1,000 segments"),
    "comments": (lambda: comments(1_000_000), "50,000 blocks of data; save it"),
    "scans": (lambda: scans(100), "scans of 4096 x 4096 pixels would take"),
    "chunks": (lambda: chunks(100_000), "more than 1,000 chunks"),
    "webp": (webp, "16383 x 16383 pixels.*make it smaller"),
}


@pytest.fixture(scope="module")
def graph():
    """A decoder that is served, made and warm."""
    found = tf.function(
        lambda data: decode_batch_guarded(data, 24)[1],
        [tf.TensorSpec((None,), tf.string)],
    )
    assert found([GOOD["jpeg"]]).numpy().all()
    return found


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_by_name_at_once(name, graph):
    make, reason = BOMBS[name]
    data = make()
    start = time.process_time()
    for use in (image_lib.inspect, image_lib.decode, image_lib.normalize):
        with pytest.raises(image_lib.BadImage, match=reason):
            use(data)
    assert time.process_time() - start < 1
    assert graph([data, GOOD["gif"]]).numpy().tolist() == [False, True]
    assert time.process_time() - start < 4


@pytest.mark.parametrize(
    "data", [segments(500), comments(10_000), scans(1), chunks(500)]
)
def test_what_is_only_long_is_read(data, graph):
    assert graph([data]).numpy().all()
    assert image_lib.decode(data).ndim == 3


def claims(name, wide, high):
    """A picture whose header claims another size."""
    data = bytearray(GOOD.get(name) or UNSERVED[name])
    if name == "png":
        struct.pack_into(">II", data, 16, wide, high)
    elif name == "jpeg":
        struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, high, wide)
    elif name == "bmp":
        struct.pack_into("<II", data, 18, wide, high)
    elif name == "gif":
        struct.pack_into("<HH", data, 6, wide, high)
    elif name == "webp lossless":
        struct.pack_into("<I", data, 21, (wide - 1) | (high - 1) << 14)
    else:
        (at,) = struct.unpack_from("<I", data, 4)
        for entry in range(at + 2, len(data) - 12, 12):
            (tag,) = struct.unpack_from("<H", data, entry)
            if tag in (256, 257):
                size = wide if tag == 256 else high
                struct.pack_into("<HII", data, entry + 2, 4, 1, size)
    return bytes(data)


@pytest.mark.parametrize("size", [(12000, 9000), (16000, 16000)])
def test_too_many_pixels_are_refused_alike(size):
    # A phone's 108 million, and more than Pillow's own limit.
    said = set()
    for name in ("png", "jpeg", "bmp", "gif", "tiff"):
        for use in (image_lib.inspect, image_lib.verify, image_lib.normalize):
            with pytest.raises(image_lib.BadImage) as caught:
                use(claims(name, *size))
            said.add(str(caught.value))
    (text,) = said
    assert text.startswith("{} x {} pixels are more than the".format(*size))
    assert "max_pixels" not in text


@pytest.mark.parametrize("lossless", [False, True])
def test_the_largest_webp_takes_less_than_a_gigabyte(tmp_path, lossless):
    # In proportion: a smaller one takes as much a pixel.
    side, path = 2400, tmp_path / "x.webp"
    options = {"method": 0, "lossless": lossless, "quality": 0}
    largest.pattern(side).save(path, **options)
    megabytes, _ = largest.apart(lambda: largest.looked_at(path))
    largest_webp = 56_000_000
    assert megabytes * largest_webp / side**2 < 1000
    high = largest_webp // 8000
    assert image_lib.inspect(claims("webp lossless", 8000, high))
    with pytest.raises(image_lib.BadImage, match="the 56,000,000 allowed"):
        image_lib.inspect(claims("webp lossless", 8000, high + 1))


def test_no_message_names_an_option_that_no_verb_has():
    with pytest.raises(image_lib.BadImage) as caught:
        image_lib.inspect(pictures.huge_png())
    assert "max_pixels" not in str(caught.value)
    assert "make it smaller" in str(caught.value)


@pytest.mark.parametrize("color", [0, 2, 3, 4, 6])
@pytest.mark.parametrize("missing", [0, 1])
def test_a_png_with_too_few_rows_is_bad(color, missing):
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    rows = b"".join(b"\0" + bytes(6 * channels) for _ in range(5 - missing))
    header = struct.pack(">IIBBBBB", 6, 5, 8, color, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    if color == 3:
        parts.insert(1, (b"PLTE", bytes(3)))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        pictures.chunk(*part) for part in parts
    )
    for use in (image_lib.verify, image_lib.decode, image_lib.normalize):
        if missing:
            with pytest.raises(image_lib.BadImage, match="rows are missing"):
                use(data)
        else:
            use(data)


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (17, 9)])
def test_an_interlaced_png_has_all_its_rows(size):
    pixels = np.zeros((*size, 3), "uint8")
    data = tf.io.encode_png(pixels).numpy()
    assert image_lib.verify(data)
    # Seven passes over an image of one colour: each row is of zeros.
    high, wide = size
    rows = b""
    for left, top, right, down in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        columns = len(range(left, wide, right))
        if columns:
            rows += bytes(1 + 3 * columns) * len(range(top, high, down))
    header = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 1)
    for body, good in ((rows, True), (rows[:-1], False)):
        data = b"\x89PNG\r\n\x1a\n" + b"".join(
            pictures.chunk(*part)
            for part in (
                (b"IHDR", header),
                (b"IDAT", zlib.compress(body)),
                (b"IEND", b""),
            )
        )
        if good:
            assert (image_lib.decode(data) == 0).all()
        else:
            with pytest.raises(image_lib.BadImage, match="cut or damaged"):
                image_lib.verify(data)


def test_a_jpeg_without_its_end_is_bad():
    good = GOOD["jpeg"]
    pixels = good.index(b"\xff\xda") + 14
    for data in (
        good[:-1] + b"\xec",
        # A segment among the pixels that is longer than the rest.
        good[: pixels + 20] + b"\xff\xe7\xa5" + good[pixels + 23 :],
    ):
        for use in (image_lib.verify, image_lib.decode, image_lib.normalize):
            with pytest.raises(image_lib.BadImage, match="cut or damaged"):
                use(data)
        with pytest.raises(tf.errors.InvalidArgumentError):
            tf.io.decode_jpeg(data)


def test_a_damaged_exif_block_turns_nothing_anywhere():
    data = GOOD["jpeg turned 6"]
    at = data.index(b"Exif\0\0") + 6
    for mark in (b"VM", b"IM", b"MI"):
        changed = data[:at] + mark + data[at + 2 :]
        assert image_lib.inspect(changed).orientation == 1
        assert int(jpeg_orientation(changed)) == 1


def test_what_libpng_refuses_is_bad():
    good = GOOD["png"]
    assert image_lib.normalize(good) is good
    at = good.index(b"IDAT")
    flipped = bytearray(good)
    flipped[at + 8] ^= 1  # of the checksum that follows, or the pixels
    unknown = good[:33] + pictures.chunk(b"NOPE", b"") + good[33:]
    for data, reason in (
        (good[:-12], "its end is missing"),
        (good[:-1], "a chunk is damaged|its end is missing"),
        (bytes(flipped), "cut or damaged"),
        (unknown, "NOPE"),
    ):
        with pytest.raises(image_lib.BadImage, match=reason):
            image_lib.verify(data)
        with pytest.raises(tf.errors.InvalidArgumentError):
            tf.io.decode_png(data)


@pytest.mark.parametrize("side", [1, 700, 1500])
def test_a_large_png_of_one_colour_is_whole(side):
    for level in (1, 9):
        image = Image.new("RGB", (side, side), "red")
        data = pictures.encoded(image, "PNG", compress_level=level)
        assert image_lib.normalize(data) is data


# Decodes many large pictures at once, and prints the bytes above one.
MANY = """
import io, pathlib, resource, sys
import tensorflow as tf
from PIL import Image
from fgkeras.data.images.decode import decode_batch_guarded
out = io.BytesIO()
Image.new("RGB", (8000, 6000)).save(out, "JPEG")
graph = tf.function(
    lambda data: decode_batch_guarded(data, 24)[1],
    [tf.TensorSpec((None,), tf.string)],
)
most = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert graph([out.getvalue()]).numpy().all()
one = most()
assert graph([out.getvalue()] * 12).numpy().all()
print(1024 * (most() - one))
"""


@pytest.mark.slow
def test_twelve_large_pictures_take_no_more_than_one():
    ran = subprocess.run(
        [sys.executable, "-c", MANY], capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    # One of them has 144 MB.
    assert int(ran.stdout) < 100e6
