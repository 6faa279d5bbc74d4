"""Pipelines: the batch of step t depends on the seed and t alone."""

import io

import keras
import numpy as np
import pytest
from PIL import Image

from fgkeras.data.batches import arrays
from fgkeras.data.batches.pipeline import EncodedImages
from fgkeras.data.batches.pipeline import evaluation_dataset
from fgkeras.data.batches.pipeline import training_dataset
from fgkeras.data.batches.samplers import make_sampler
from fgkeras.data.batches.shard import shard_rows
from fgkeras.data.images.augment import Augmentation
from fgkeras.data.images.encoded import load_encoded
from fgkeras.data.open import open as open_source
from fgkeras.data.sources.folder import FolderSource

SPEC = "flora:species=3,images=8,test=4,val=2,imbalance=2,size=48,seed=2"


@pytest.fixture(scope="module")
def flowers():
    return open_source(SPEC)


@pytest.mark.parametrize(
    "augmentation",
    [
        Augmentation("random_resized_crop", size=32, color=0.7),
        Augmentation("random_crop", size=32),
        Augmentation("pad_crop", size=32),
        Augmentation("none", size=32, flip=False),
    ],
    ids=lambda a: a.kind,
)
def test_started_later_gives_the_same_batches(flowers, augmentation):
    encoded, split, _ = load_encoded(flowers, "train")
    sampler = make_sampler("uniform", split.labels, 4, seed=5)

    def take(start, count):
        batches = training_dataset(
            EncodedImages(encoded),
            split.labels,
            sampler,
            augmentation,
            seed=5,
            start=start,
        )
        return list(batches.take(count).as_numpy_iterator())

    whole, later = take(0, 6), take(4, 2)
    for (x, y), (u, v) in zip(whole[4:], later, strict=True):
        np.testing.assert_array_equal(x, u)
        np.testing.assert_array_equal(y, v)
    x, y = whole[0]
    assert x.shape == (4, 32, 32, 3)
    assert x.dtype == np.float32
    assert x.min() >= 0
    assert 1 < x.max() < 255.01
    np.testing.assert_array_equal(y, split.labels[sampler.batch(0)])
    epoch = np.concatenate([y for _, y in whole])
    assert set(epoch) == set(split.labels)


def test_a_pass_ends_and_the_next_draws_anew(flowers):
    encoded, split, _ = load_encoded(flowers, "train")
    sampler = make_sampler("uniform", split.labels, 4, seed=5)

    def made(**more):
        return training_dataset(
            EncodedImages(encoded),
            split.labels,
            sampler,
            Augmentation("random_crop", size=16),
            seed=5,
            start=1,
            **more,
        )

    endless = list(made().take(6).as_numpy_iterator())
    finite = made(steps=3)
    assert finite.cardinality() == 3
    passes = [batch for _ in range(2) for batch in finite.as_numpy_iterator()]
    for (x, y), (u, v) in zip(endless, passes, strict=True):
        np.testing.assert_array_equal(x, u)
        np.testing.assert_array_equal(y, v)
    for steps in (0, 2.0, True):
        with pytest.raises(ValueError, match="Received: steps="):
            made(steps=steps)


