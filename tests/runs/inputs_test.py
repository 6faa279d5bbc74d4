"""One crop: over augmentation kinds, resizes and ways of reading."""

import io

import numpy as np
import pytest
from PIL import Image

from fgkeras.data.batches import arrays
from fgkeras.data.images.on_disk import EncodedOnDisk
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split
from fgkeras.runs.inputs import SplitImages
from fgkeras.runs.views import View
from fgkeras.training.reporter import SILENT
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
RESIZES = (
    0,
    31,
    pytest.param(SIZE, marks=pytest.mark.slow),
    pytest.param(40, marks=pytest.mark.slow),
)


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


def config_of(kind="none", resize=SIZE, way="tfdata", **more):
    return fitting(
        {
            "data.source": "folder:pictures",
            "data.size": SIZE,
            "data.resize": resize,
            "data.augmentation": kind,
            "data.flip": False,
            "data.input": way,
            **more,
        }
    )


def split_images(kind, resize, way):
    config = config_of(kind, resize, way)
    return SplitImages(Pictures(), "train", config, reporter=SILENT)


def evaluated(images):
    return np.concatenate([np.asarray(x) for x, _ in images.evaluation()])


def trained(images):
    """One training batch, as the model behind the augmentation sees it."""
    batch = next(iter(images.training(EveryImage()).start(0)))[0]
    layer = images.augmentation_layer()
    if layer is not None:
        batch = layer(batch, training=True)
    return np.asarray(batch)


@pytest.mark.slow
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


@pytest.mark.slow
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


def test_arrays_that_are_looked_at_once_are_made_a_batch_at_a_time(monkeypatch):
    made = []
    original = arrays.evaluation_crop
    monkeypatch.setattr(
        arrays,
        "evaluation_crop",
        lambda *args: made.append(1) or original(*args),
    )
    images = split_images("none", SIZE, "arrays")
    batches = images.evaluation(batch_size=2)
    first, labels = batches[0]
    assert len(made) == len(first) == len(labels) == 2
    # Those that each epoch looks at are kept.
    images.validation(batch_size=2)
    assert len(made) == 2 + len(SHAPES)
    np.testing.assert_array_equal(images.evaluation(batch_size=2)[0][0], first)
    assert len(made) == 2 + len(SHAPES)


@pytest.mark.slow
@pytest.mark.parametrize("way", INPUTS)
def test_bad_pictures_are_left_out_of_those_that_stay_on_the_disk(way):
    source = Pictures()
    source.data["2.png"] = b"no picture"
    config = config_of(way=way, **{"data.skip_bad": True})
    stay, held = (
        SplitImages(source, "train", config, reporter=SILENT, once=once)
        for once in (True, False)
    )
    assert isinstance(stay.encoded, EncodedOnDisk)
    assert stay.ids == held.ids
    assert "2.png" not in stay.ids
    assert [name for name, _ in stay.refused] == ["2.png"]
    assert stay.key() == held.key()
    assert stay.sha256 == {i: held.sha256[i] for i in stay.ids}
    np.testing.assert_array_equal(stay.labels, held.labels)
    np.testing.assert_array_equal(evaluated(stay), evaluated(held))


def test_a_bad_picture_on_the_disk_stops():
    source = Pictures()
    source.data["2.png"] = b"no picture"
    images = SplitImages(
        source, "train", config_of(), reporter=SILENT, once=True
    )
    with pytest.raises(ValueError, match="2.png"):
        images.content()


def test_the_key_is_of_the_images_and_of_the_view():
    images = split_images("none", SIZE, "disk")
    same = split_images("none", SIZE, "tfdata")
    assert images.key() == same.key()
    other = images.under(View(SIZE, 31))
    assert other.key() == {**images.key(), "resize": 31}
    part = images.take([3, 0, 1])
    assert part.key() != images.key()
    assert part.key() == same.take([3, 0, 1]).key()
    assert part.encoded[0] == same.encoded[3]
    np.testing.assert_array_equal(
        evaluated(other), evaluated(split_images("none", 31, "tfdata"))
    )
    pixels = same.pixels
    assert np.any(same.under(View(SIZE, 31)).pixels != pixels)


def test_training_by_tf_data_is_refused_without_tensorflow():
    images = split_images("none", SIZE, "disk").under(View(SIZE, SIZE, True))
    with pytest.raises(ValueError, match="data.input=arrays"):
        images.training(EveryImage())
