"""A sample of a set sees what a training sees, and finds its features."""

import time

import numpy as np
import pytest
from PIL import Image

from fgkeras.config import Config
from fgkeras.data.images.on_disk import EncodedOnDisk
from fgkeras.jobs import granularity
from fgkeras.jobs import subset
from fgkeras.jobs import train
from fgkeras.jobs.audit import audit
from fgkeras.jobs.image_sample import ImageSample
from fgkeras.models.backbones import backbone
from fgkeras.runs.classifier.network import features_part
from fgkeras.runs.classifier.network import make_classifier
from fgkeras.runs.inputs import SplitImages
from fgkeras.training import extract
from fgkeras.training.reporter import SILENT

SIZE = 32
NUM_TRAIN, NUM_TEST = 18, 9


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Pictures that are no squares, in two splits, and a weights file."""
    root = tmp_path_factory.mktemp("world")
    rng = np.random.default_rng(0)
    for split, count in (("train", NUM_TRAIN), ("test", NUM_TEST)):
        for i in range(count):
            folder = root / "photos" / split / "abc"[i % 3]
            folder.mkdir(parents=True, exist_ok=True)
            pixels = rng.integers(0, 256, (40 + i, 61, 3), "uint8")
            Image.fromarray(pixels).save(folder / f"{i}.jpg")
    backbone("small_cnn", (SIZE, SIZE, 3)).save_weights(root / "w.weights.h5")
    return root


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def extracted(monkeypatch):
    """Numbers of images that go through a model, batch by batch."""
    counts = []
    original = extract.predict_batch

    def counted(model, images):
        counts.append(len(images))
        return original(model, images)

    monkeypatch.setattr(extract, "predict_batch", counted)
    return counts


def frozen(world, **changes):
    return Config.read(
        changes={
            "data.source": f"folder:{world}/photos",
            "data.size": SIZE,
            "model.backbone": "small_cnn",
            "model.weights": str(world / "w.weights.h5"),
            "train.mode": "frozen",
            "train.epochs": 1,
            "evaluation.resamples": 0,
            **changes,
        }
    )


def look(world, out):
    audit(
        f"folder:{world}/photos",
        sources=[world / "w.weights.h5"],
        backbone="small_cnn",
        size=SIZE,
        out=out,
        reporter=SILENT,
    )


@pytest.mark.slow
@pytest.mark.parametrize("method", ["softmax", "contrastive"])
def test_a_training_finds_the_features_of_an_audit(
    world, tmp_path, extracted, method
):
    look(world, tmp_path / "audit")
    assert sum(extracted) == NUM_TRAIN
    extracted.clear()
    more = {} if method == "softmax" else {"data.test_classes": "0:3"}
    config = frozen(world, **{"method.name": method, **more})
    train(config, tmp_path / "run", reporter=SILENT)
    assert sum(extracted) == NUM_TEST


@pytest.mark.slow
def test_an_audit_finds_the_features_of_a_training(world, tmp_path, extracted):
    train(frozen(world), tmp_path / "run", reporter=SILENT)
    assert sum(extracted) == NUM_TRAIN + NUM_TEST
    extracted.clear()
    look(world, tmp_path / "audit")
    assert extracted == []


def test_features_are_those_of_the_trainings_pixels(world, extracted):
    sample = ImageSample(f"folder:{world}/photos", reporter=SILENT)
    found = sample.features("small_cnn", world / "w.weights.h5", SIZE)
    config = frozen(world).resolved()
    part = features_part(make_classifier(config, 3))
    images = SplitImages(sample.source, "train", config, reporter=SILENT)
    np.testing.assert_array_equal(
        found, images.features(part, "train", cached=False)
    )
    assert sample.ids == images.ids
    extracted.clear()
    # What the training asks for is there, under the name that it asks by.
    np.testing.assert_array_equal(found, images.features(part, "train"))
    assert extracted == []


def test_another_size_is_another_look(world, extracted):
    sample = ImageSample(f"folder:{world}/photos", reporter=SILENT)
    first = sample.features("small_cnn", world / "w.weights.h5", SIZE)
    second = sample.features("small_cnn", world / "w.weights.h5", 2 * SIZE)
    assert sum(extracted) == 2 * NUM_TRAIN
    assert not np.allclose(first, second)


def test_pictures_stay_on_the_disk(world):
    sample = ImageSample(
        f"folder:{world}/photos", max_images=12, skip_bad=True, reporter=SILENT
    )
    assert isinstance(sample.images.encoded, EncodedOnDisk)
    assert sample.drawn["images"] == len(sample.ids) == 12
    assert sample.thumbnail(0).size[0] > 0


def test_a_cut_picture_stops_or_is_listed(world, tmp_path):
    bad = world / "photos" / "train" / "a" / "bad.jpg"
    good = next((world / "photos" / "train" / "a").glob("*.jpg")).read_bytes()
    bad.write_bytes(good[: len(good) // 2])
    try:
        with pytest.raises(ValueError, match="bad.jpg"):
            ImageSample(f"folder:{world}/photos", reporter=SILENT)
        sample = ImageSample(
            f"folder:{world}/photos", skip_bad=True, reporter=SILENT
        )
        assert len(sample.ids) == NUM_TRAIN
        assert any("bad.jpg" in name for name, _ in sample.source.refused)
    finally:
        bad.unlink()


@pytest.mark.slow
def test_the_rate_is_that_of_features_made_here(tmp_path, monkeypatch):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    weights = tmp_path / "body.weights.h5"
    backbone("small_cnn", (SIZE, SIZE, 3)).save_weights(weights)
    source = f"flora:species=4,images=60,imbalance=1,size={SIZE},seed=9"
    for made in (True, False):
        sample = ImageSample(source, reporter=SILENT)
        told = sample.images.reporter
        begin = time.monotonic()
        sample.features("small_cnn", weights, SIZE)
        seconds = time.monotonic() - begin
        assert bool(sample.rates) == made
        if made:
            # All of it took longer than what is counted.
            assert sample.rates[SIZE] > 0.5 * len(sample.ids) / seconds
        assert sample.images.reporter is told


def test_features_of_zeros_are_said_by_image(monkeypatch):
    """By every verb that compares directions, with what can be done there."""
    source = "flora:species=3,images=4,imbalance=1,size=16"
    features = np.eye(12, dtype="float32")
    features[[4, 7]] = 0
    monkeypatch.setattr(ImageSample, "features", lambda *a: features)
    names = ImageSample(source, reporter=SILENT, max_images=12).ids
    for job, more in (
        (granularity, {"weights": ["body.weights.h5"]}),
        (subset, {"hardest": 2}),
    ):
        with pytest.raises(ValueError, match=f"2 of 12.*{names[4]}.*--size"):
            job(source, max_images=12, reporter=SILENT, **more)