def test_a_fit_of_ones_own_ends(flowers):
    encoded, split, _ = load_encoded(flowers, "train")
    sampler = make_sampler("uniform", split.labels, 4, seed=5)
    batches = training_dataset(
        EncodedImages(encoded),
        split.labels,
        sampler,
        Augmentation("random_crop", size=16),
        seed=5,
        steps=sampler.steps_per_epoch,
    )
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Flatten(),
            keras.layers.Dense(3),
        ]
    )
    model.compile(
        "sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    model.fit(batches, epochs=2, verbose=0)
    assert int(model.optimizer.iterations) == 2 * sampler.steps_per_epoch


@pytest.mark.parametrize("shards", [2, 4])
def test_shards_of_a_batch_are_the_batch(flowers, shards):
    encoded, split, _ = load_encoded(flowers, "train")
    sampler = make_sampler("uniform", split.labels, 4, seed=5)
    images = EncodedImages(encoded)
    augmentation = Augmentation("random_crop", size=32)
    pixels = np.arange(len(encoded))

    def drawn(**shard):
        batches = training_dataset(
            images, split.labels, sampler, augmentation, seed=5, **shard
        )
        rows = arrays.batches(pixels, split.labels, sampler, 2, **shard)
        return [*batches.take(2).as_numpy_iterator(), next(rows), next(rows)]

    parts = [drawn(shard=(i, shards)) for i in range(shards)]
    for whole, *pieces in zip(drawn(), *parts, strict=True):
        for array, *some in zip(whole, *pieces, strict=True):
            np.testing.assert_array_equal(array, np.concatenate(some))


@pytest.mark.parametrize("shard", [(2, 2), (-1, 2), (0, 0), (0, 3)])
def test_shards_that_a_batch_does_not_have(shard):
    with pytest.raises(ValueError, match=r"Received: shard=\("):
        shard_rows(4, shard)


def test_memory_and_reader_give_the_same_images(flowers):
    encoded, split, _ = load_encoded(flowers, "test")
    a = evaluation_dataset(EncodedImages(encoded), split.labels, 5, size=24)
    read = EncodedImages.from_source(flowers, "test")
    b = evaluation_dataset(read, split.labels, 5, size=24)
    for (x, y), (u, v) in zip(a, b, strict=True):
        np.testing.assert_array_equal(x, u)
        np.testing.assert_array_equal(y, v)


@pytest.mark.slow
def test_training_reads_the_same_from_memory_and_from_disk(flowers):
    """Windows planned for a batch equal those chosen image by image."""
    encoded, split, _ = load_encoded(flowers, "train")
    # Oblong images tell heights from widths.
    encoded = [gradient_jpeg(40 + i, 70 - i) for i in range(len(encoded))]
    # A PNG among the JPEGs takes the other way of decoding.
    file = io.BytesIO()
    Image.open(io.BytesIO(encoded[1])).save(file, "PNG")
    encoded[1] = file.getvalue()
    sampler = make_sampler("uniform", split.labels, 6, seed=1)
    augmentation = Augmentation("random_resized_crop", size=24)

    def take(images):
        batches = training_dataset(
            images, split.labels, sampler, augmentation, seed=1
        )
        return list(batches.take(4).as_numpy_iterator())

    held = take(EncodedImages(encoded))
    read = take(EncodedImages(reader=lambda i: encoded[int(i)]))
    for (x, y), (u, v) in zip(held, read, strict=True):
        np.testing.assert_array_equal(x, u)
        np.testing.assert_array_equal(y, v)


def saved(pixels, kind, **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def test_a_small_graph_decodes_what_was_made_ready_and_nothing_else():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (20, 30, 3), "uint8")
    jpeg, png = saved(pixels, "JPEG"), saved(pixels, "PNG")
    grey = saved(pixels[..., 0], "PNG")
    turned = Image.Exif()
    turned[0x0112] = 6
    aside = saved(pixels, "JPEG", exif=turned)
    encoded = [jpeg, png, grey, aside]
    ready = {
        ("jpeg",): [0],
        ("png",): [1, 2],
        ("jpeg", "png"): [2, 0],
        ("turned jpeg",): [3],
        ("jpeg", "png", "turned jpeg"): [3, 1, 0],
    }

    def pixels_of(images, count):
        batches = evaluation_dataset(images, [0] * count, count, size=16)
        return next(batches.as_numpy_iterator())[0]

    unknown = EncodedImages(reader=lambda i: encoded[i])
    assert unknown.ready_formats is None
    expected = pixels_of(unknown, 4)
    known = EncodedImages(reader=lambda i: encoded[i], normalized=True)
    assert known.ready_formats == {"turned jpeg", "png"}
    np.testing.assert_array_equal(pixels_of(known, 4), expected)
    for formats, rows in ready.items():
        held = EncodedImages([encoded[i] for i in rows])
        assert held.ready_formats == frozenset(formats)
        found = pixels_of(held, len(rows))
        np.testing.assert_array_equal(found, expected[rows])
    clear = np.dstack([pixels, np.zeros((20, 30), "uint8")])
    for other in (
        saved(pixels, "PNG", exif=turned),
        saved(clear, "PNG"),
        saved(pixels, "BMP"),
        saved(pixels, "GIF"),
        b"no image",
    ):
        assert EncodedImages([jpeg, other]).ready_formats is None
    assert EncodedImages([]).ready_formats is None


def gradient_jpeg(height, width):
    """Red is the row, green the column, both in 0..200."""
    pixels = np.zeros((height, width, 3), "uint8")
    pixels[..., 0] = np.linspace(0, 200, height)[:, None]
    pixels[..., 1] = np.linspace(0, 200, width)[None, :]
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=98, subsampling=0)
    return file.getvalue()


def test_windows_are_where_their_size_says():
    import tensorflow as tf

    data = gradient_jpeg(80, 120)
    augment = Augmentation("random_crop", size=40, resize=80, flip=False)
    rows, columns = [], []
    for i in range(40):
        x = augment(tf.constant(data), tf.constant([3, i])).numpy()
        # A window of half the shorter side spans half the rows' range.
        assert np.ptp(x[:, 20, 0]) == pytest.approx(100, abs=6)
        assert np.ptp(x[20, :, 1]) == pytest.approx(200 * 40 / 120, abs=6)
        rows.append(x[0, 0, 0])
        columns.append(x[0, 0, 1])
    assert max(rows) > 85
    assert min(rows) < 15
    assert max(columns) > 115
    assert min(columns) < 15


def test_flip_mirrors_half_of_the_images():
    import tensorflow as tf

    data = gradient_jpeg(40, 40)
    augment = Augmentation("none", size=40)
    mirrored = []
    for i in range(64):
        row = augment(tf.constant(data), [8, i]).numpy()[20, :, 1]
        mirrored.append(row[0] > row[-1])
    assert 16 < sum(mirrored) < 48


def test_bad_image_names_the_file_or_is_listed(tmp_path):
    folder = tmp_path / "photos" / "oak"
    folder.mkdir(parents=True)
    good = gradient_jpeg(20, 20)
    (folder / "a.jpg").write_bytes(good)
    (folder / "b.jpg").write_bytes(good[: len(good) // 2])
    source = FolderSource(tmp_path / "photos")
    with pytest.raises(ValueError, match="b.jpg"):
        load_encoded(source, "all")
    encoded, split, refused = load_encoded(source, "all", skip_bad=True)
    assert len(encoded) == len(split) == 1
    assert "b.jpg" in refused[0][0]


def test_options_out_of_range():
    with pytest.raises(ValueError, match="kind='crop'"):
        Augmentation("crop")
    with pytest.raises(ValueError, match="resize=100"):
        Augmentation("random_crop", size=128, resize=100)
    with pytest.raises(ValueError, match="color=2"):
        Augmentation(color=2.0)
