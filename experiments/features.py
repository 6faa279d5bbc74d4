"""Frozen features of image sets under several pre-trainings, kept on disk.

Command: python -m experiments.features --data ../shared/data
Time: about 14 ms an image for three MobileNetV2 bodies at 160 px on 2 cores
    with other programs running: 41 s for 2,999 images.
Resumable: a file that exists is not made again.

Each file `SET_SPLIT_BODY.npz` holds `features` (float32, globally averaged
last map), `labels` (int64), `ids` and `class_names`. An image is decoded once
for all bodies. `load` reads such a file for the other experiments.
"""

import argparse
import dataclasses
import pathlib
import time

import numpy as np

from fgkeras.storage import whole_file
from fgkeras.training.reporter import CONSOLE

BODIES = ("imagenet", "inat_birds", "inat_insects")
SETS = ("cub100", "cub100b", "cars196", "grocery", "cifar100", "omniglot")
CACHE = pathlib.Path.home() / ".cache" / "fgkeras" / "experiments"


@dataclasses.dataclass(frozen=True)
class Features:
    """Features of one split: `features`, `labels`, `ids`, `class_names`."""

    features: np.ndarray
    labels: np.ndarray
    ids: np.ndarray
    class_names: np.ndarray


def add_arguments(parser):
    """Adds where the data and the features are."""
    parser.add_argument("--data", default="../shared/data", help="image sets")
    parser.add_argument("--cache", default=str(CACHE), help="feature files")


def feature_path(cache, name, split, body):
    """Returns the path of one file of features."""
    return pathlib.Path(cache) / f"{name}_{split}_{body}.npz"


def load(cache, name, split, body):
    """Returns `Features` made by this script."""
    path = feature_path(cache, name, split, body)
    if not path.exists():
        raise SystemExit(
            f"There is no {path}: run `python -m experiments.features "
            f"--cache {cache} --sets {name}` first."
        )
    with np.load(path, allow_pickle=False) as file:
        return Features(**{key: file[key] for key in file.files})


def per_class_subset(labels, count):
    """Returns indices of the first `count` images of each class, in order."""
    seen, chosen = {}, []
    for i, label in enumerate(labels):
        seen[label] = seen.get(label, 0) + 1
        if seen[label] <= count:
            chosen.append(i)
    return np.array(chosen)


def build_model(data, bodies, size):
    """Returns a model from pixels to one feature vector per body."""
    import keras

    from fgkeras.models.backbones import backbone

    pixels = keras.Input((size, size, 3))
    outputs = []
    for body in bodies:
        path = f"{data}/weights/mobilenet_v2_{body}.weights.h5"
        trunk = backbone("mobilenet_v2", (size, size, 3), weights=path)
        trunk.name = body
        outputs.append(keras.layers.GlobalAveragePooling2D()(trunk(pixels)))
    return keras.Model(pixels, outputs)


def save(path, features, split, class_names):
    """Writes one file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        np.savez(
            file,
            features=features,
            labels=np.asarray(split.labels, "int64"),
            ids=np.asarray(split.ids),
            class_names=np.asarray(class_names),
        )


def extract(name, split_name, args):
    """Makes the missing files of one split."""
    from fgkeras.data import open as open_source
    from fgkeras.data.batches.pipeline import EncodedImages
    from fgkeras.data.batches.pipeline import evaluation_dataset
    from fgkeras.data.images.encoded import load_encoded

    paths = {
        body: feature_path(args.cache, name, split_name, body)
        for body in args.bodies
    }
    missing = [body for body in args.bodies if not paths[body].exists()]
    if not missing:
        return
    start = time.time()
    source = open_source(f"zip:{args.data}/{name}/{name}.zip")
    if args.per_class:
        source = source.select(
            split_name,
            per_class_subset(source.split(split_name).labels, args.per_class),
        )
    encoded, split, _ = load_encoded(source, split_name)
    images = EncodedImages(encoded)
    model = build_model(args.data, missing, args.size)
    batches = evaluation_dataset(images, split.labels, 64, size=args.size)
    parts = [[] for _ in missing]
    done = 0
    with CONSOLE.bar(f"{name} {split_name}", len(encoded)) as progress:
        for pixels, _ in batches:
            outputs = model.predict_on_batch(pixels)
            outputs = outputs if isinstance(outputs, list) else [outputs]
            for part, output in zip(parts, outputs, strict=True):
                part.append(np.asarray(output, "float32"))
            done += len(pixels)
            progress(done, len(encoded))
    for body, part in zip(missing, parts, strict=True):
        save(paths[body], np.concatenate(part), split, source.class_names)
    print(
        f"{name} {split_name}: {len(encoded)} images, "
        f"{time.time() - start:.0f} s",
        flush=True,
    )


def main():
    """Extracts what is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--splits", nargs="+", default=("test", "train"))
    parser.add_argument("--bodies", nargs="+", default=BODIES)
    parser.add_argument("--size", type=int, default=160, help="pixels")
    parser.add_argument(
        "--per-class", type=int, default=0, help="first images, 0 is all"
    )
    args = parser.parse_args()
    for name in args.sets:
        for split in args.splits:
            extract(name, split, args)


if __name__ == "__main__":
    main()
