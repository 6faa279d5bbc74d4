import io
import struct

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from PIL import ImageOps

from fgkeras.data.images.decode import decode_batch_guarded
from fgkeras.data.images.decode import decode_for_evaluation
from fgkeras.data.images.decode import decode_image
from fgkeras.data.images.decode_gif import first_gif_frame
from fgkeras.data.images.decode_header import jpeg_orientation
from fgkeras.data.images.decode_header import pixel_count


def encode(kind, width=48, height=32, mode="RGB", seed=0, **options):
    """A smooth picture whose corners differ, so that turning it shows."""
    coarse = np.random.default_rng(seed).integers(0, 255, (3, 4, 3))
    image = Image.fromarray(coarse.astype("uint8")).resize((width, height))
    data = io.BytesIO()
    image.convert(mode).save(data, kind, **options)
    return data.getvalue()


def with_orientation(tag, order="<", before=b"", count=1):
    """A JPEG with a hand-written Exif directory of `count` entries."""
    jpeg = encode("JPEG")
    entries = [struct.pack(order + "HHII", 0x010F, 2, 4, 0)] * (count - 1)
    entries.append(struct.pack(order + "HHIHH", 0x0112, 3, 1, tag, 0))
    mark = b"II*\0" if order == "<" else b"MM\0*"
    tiff = mark + struct.pack(order + "I", 8)
    tiff += struct.pack(order + "H", count) + b"".join(entries) + b"\0" * 4
    exif = b"Exif\0\0" + tiff
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    return jpeg[:2] + before + segment + jpeg[2:]


def pillow(data):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    return np.asarray(image.convert("RGB")).astype(int)


def png_bomb():
    data = io.BytesIO()
    Image.new("1", (20000, 20000)).save(data, "PNG")
    return data.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_decodes_what_pillow_decodes(kind, mode):
    data = encode(kind, mode=mode)
    image = decode_image(data)
    assert image.dtype == tf.uint8
    np.testing.assert_allclose(image.numpy().astype(int), pillow(data), atol=1)
    assert int(pixel_count(data)) == 48 * 32


