import dataclasses
import io
import time

import numpy as np
import pytest
from PIL import Image
from PIL import ImageOps

from fgkeras.data.images import image as image_lib
from tests.data import pictures

PIXELS = pictures.pixels()


def rough(pixels):
    return np.asarray(pixels).astype("int64")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (pictures.jpeg(), ("jpeg", 32, 24, 1, "RGB")),
        (pictures.encoded(PIXELS[..., 0]), ("jpeg", 32, 24, 1, "L")),
        (
            pictures.encoded(PIXELS, progressive=True),
            ("jpeg", 32, 24, 1, "RGB"),
        ),
        (
            pictures.encoded(Image.fromarray(PIXELS).convert("CMYK")),
            ("jpeg", 32, 24, 1, "CMYK"),
        ),
        (pictures.encoded(PIXELS, "PNG"), ("png", 32, 24, 1, "RGB")),
        (
            pictures.encoded(Image.fromarray(PIXELS).convert("1"), "PNG"),
            ("png", 32, 24, 1, "1"),
        ),
        (
            pictures.encoded(np.zeros((2, 3), "uint16"), "PNG"),
            ("png", 3, 2, 1, "L;16"),
        ),
        (
            pictures.encoded(Image.fromarray(PIXELS).convert("RGBA"), "PNG"),
            ("png", 32, 24, 1, "RGBA"),
        ),
        (pictures.encoded(PIXELS, "BMP"), ("bmp", 32, 24, 1, "RGB")),
        (pictures.encoded(PIXELS, "WEBP"), ("webp", 32, 24, 1, "RGB")),
        (pictures.encoded(PIXELS, "TIFF"), ("tiff", 32, 24, 1, "RGB")),
    ],
)
def test_header_is_read(data, expected):
    info = image_lib.inspect(data)
    found = info.format, info.width, info.height, info.orientation, info.mode
    assert found == expected
    assert info.transparent == (info.mode == "RGBA")
    # Where all pixels are opaque, it is not transparent.
    found = dataclasses.replace(image_lib.verify(data), used_bits=None)
    assert found == dataclasses.replace(info, transparent=False)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_as_pillow_does(orientation):
    data = pictures.rotated_jpeg(orientation, PIXELS)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    info = image_lib.inspect(data)
    assert info.orientation == orientation
    assert info.upright_size == upright.size
    np.testing.assert_array_equal(image_lib.decode(data), upright)
    assert image_lib.normalize(data) is data
    rewritten = image_lib.normalize(data, upright=True)
    assert (rewritten == data) == (orientation == 1)
    assert image_lib.inspect(rewritten).orientation == 1
    error = rough(Image.open(io.BytesIO(rewritten))) - rough(upright)
    assert np.abs(error).mean() < 2


def test_orientation_of_a_png_and_of_damaged_exif():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = pictures.encoded(PIXELS, "PNG", exif=exif)
    assert image_lib.inspect(data).orientation == 6
    expected = np.rot90(PIXELS, -1)
    np.testing.assert_array_equal(image_lib.decode(data), expected)
    np.testing.assert_array_equal(
        Image.open(io.BytesIO(image_lib.normalize(data))), expected
    )
    jpeg = pictures.rotated_jpeg(6, PIXELS)
    at = jpeg.index(b"Exif\0\0") + 6
    for broken in (b"XX", b"II*\0\xff\xff\xff\x7f"):
        bad = jpeg[:at] + broken + jpeg[at + len(broken) :]
        assert image_lib.inspect(bad).orientation == 1


def test_upright_8_bit_images_keep_their_bytes():
    for data in (
        pictures.jpeg(),
        pictures.encoded(PIXELS[..., 0]),
        pictures.encoded(PIXELS, "PNG"),
        pictures.encoded(PIXELS[..., 0], "PNG"),
    ):
        assert image_lib.normalize(data) is data


