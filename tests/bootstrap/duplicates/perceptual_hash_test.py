import io
import json
import pathlib

import numpy as np
import pytest
from PIL import Image
from scipy.fft import dctn

from fgkeras.bootstrap.duplicates import perceptual_hash

GOLDEN = pathlib.Path(__file__).parents[2] / "golden" / "phash.json"


def recorded():
    rows = json.loads(GOLDEN.read_text(encoding="utf-8"))["pictures"]
    levels = [np.frombuffer(bytes.fromhex(r["levels"]), "uint8") for r in rows]
    return rows, np.reshape(levels, (-1, 32, 32))


def test_is_what_imagehash_found():
    rows, levels = recorded()
    found = perceptual_hash(levels)
    assert found.dtype == np.uint64
    for (plain, mirrored), row in zip(found.tolist(), rows, strict=True):
        assert f"{plain:016x}" == row["hash"]
        assert f"{mirrored:016x}" == row["mirrored"]


def test_is_the_definition_bit_by_bit():
    pictures = np.random.default_rng(0).uniform(0, 255, (5, 32, 32))
    for picture, (plain, _) in zip(
        pictures, perceptual_hash(pictures).tolist(), strict=True
    ):
        low = dctn(picture)[:8, :8]
        bits = [low[u, v] > np.median(low) for u in range(8) for v in range(8)]
        assert plain == sum(int(bit) << (63 - i) for i, bit in enumerate(bits))


def test_mirrored_twice_is_the_picture():
    _, levels = recorded()
    found = perceptual_hash(levels)
    turned = perceptual_hash(levels[:, :, ::-1])
    assert (found == turned[:, ::-1]).all()
    assert (found[:, 0] != found[:, 1]).any()


def test_copies_are_near_and_others_far():
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 256, (9, 9)).astype("uint8")
    large = Image.fromarray(coarse).resize((200, 160), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    large.resize((150, 120)).save(file, "JPEG", quality=40)
    copies = [large, Image.open(file), large.point(lambda v: 30 + 0.8 * v)]
    other = rng.integers(0, 256, (9, 9)).astype("uint8")
    copies.append(Image.fromarray(other).resize((200, 160)))
    small = [c.resize((32, 32), Image.Resampling.LANCZOS) for c in copies]
    plain = perceptual_hash(np.stack([np.asarray(s) for s in small]))[:, 0]
    bits = np.bitwise_count(plain[0] ^ plain)
    assert (bits[:3] <= 4).all()
    assert bits[3] > 10


@pytest.mark.parametrize("level", [0, 1, 90, 254.3, 255])
def test_pictures_of_one_colour_are_one(level):
    found = perceptual_hash(np.full((1, 32, 32), level))
    expected = 0 if level == 0 else 1 << 63
    assert found.tolist() == [[expected, expected]]


def test_rounding_is_no_frequency():
    """Of a gradient from top to bottom half the frequencies are 0."""
    ends = np.linspace(20, 250, 24)
    ramps = np.linspace(3.3, ends, 32, axis=1)
    pictures = np.repeat(ramps[:, :, None], 32, axis=2)
    assert len(np.unique(perceptual_hash(pictures))) == 1


def test_refuses():
    assert perceptual_hash(np.zeros((0, 32, 32))).shape == (0, 2)
    for wrong in (
        np.zeros((2, 16, 16)),
        np.zeros((32, 32)),
        np.full((1, 32, 32), np.nan),
        np.full((1, 32, 32), "a"),
    ):
        with pytest.raises(ValueError, match="32 x 32"):
            perceptual_hash(wrong)
