"""Training windows by the fast inverse transform, against the exact one.

    python -m experiments.benchmarks.fast_transform [--images 60] [--rounds 9]

Random training windows (`random_resized_crop` and `random_crop`) are decoded by
`decode_jpeg_window`: libjpeg's fast integer transform, and chroma repeated
rather than interpolated. Everything else is decoded by the exact transform with
interpolated chroma. Each window is decoded by both, and by each change alone;
said are

- the difference of pixels, of 255: mean and largest, of the window as it is
  decoded and as the model sees it, resized to 224 pixels;
- the processor time of decoding a window (of all threads), the median of
  interleaved rounds.

Pictures are the two photographs of scikit-learn (640x427 pixels), and drawn as
in `input_pipeline.py` (500x375 pixels, coarse colours and noise: the
worst for chroma), with usual chroma of half the size, at qualities 75 and 92.
The result is written to `fast_transform.json` beside this file.
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
from sklearn.datasets import load_sample_images

from experiments.benchmarks.input_pipeline import SIZE
from experiments.benchmarks.input_pipeline import draw
from experiments.results import result_path

WAYS = {
    "exact": ("INTEGER_ACCURATE", True),
    "fast": ("INTEGER_FAST", False),
    "fast transform alone": ("INTEGER_FAST", True),
    "repeated chroma alone": ("INTEGER_ACCURATE", False),
}


def windows(shapes):
    """Returns windows as a training draws them, of pictures `(high, wide)`."""
    import tensorflow as tf

    from fgkeras.data.images.augment import NUM_RANDOM
    from fgkeras.data.images.augment import Augmentation

    numbers = tf.random.stateless_uniform([len(shapes), NUM_RANDOM], [1, 2])
    augmentation = Augmentation("random_resized_crop", size=SIZE)
    return augmentation.windows(*zip(*shapes, strict=True), numbers)


def jpeg(image, quality):
    """Returns a picture as bytes."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def cut(data, window, way):
    """Decodes a window of a JPEG."""
    import tensorflow as tf

    transform, smooth = WAYS[way]
    return tf.io.decode_and_crop_jpeg(
        data,
        window,
        channels=3,
        dct_method=transform,
        fancy_upscaling=smooth,
    )


def apart(files, places, way):
    """Returns differences to the exact way, decoded and resized."""
    import tensorflow as tf

    found = {"decoded": [], "seen": []}
    for data, window in zip(files, places, strict=True):
        both = [
            tf.cast(cut(data, window, name), "float32")
            for name in ("exact", way)
        ]
        seen = [tf.image.resize(image, (SIZE, SIZE)) for image in both]
        for key, (one, other) in (("decoded", both), ("seen", seen)):
            found[key].append(np.abs(one - other))
    return {
        key: {
            "mean": round(float(np.mean([d.mean() for d in values])), 3),
            "largest": round(float(max(d.max() for d in values)), 1),
        }
        for key, values in found.items()
    }


def measured(files, places, rounds):
    """Returns differences and milliseconds of every way."""
    spent = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way, times in spent.items():
            started = time.process_time()
            for data, window in zip(files, places, strict=True):
                cut(data, window, way)
            times.append(time.process_time() - started)
    exact = spent["exact"]
    return {
        way: {
            **({} if way == "exact" else apart(files, places, way)),
            "milliseconds": round(
                1000 * statistics.median(times) / len(files), 3
            ),
            "time_to_exact": round(
                statistics.median(
                    a / b for a, b in zip(times, exact, strict=True)
                ),
                3,
            ),
        }
        for way, times in spent.items()
    }


def main():
    """Draws, decodes and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    result = {
        "command": "python -m experiments.benchmarks.fast_transform "
        f"--images {options.images} --rounds {options.rounds}",
        "machine": f"{platform.machine()}, 2 CPU cores",
    }
    photographs = load_sample_images().images
    photographs = [Image.fromarray(pixels) for pixels in photographs]
    photographs *= options.images // len(photographs)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        draw(folder, options.images)
        drawn = [Image.open(path) for path in sorted(folder.rglob("*.jpg"))]
        for kind, images in (("photographs", photographs), ("drawn", drawn)):
            places = windows([(i.height, i.width) for i in images])
            for quality in (75, 92):
                files = [jpeg(image, quality) for image in images]
                result[f"{kind}, quality {quality}"] = measured(
                    files, places, options.rounds
                )
    text = json.dumps(result, indent=1)
    result_path(__file__).write_text(text + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