@pytest.mark.parametrize("tag", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
def test_turns_as_exif_asks(tag, order):
    data = with_orientation(tag, order)
    image = decode_image(data).numpy()
    assert image.shape == ((32, 48, 3) if tag < 5 else (48, 32, 3))
    np.testing.assert_allclose(image.astype(int), pillow(data), atol=1)


def test_finds_exif_behind_other_segments():
    comment = b"\xff\xfe\x00\x05abc"
    xmp = b"\xff\xe1\x00\x10http://ns.ad/\0"
    data = with_orientation(6, before=comment + xmp, count=7)
    assert int(jpeg_orientation(data)) == 6


@pytest.mark.parametrize("tag", [0, 9, 65535])
def test_impossible_orientation_is_upright(tag):
    assert int(jpeg_orientation(with_orientation(tag))) == 1


def test_broken_exif_never_raises():
    data = with_orientation(6)
    for i in range(2, 52):
        for value in (0, 0xFF):
            changed = data[:i] + bytes([value]) + data[i + 1 :]
            assert 1 <= int(jpeg_orientation(changed)) <= 8
        assert 1 <= int(jpeg_orientation(data[:i])) <= 8


def test_evaluation_crop_matches_pillow():
    data = encode("PNG", 90, 60)
    image = decode_for_evaluation(data, 20, resize=24)
    assert image.dtype == tf.float32
    whole = Image.open(io.BytesIO(data)).crop((15, 0, 75, 60))
    expected = np.asarray(whole.resize((24, 24), Image.Resampling.BILINEAR))
    expected = expected[2:22, 2:22].astype(float)
    np.testing.assert_allclose(image, expected, atol=1)


def test_evaluation_keeps_an_image_of_the_right_size():
    data = encode("PNG", 32, 32)
    image = decode_for_evaluation(data, 32)
    np.testing.assert_array_equal(image, pillow(data))


def test_evaluation_of_a_very_long_image_needs_little_memory():
    image = decode_for_evaluation(encode("PNG", 60000, 1), 64)
    assert image.shape == (64, 64, 3)


def test_evaluation_shape_is_static():
    spec = [tf.TensorSpec((), tf.string)]
    graph = tf.function(lambda x: decode_for_evaluation(x, 8, 9), spec)
    assert graph.get_concrete_function().output_shapes == (8, 8, 3)


@pytest.mark.parametrize("size", [0, -1, 2.5])
def test_size_is_checked(size):
    with pytest.raises(ValueError, match=f"size={size}"):
        decode_for_evaluation(encode("PNG"), size)


def test_resize_is_checked():
    with pytest.raises(ValueError, match="resize=7, size=8"):
        decode_batch_guarded([b""], 8, 7)


def test_guard_spoils_bad_rows_only():
    good = encode("JPEG", 300, 200)
    bad = [
        b"garbage",
        b"",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"BM",
        png_bomb(),
        encode("PNG")[:-40],
        encode("WEBP"),
    ]
    images, valid = decode_batch_guarded([*bad, good], 16)
    assert valid.numpy().tolist() == [False] * len(bad) + [True]
    np.testing.assert_array_equal(images[:-1], np.zeros((len(bad), 16, 16, 3)))
    alone = decode_for_evaluation(good, 16)
    np.testing.assert_array_equal(images[-1], alone)


def test_guard_keeps_the_order_of_rows():
    files = [encode("JPEG", 40 + i, 30, seed=i) for i in range(20)]
    images, valid = decode_batch_guarded(files, 8)
    assert valid.numpy().all()
    for image, data in zip(images, files, strict=True):
        np.testing.assert_array_equal(image, decode_for_evaluation(data, 8))


def test_guard_takes_an_empty_batch():
    images, valid = decode_batch_guarded(tf.zeros((0,), tf.string), 8)
    assert images.shape == (0, 8, 8, 3)
    assert valid.shape == (0,)


def big_headers():
    jpeg = bytearray(encode("JPEG"))
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", 60000, 60000)
    bmp = bytearray(encode("BMP"))
    bmp[18:26] = struct.pack("<ii", 60000, -60000)
    png = bytearray(encode("PNG"))
    png[16:24] = struct.pack(">II", 60000, 60000)
    canvas = bytearray(encode("GIF"))
    canvas[6:10] = struct.pack("<HH", 60000, 60000)
    frame = bytearray(encode("GIF"))
    at = frame.index(b"\x2c\0\0\0\0\x30\0\x20\0")
    frame[at + 5 : at + 9] = struct.pack("<HH", 60000, 60000)
    files = {"jpeg": jpeg, "bmp": bmp, "png": png}
    files |= {"canvas": canvas, "frame": frame}
    return {name: bytes(data) for name, data in files.items()}


@pytest.mark.parametrize("name", ["jpeg", "bmp", "png", "canvas", "frame"])
def test_headers_tell_big_images(name):
    data = big_headers()[name]
    assert int(pixel_count(data)) == 60000 * 60000
    assert not decode_batch_guarded([data], 8)[1].numpy().any()


@pytest.mark.slow
def test_limits_are_inclusive():
    data = encode("PNG", 48, 32)
    for limit, expected in ((48 * 32, True), (48 * 32 - 1, False)):
        _, valid = decode_batch_guarded([data], 8, max_pixels=limit)
        assert valid.numpy().tolist() == [expected]
    for limit, expected in ((len(data), True), (len(data) - 1, False)):
        _, valid = decode_batch_guarded([data], 8, max_bytes=limit)
        assert valid.numpy().tolist() == [expected]


def test_only_the_first_frame_of_a_gif_is_kept():
    frames = [Image.new("RGB", (30, 20), c) for c in ("red", "blue", "lime")]
    data = io.BytesIO()
    frames[0].save(
        data, "GIF", save_all=True, append_images=frames[1:], comment=b"x" * 700
    )
    first = first_gif_frame(data.getvalue()).numpy()
    assert Image.open(io.BytesIO(first)).n_frames == 1
    image = decode_image(data.getvalue()).numpy()
    assert (image == [255, 0, 0]).all()
