import base64
import io

import numpy as np
import pytest
from PIL import Image

from fgkeras.report.picture import Thumbnails
from fgkeras.report.picture import encode_picture


def opened(picture):
    head, _, code = picture.uri.partition(",")
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(code)))


@pytest.mark.parametrize(
    "mode", ["RGB", "L", "1", "P", "RGBA", "LA", "CMYK", "I;16", "F"]
)
def test_every_mode_becomes_a_small_jpeg(mode):
    image = opened(encode_picture(Image.new(mode, (300, 200))))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (96, 64))


def test_small_images_keep_their_size_and_the_original_its_own():
    image = Image.new("RGB", (32, 20))
    assert (encode_picture(image).width, image.size) == (32, (32, 20))
    large = Image.new("RGB", (320, 20))
    assert encode_picture(large).height == 6
    assert large.size == (320, 20)


def test_transparent_becomes_white():
    image = opened(encode_picture(Image.new("RGBA", (9, 9), (0, 0, 0, 0))))
    assert np.asarray(image).min() > 250


def test_each_image_is_asked_for_once():
    asked = []

    def load(index):
        asked.append(index)
        return Image.new("RGB", (9, 9)) if index else None

    images = Thumbnails(load)
    assert images(1) == images(1)
    assert images(0) is None
    assert images(0) is None
    assert images(None) is None
    assert asked == [1, 0]
