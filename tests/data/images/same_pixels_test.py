"""One picture is the same picture to all that decode it."""

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from PIL import ImageOps

from fgkeras.data.batches import arrays
from fgkeras.data.images import image as image_lib
from fgkeras.data.images.augment import Augmentation
from fgkeras.data.images.decode import decode_image
from fgkeras.data.images.decode_header import pixel_count
from fgkeras.report.picture import encode_picture
from tests.data.flavours import flavours
from tests.data.flavours import unserved

SERVED, UNSERVED = flavours(), unserved()
ALL = {**SERVED, **UNSERVED}


def by_viewer(data):
    """Upright pixels on white, by Pillow's own functions."""
    image = Image.open(io.BytesIO(data))
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):
        pixels = np.asarray(image) >> 8
        return np.repeat(pixels[..., None], 3, -1).astype(int)
    if image.mode == "CMYK":
        return np.asarray(image.convert("RGB")).astype(int)
    image = image.convert("RGBA")
    ground = Image.new("RGBA", image.size, "white")
    both = Image.alpha_composite(ground, image)
    return np.asarray(both.convert("RGB")).astype(int)


def apart(a, b):
    a, b = np.asarray(a).astype(int), np.asarray(b).astype(int)
    assert a.shape == b.shape
    return np.abs(a - b).max()


@pytest.fixture(scope="module")
def graph():
    """The decoder as a graph, which is made once."""
    return tf.function(decode_image, [tf.TensorSpec((), tf.string)])


@pytest.mark.parametrize("name", ALL)
def test_it_is_what_a_viewer_shows(name):
    expected = by_viewer(ALL[name])
    if name == "gif small frame":
        # Pillow paints the first colour where the frame leaves it free.
        expected[24:], expected[:, 40:] = 255, 255
    if name == "jpeg cmyk plain":
        # Pillow takes it as inverted, which it does not say that it is.
        expected = by_viewer(ALL["jpeg cmyk"])
    assert apart(image_lib.decode(ALL[name]), expected) <= 1


@pytest.mark.parametrize("name", ALL)
def test_it_is_the_same_before_and_after_it_is_made_ready(name, graph):
    data = image_lib.normalize(ALL[name])
    expected = image_lib.decode(ALL[name])
    assert apart(image_lib.decode(data), expected) == 0
    assert apart(graph(data), expected) <= 1
    assert apart(arrays.thumbnail(data), expected) == 0
    if name.startswith("jpeg") and "cmyk" not in name:
        assert data == ALL[name]
    elif name not in ("png", "png gray"):
        assert data[:4] == b"\x89PNG"
    if name.startswith(("png", "gif", "bmp", "webp", "tiff", "jpeg cmyk")):
        upright = image_lib.normalize(ALL[name], upright=True)
        assert upright == data


@pytest.mark.parametrize("name", SERVED)
def test_a_graph_alone_decodes_the_files_as_they_are(name, graph):
    expected = image_lib.decode(SERVED[name])
    assert apart(graph(SERVED[name]), expected) <= 1
    height, width, _ = expected.shape
    assert int(pixel_count(SERVED[name])) == height * width


@pytest.mark.parametrize("name", [n for n in SERVED if "turned" in n])
def test_a_training_window_is_cut_from_the_upright_picture(name):
    data = image_lib.normalize(SERVED[name])
    expected = image_lib.decode(data)
    high, wide, _ = expected.shape
    augmentation = Augmentation("random_crop", size=16, resize=16, flip=False)
    numbers = tf.constant([1.0, 0, 0, 0.3, 0.6, 0, 0, 0])
    y, x, h, w = augmentation.windows(high, wide, numbers).numpy()
    found = augmentation.apply(data, numbers)
    part = expected[y : y + h, x : x + w].astype("float32")
    wanted = tf.image.resize(part, (16, 16))
    # The fast transform and plain chroma differ by some levels.
    assert np.abs(found - wanted).mean() < 4
    info = image_lib.inspect(data)
    same = augmentation.apply(
        data, numbers, tf.constant([y, x, h, w]), None, info.orientation
    )
    np.testing.assert_array_equal(found, same)


def test_a_small_picture_of_a_report_is_upright_and_on_white():
    for name in ("jpeg turned 6", "png rgba"):
        data = image_lib.normalize(ALL[name])
        picture = encode_picture(arrays.thumbnail(data), quality=95)
        height, width, _ = image_lib.decode(data).shape
        assert (picture.width, picture.height) == (width, height)


def test_records_are_upright_and_state_their_difference():
    data = ALL["jpeg turned 6"]
    upright = image_lib.normalize(data, upright=True)
    assert image_lib.inspect(upright).orientation == 1
    difference = image_lib.decode(upright).astype(int) - image_lib.decode(data)
    assert 0 < np.abs(difference).mean() < 2


def test_colours_under_transparent_pixels_are_not_seen():
    hidden = []
    for color in ("red", "blue"):
        image = Image.new("RGBA", (8, 8), color)
        image.putalpha(0)
        out = io.BytesIO()
        image.save(out, "PNG")
        hidden.append(out.getvalue())
    assert hidden[0] != hidden[1]
    for data in hidden:
        assert (image_lib.decode(data) == 255).all()
        assert (decode_image(data).numpy() == 255).all()
    assert image_lib.normalize(hidden[0]) == image_lib.normalize(hidden[1])


@pytest.mark.parametrize(
    ("name", "lost"),
    [("png rgba", 100), ("webp", 1), ("jpeg turned 6", 1), ("jpeg cmyk", 1)],
)
def test_an_earlier_run_sees_what_it_saw(name, lost):
    old = image_lib.EARLIER_DECODER
    before = image_lib.normalize(ALL[name], decoder=old)
    kind = "png" if name == "png rgba" else "jpeg"
    assert image_lib.inspect(before).format == kind
    assert image_lib.inspect(before).orientation == 1
    expected = image_lib.decode(ALL[name])
    assert apart(image_lib.decode(before), expected) >= lost
    if name == "png rgba":
        with Image.open(io.BytesIO(ALL[name])) as image:
            assert apart(image_lib.decode(before), image.convert("RGB")) == 0
        assert apart(decode_image(ALL[name], old), image.convert("RGB")) == 0
