"""Images per second of the training input pipeline, against three others.

    python -m experiments.benchmarks.input_pipeline [--images 1200] [--rounds 5]

All variants read the same JPEG files (500x375 pixels, quality 85, drawn by
the script) and give batches of 32 images of 224 pixels, cut at random and
mirrored at random:

- fgkeras: `training_dataset`, every crop a function of (seed, step);
- bare: a tf.data map of `tf.io.decode_and_crop_jpeg`, resize and mirror with
  stateful random numbers, nothing checked, nothing reproducible;
- keras: `keras.utils.image_dataset_from_directory` and the Keras layers
  `RandomCrop` (of a 256-pixel image) and `RandomFlip` in its map;
- torch: a `DataLoader` with Pillow, if torch is installed.

The rounds are interleaved; the medians of the rates and of each round's ratios
are printed and written to `input_pipeline.json` beside this file.
"""

import argparse
import io
import json
import pathlib
import platform
import statistics
import tempfile
import time

import numpy as np
from PIL import Image

from experiments.results import result_path

BATCH, SIZE = 32, 224


def draw(folder, count):
    """Writes photo-like JPEGs into two class folders."""
    rng = np.random.default_rng(0)
    for i in range(count):
        coarse = rng.integers(0, 255, (24, 32, 3)).astype("uint8")
        picture = Image.fromarray(coarse).resize((500, 375), 3)
        noise = rng.normal(0, 6, (375, 500, 3))
        pixels = np.clip(np.asarray(picture) + noise, 0, 255).astype("uint8")
        path = folder / f"class{i % 2}" / f"{i:05d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path, quality=85)


def ours(folder):
    """The pipeline of fgkeras over a folder."""
    from fgkeras import data

    source = data.open(f"folder:{folder}")
    encoded, split, _ = data.load_encoded(source, "all")
    dataset = data.training_dataset(
        data.EncodedImages(encoded),
        split.labels,
        data.make_sampler("uniform", split.labels, BATCH, seed=0),
        data.Augmentation("random_resized_crop", size=SIZE),
        seed=0,
    )
    return iter(dataset)


def bare(folder):
    """The least that gives the same kind of batches."""
    import tensorflow as tf

    paths = sorted(str(p) for p in folder.rglob("*.jpg"))
    encoded = tf.constant([pathlib.Path(p).read_bytes() for p in paths])

    def one(index):
        data = tf.gather(encoded, index)
        shape = tf.image.extract_jpeg_shape(data)
        u = tf.random.uniform([5])
        area = 375.0 * 500.0 * (0.25 + 0.75 * u[0])
        ratio = tf.exp((2 * u[1] - 1) * tf.math.log(4.0 / 3.0))
        h = tf.cast(tf.minimum(tf.sqrt(area / ratio), 375.0), "int32")
        w = tf.cast(tf.minimum(tf.sqrt(area * ratio), 500.0), "int32")
        y = tf.cast(u[2] * tf.cast(shape[0] - h, "float32"), "int32")
        x = tf.cast(u[3] * tf.cast(shape[1] - w, "float32"), "int32")
        image = tf.io.decode_and_crop_jpeg(data, [y, x, h, w], channels=3)
        image = tf.image.resize(image, (SIZE, SIZE))
        image = tf.cond(
            u[4] < 0.5, lambda: tf.reverse(image, [1]), lambda: image
        )
        return tf.ensure_shape(image, (SIZE, SIZE, 3)), index % 2

    dataset = tf.data.Dataset.range(len(paths)).shuffle(len(paths)).repeat()
    dataset = dataset.map(
        one, num_parallel_calls=tf.data.AUTOTUNE, deterministic=False
    )
    return iter(dataset.batch(BATCH, drop_remainder=True).prefetch(2))


def keras_directory(folder):
    """What Keras' own tutorial does."""
    import keras
    import tensorflow as tf

    dataset = keras.utils.image_dataset_from_directory(
        folder, image_size=(256, 256), batch_size=BATCH, verbose=False
    )
    crop = keras.layers.RandomCrop(SIZE, SIZE)
    flip = keras.layers.RandomFlip("horizontal")
    dataset = dataset.repeat().map(
        lambda x, y: (flip(crop(x, training=True), training=True), y),
        num_parallel_calls=tf.data.AUTOTUNE,
    )
    return iter(dataset.prefetch(2))


def torch_loader(folder):
    """A DataLoader of two workers; `None` where torch is absent."""
    try:
        import torch
    except ImportError:
        return None
    files = [p.read_bytes() for p in sorted(folder.rglob("*.jpg"))]

    class Files(torch.utils.data.Dataset):
        def __len__(self):
            return len(files)

        def __getitem__(self, i):
            rng = np.random.default_rng()
            picture = Image.open(io.BytesIO(files[i])).convert("RGB")
            area = 375 * 500 * rng.uniform(0.25, 1)
            ratio = np.exp(rng.uniform(-1, 1) * np.log(4 / 3))
            h, w = (
                min((area / ratio) ** 0.5, 375),
                min((area * ratio) ** 0.5, 500),
            )
            y, x = rng.uniform(0, 375 - h), rng.uniform(0, 500 - w)
            picture = picture.resize(
                (SIZE, SIZE), Image.Resampling.BILINEAR, (x, y, x + w, y + h)
            )
            pixels = np.asarray(picture, "float32")
            if rng.uniform() < 0.5:
                pixels = pixels[:, ::-1]
            return torch.from_numpy(pixels.copy()), i % 2

    def forever():
        while True:
            yield from torch.utils.data.DataLoader(
                Files(),
                BATCH,
                shuffle=True,
                num_workers=2,
                drop_last=True,
                persistent_workers=False,
            )

    return forever()


def main():
    """Runs the rounds and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without", nargs="*", default=[], metavar="VARIANT")
    options = parser.parse_args()
    makers = {
        "fgkeras": ours,
        "bare": bare,
        "keras": keras_directory,
        "torch": torch_loader,
    }
    rates = {}
    steps = options.images // BATCH
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        draw(folder, options.images)
        for _ in range(options.rounds):
            for key, make in makers.items():
                if key in options.without:
                    continue
                # A pipeline of its own each time: one that waits keeps
                # threads and buffers that disturb the next.
                iterator = make(folder)
                if iterator is None:
                    continue
                for _ in range(12):
                    next(iterator)
                started = time.perf_counter()
                for _ in range(steps):
                    next(iterator)
                seconds = time.perf_counter() - started
                rates.setdefault(key, []).append(steps * BATCH / seconds)
                del iterator
    median = {k: statistics.median(v) for k, v in rates.items()}
    result = {
        "command": "python -m experiments.benchmarks.input_pipeline "
        f"--images {options.images} --rounds {options.rounds}",
        "machine": f"{platform.machine()}, 2 CPU cores",
        "images_per_second": {k: round(v) for k, v in median.items()},
        "all_rounds": {k: [round(x) for x in v] for k, v in rates.items()},
        "ratio_to": {
            k: round(
                statistics.median(
                    a / b for a, b in zip(rates["fgkeras"], v, strict=True)
                ),
                2,
            )
            for k, v in rates.items()
            if k != "fgkeras"
        },
    }
    print(json.dumps(result, indent=2))
    path = result_path(__file__)
    path.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
