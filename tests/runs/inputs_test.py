"""One crop: over augmentation kinds, resizes and ways of reading."""

import io

import numpy as np
import pytest
from PIL import Image

from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split
from fgkeras.runs.inputs import SplitImages
from tests.runs.fitting import fitting

SIZE, PADDING = 24, 4
# Odd differences of the sides, the size itself, and both orientations.
SHAPES = [(40, 61), (53, 30), (24, 24), (26, 24), (20, 31), (80, 50)]
INPUTS = ("tfdata", "disk", "arrays")
# That all see the same evaluation crop is a fast test.
ONE_OR_ALL = (
    "disk",
    pytest.param("tfdata", marks=pytest.mark.slow),
    pytest.param("arrays", marks=pytest.mark.slow),
)
RESIZES = (0, SIZE, 31, 40)


class Pictures(Source):
    """Random pictures without loss: one decoder's pixels are the other's."""

    def __init__(self):
        ids = tuple(f"{i}.png" for i in range(len(SHAPES)))
        self.data = {}
        for i, (height, width) in enumerate(SHAPES):
            rng = np.random.default_rng(i)
            pixels = rng.integers(0, 256, (height, width, 3), "uint8")
            file = io.BytesIO()
            Image.fromarray(pixels).save(file, "PNG")
            self.data[ids[i]] = file.getvalue()
        split = Split(ids, np.arange(len(ids), dtype="int64") % 2)
        super().__init__("folder:pictures", ["a", "b"], {"train": split})

    def read(self, image_id):
        return self.data[image_id]


class EveryImage:
    """A sampler of all images in order."""

    batch_size, steps_per_epoch = len(SHAPES), 1

    def batch(self, step):
        return np.arange(len(SHAPES))


def split_images(kind, resize, way):
    config = fitting(
        {
            "data.source": "folder:pictures",
            "data.size": SIZE,
            "data.resize": resize,
            "data.augmentation": kind,
            "data.flip": False,
            "data.input": way,
        }
    )
    return SplitImages(Pictures(), "train", config, quiet=True)


def evaluated(images):
    return np.concatenate([np.asarray(x) for x, _ in images.evaluation()])


def trained(images):
    """One training batch, as the model behind the augmentation sees it."""
    batch = next(iter(images.training(EveryImage()).start(0)))[0]
    layer = images.augmentation_layer()
    if layer is not None:
        batch = layer(batch, training=True)
    return np.asarray(batch)


@pytest.mark.parametrize("way", ONE_OR_ALL)
@pytest.mark.parametrize("resize", RESIZES)
def test_without_augmentation_training_sees_the_evaluation_crop(resize, way):
    images = split_images("none", resize, way)
    np.testing.assert_array_equal(trained(images), evaluated(images))


@pytest.mark.parametrize("way", ONE_OR_ALL)
@pytest.mark.parametrize("resize", RESIZES)
def test_padded_crops_are_shifted_evaluation_crops(resize, way):
    images = split_images("pad_crop", resize, way)
    shifted = trained(images)
    for crop, whole in zip(shifted, evaluated(images), strict=True):
        padded = np.pad(whole, [(PADDING, PADDING)] * 2 + [(0, 0)])
        windows = np.lib.stride_tricks.sliding_window_view(
            padded, (SIZE, SIZE, 3)
        )
        same = (windows == crop).all(axis=(-1, -2, -3))
        assert same.sum() == 1


@pytest.mark.parametrize("resize", RESIZES)
def test_every_way_of_reading_sees_the_same_crop(resize):
    crops = {
        way: evaluated(split_images("none", resize, way)) for way in INPUTS
    }
    np.testing.assert_array_equal(crops["tfdata"], crops["disk"])
    # Pillow rounds to integers, after each of two passes.
    np.testing.assert_allclose(crops["tfdata"], crops["arrays"], atol=1.01)


@pytest.mark.slow
def test_moving_windows_are_those_of_before():
    """Default training batches do not depend on the evaluation crop."""
    for kind in ("random_crop", "random_resized_crop"):
        whole = trained(split_images(kind, 0, "tfdata"))
        np.testing.assert_array_equal(
            whole, trained(split_images(kind, 40, "tfdata"))
        )
