import io
import sys

import numpy as np
import pytest
from PIL import Image

from fgkeras.data.images.gray_thumbnail import gray_thumbnail
from fgkeras.suspects import blankness
from fgkeras.suspects import near_copies
from fgkeras.suspects import outlyingness


def photo(seed, size=(96, 72)):
    """Coloured fields of some sizes, as an image."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0, 255, (6, 8, 3)).astype("uint8")
    image = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    fine = rng.normal(0, 12, (*size[::-1], 3))
    return Image.fromarray(
        (np.asarray(image) + fine).clip(0, 255).astype("uint8")
    )


def encoded(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def mirrored(image):
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


COPIES = {
    "png": lambda image: encoded(image),
    "jpeg": lambda image: encoded(image, "JPEG", quality=40),
    "small": lambda image: encoded(image.resize((50, 40)), "JPEG"),
    "large": lambda image: encoded(image.resize((300, 200)), "JPEG"),
    "mirrored": lambda image: encoded(mirrored(image), "JPEG"),
    "all": lambda image: encoded(
        mirrored(image).resize((60, 45)), "JPEG", quality=50
    ),
    "brighter": lambda image: encoded(image.point(lambda v: 30 + 0.8 * v)),
}


@pytest.fixture(scope="module")
def levels():
    return np.stack([gray_thumbnail(encoded(photo(i))) for i in range(60)])


@pytest.mark.parametrize("kind", COPIES)
def test_a_copy_is_found_and_nothing_else(levels, kind):
    copy = gray_thumbnail(COPIES[kind](photo(17)))
    found = near_copies(np.concatenate([levels, copy[None]]))
    assert found.pairs.tolist() == [[17, 60]]
    assert found.mirrored.tolist() == [kind in ("mirrored", "all")]
    assert found.scores[0] > 1.5
    assert len(near_copies(levels)) == 0


def score_by_loops(a, b):
    """The definition, as it stands, or mirrored."""

    def correlation(a, b):
        return np.corrcoef(a.ravel(), b.ravel())[0, 1]

    def detail(a):
        a = a.astype(np.float64).copy()
        for y in range(0, 16, 4):
            for x in range(0, 16, 4):
                field = a[y : y + 4, x : x + 4]
                points = [[1, i, j] for i in range(4) for j in range(4)]
                plane = np.linalg.lstsq(points, field.ravel(), rcond=None)[0]
                field -= (points @ plane).reshape(4, 4)
        return a

    turned = max(
        (b, b[:, ::-1]), key=lambda other: correlation(a, other)
    ).astype(np.float64)
    r, q = correlation(a, turned), correlation(detail(a), detail(turned))
    return 0.05 / max(1 - r, (1 - q) / 4)


def test_pairs_are_those_of_the_definition(monkeypatch):
    rng = np.random.default_rng(3)
    base = rng.uniform(0, 255, (10, 16, 16))
    pictures = base[rng.integers(0, 10, 24)]
    pictures = pictures + rng.uniform(0, 40, (24, 1, 1)) * rng.normal(
        size=pictures.shape
    )
    pictures[::3] = pictures[::3, :, ::-1]
    expected = {
        (i, j): score
        for i in range(24)
        for j in range(i + 1, 24)
        if (score := score_by_loops(pictures[i], pictures[j])) >= 1
    }
    assert len(expected) > 3
    module = sys.modules["fgkeras.suspects.near_copies"]
    monkeypatch.setattr(module, "_BLOCK_VALUES", 7 * 24)
    found = near_copies(pictures)
    assert {tuple(p) for p in found.pairs.tolist()} == set(expected)
    for pair, score in zip(found.pairs.tolist(), found.scores, strict=True):
        assert score == pytest.approx(min(expected[tuple(pair)], 100), 1e-3)
    assert (np.diff(found.scores) <= 0).all()
    few = near_copies(pictures, max_pairs=4)
    assert few.pairs.tolist() == found.pairs[:4].tolist()


def test_two_skies_are_no_copies():
    down = np.linspace(250, 120, 16)[:, None] + np.zeros((16, 16))
    rng = np.random.default_rng(0)
    skies = down + rng.normal(0, 4, (20, 16, 16))
    assert np.corrcoef(skies[0].ravel(), skies[1].ravel())[0, 1] > 0.95
    assert len(near_copies(skies)) == 0


def test_blank_pictures_are_blank_and_no_copies():
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 10, (128, 128, 3))
    white = Image.fromarray((245 + noise).clip(0, 255).astype("uint8"))
    night = Image.fromarray(np.asarray(photo(3).resize((64, 64))) // 8)
    pictures = [
        encoded(Image.new("RGB", (40, 30), (255, 255, 255))),
        encoded(Image.new("L", (40, 30), 0)),
        encoded(white, "JPEG"),
        encoded(night),
    ]
    levels = np.stack([gray_thumbnail(data) for data in pictures])
    assert (blankness(levels) >= 1).tolist() == [True, True, True, False]
    assert blankness(levels)[0] == 100
    assert len(near_copies(np.concatenate([levels, levels[:1]]))) == 0


def test_what_is_transparent_is_white_and_turned_is_upright():
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert gray_thumbnail(encoded(clear)).tolist() == [[255] * 16] * 16
    image = photo(5)
    exif = Image.Exif()
    exif[0x0112] = 6  # Shown turned by a quarter.
    lying = image.transpose(Image.Transpose.ROTATE_90)
    data = encoded(lying, "JPEG", quality=95, exif=exif)
    pair = np.stack([gray_thumbnail(encoded(image)), gray_thumbnail(data)])
    assert near_copies(pair).pairs.tolist() == [[0, 1]]


def test_outliers_are_those_of_the_definition():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 8)) + 3
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    near = []
    for i in range(40):
        cosines = sorted(unit[i] @ unit[j] for j in range(40) if j != i)
        near.append(-np.mean(cosines[-3:]))
    near = np.array(near)
    away = near - np.median(near)
    expected = away / np.median(np.abs(away)) / 1.4826 / 5
    got = outlyingness(x, count=3)
    np.testing.assert_allclose(got, expected, atol=1e-3)
    assert outlyingness([[1.0, 0.0], [0.0, 1.0]]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("score", [blankness, near_copies])
@pytest.mark.parametrize(
    "pictures", [np.zeros((4, 16)), np.full((2, 16, 16), np.nan)]
)
def test_refuses_other_shapes(score, pictures):
    with pytest.raises(ValueError, match="gray pictures of one size"):
        score(pictures)


def test_refuses_sides_and_too_few():
    with pytest.raises(ValueError, match="divided by 4"):
        near_copies(np.zeros((2, 10, 16)))
    with pytest.raises(ValueError, match="1 images"):
        outlyingness([[1.0]])
    with pytest.raises(ValueError, match="count=0"):
        outlyingness([[1.0], [2.0]], count=0)
    assert len(near_copies(np.zeros((0, 16, 16)))) == 0
