"""What the metadata say of pixels is what is done to them."""

import io

import numpy as np
import pytest
from PIL import Image

from fgkeras.data.images.decode import decode_for_evaluation
from fgkeras.data.images.image import DECODER_VERSION
from fgkeras.export.preprocessing import dtype_of
from fgkeras.export.preprocessing import preprocessing
from tests.export.conftest import picture


def triangles(side, size):
    """Bilinear, antialiased, as its words say, for a side made smaller."""
    ratio = side / size
    place = (np.arange(side) + 0.5) / ratio
    far = np.abs(place[None] - (np.arange(size) + 0.5)[:, None])
    weights = np.maximum(0, 1 - far)
    return weights / weights.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("resize", [None, 29])
def test_its_steps_give_the_pixels(resize):
    data = picture(3, "PNG", width=61, height=46)
    about = preprocessing(24, resize, DECODER_VERSION)
    pixels = np.asarray(Image.open(io.BytesIO(data)), "float64")
    side = min(pixels.shape[:2])
    top, left = ((n - side) // 2 for n in pixels.shape[:2])
    square = pixels[top : top + side, left : left + side]
    matrix = triangles(side, about["resize"])
    small = np.einsum("ij,jkc,lk->ilc", matrix, square, matrix)
    margin, size = about["margin"], about["size"]
    crop = small[margin : margin + size, margin : margin + size]
    expected = np.asarray(decode_for_evaluation(data, 24, resize))
    np.testing.assert_allclose(crop, expected, atol=2e-3)


def test_types_have_short_names():
    assert [dtype_of(name) for name in ("float", "uint8")] == [
        "float32",
        "uint8",
    ]
    with pytest.raises(ValueError, match="--input.*'int8'"):
        dtype_of("int8")


def test_it_says_of_boxes_what_a_caller_has_to_do():
    assert "boxes" not in preprocessing(24, None, DECODER_VERSION)
    about = preprocessing(24, None, DECODER_VERSION, box_margin=0.25)["boxes"]
    assert about["margin"] == 0.25
    assert (
        "the box of what they show and 25 % of it on each side"
        in (about["note"])
    )
    alone = preprocessing(24, None, DECODER_VERSION, box_margin=0.0)["boxes"]
    assert "%" not in alone["note"]