@pytest.mark.parametrize(
    ("mode", "kind", "out"),
    [
        ("1", "PNG", "png"),
        ("P", "PNG", "png"),
        ("P", "GIF", "png"),
        ("RGB", "BMP", "png"),
        ("RGB", "TIFF", "png"),
        ("LA", "PNG", "png"),
        ("RGBA", "PNG", "png"),
        ("CMYK", "JPEG", "png"),
        ("RGB", "WEBP", "png"),
    ],
)
def test_other_kinds_are_rewritten_without_loss(mode, kind, out):
    data = pictures.encoded(Image.fromarray(PIXELS).convert(mode), kind)
    rewritten = image_lib.normalize(data)
    info = image_lib.inspect(rewritten)
    assert info.format == out
    assert info.mode in ("L", "RGB")
    before = image_lib.decode(data)
    assert before.shape == (24, 32, 3)
    np.testing.assert_array_equal(image_lib.decode(rewritten), before)


def test_16_bits_keep_the_upper_8():
    values = np.array([[0, 255, 256, 65535]], "uint16")
    data = pictures.encoded(values, "PNG")
    expected = np.array([[0, 0, 1, 255]])
    np.testing.assert_array_equal(image_lib.decode(data)[..., 1], expected)
    again = image_lib.decode(image_lib.normalize(data))
    np.testing.assert_array_equal(again[..., 1], expected)


def test_first_frame_of_an_animation():
    frames = [Image.fromarray(pictures.pixels(seed=s)) for s in range(3)]
    first = pictures.encoded(frames[0], "GIF")
    data = pictures.encoded(
        frames[0], "GIF", save_all=True, append_images=frames[1:]
    )
    np.testing.assert_array_equal(
        image_lib.decode(data), image_lib.decode(first)
    )


def test_uncommon_jpeg_codings_are_not_taken_for_plain():
    data = pictures.jpeg()
    at = data.index(b"\xff\xc0")
    twelve_bits = data[: at + 4] + b"\x0c" + data[at + 5 :]
    assert image_lib.inspect(twelve_bits).mode == "RGB;12"
    arithmetic = data[: at + 1] + b"\xc9" + data[at + 2 :]
    assert image_lib.inspect(arithmetic).mode == "RGB;sof9"


def test_data_cut_anywhere_are_bad():
    for data in (pictures.jpeg(), pictures.encoded(PIXELS, "PNG")):
        for part in (0.05, 0.3, 0.6, 0.9):
            cut = data[: int(part * len(data))]
            for use in (
                image_lib.verify,
                image_lib.decode,
                image_lib.normalize,
            ):
                with pytest.raises(image_lib.BadImage, match="cut"):
                    use(cut)


def test_a_tiny_file_of_a_huge_size_is_refused_at_once():
    data = pictures.huge_png()
    assert len(data) < 60_000
    start = time.perf_counter()
    for use in (image_lib.inspect, image_lib.decode, image_lib.normalize):
        with pytest.raises(image_lib.BadImage, match="20000 x 20000 pixels"):
            use(data)
    assert time.perf_counter() - start < 0.1
    with pytest.raises(image_lib.BadImage, match="the 767 allowed"):
        image_lib.decode(pictures.jpeg(), max_pixels=32 * 24 - 1)
    image_lib.decode(pictures.jpeg(), max_pixels=32 * 24)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"not a picture\n", "it is text"),
        (b"<!DOCTYPE html><html>", "it is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (bytes(range(128, 250)), "it is not a JPEG"),
        (b"\xff\xd8\xff", "JPEG header is cut"),
        (b"\x89PNG\r\n\x1a\n", "PNG header is cut"),
    ],
)
def test_what_is_no_image_is_named(data, reason):
    with pytest.raises(image_lib.BadImage, match=reason) as caught:
        image_lib.inspect(data)
    assert caught.value.reason == str(caught.value)


def test_random_damage_never_raises_anything_else():
    random = np.random.default_rng(0)
    for data in (
        pictures.rotated_jpeg(3, PIXELS),
        pictures.encoded(PIXELS, "PNG"),
        pictures.encoded(PIXELS, "GIF"),
        pictures.encoded(PIXELS, "WEBP"),
    ):
        for _ in range(60):
            broken = bytearray(data)
            for at in random.integers(0, min(len(data), 700), 4):
                broken[at] = random.integers(256)
            try:
                pixels = image_lib.decode(bytes(broken), max_pixels=10**6)
                assert pixels.ndim == 3
            except image_lib.BadImage:
                pass


@pytest.mark.slow
def test_headers_are_fast():
    data = pictures.jpeg()
    start = time.perf_counter()
    for _ in range(20_000):
        image_lib.inspect(data)
    assert time.perf_counter() - start < 1
