"""A seed, a pool and the truth of it, from the image sets at hand."""

import hashlib
import json
import zipfile

import numpy as np

from fgkeras.storage import write_json

SEED_SET = "cub100"


def members(path):
    """Returns the pictures of a set as `(split, class, name)`, sorted."""
    with zipfile.ZipFile(path) as file:
        names = sorted(n for n in file.namelist() if not n.endswith("/"))
    return [(*name.split("/")[:2], name) for name in names]


def kept_classes(data, count):
    """Returns the pictures of some classes of cub100, evenly spaced."""
    found = members(f"{data}/{SEED_SET}/{SEED_SET}.zip")
    names = sorted({name for _, name, _ in found})
    kept = {names[i * len(names) // count] for i in range(count)}
    return [row for row in found if row[1] in kept]


def make(data, folder, seed, classes, per_class, distractors):
    """Writes a seed and a pool of one draw, once.

    The seed is `per_class` training images of each class and all test images,
    the pool the other training images, among distractors that are of no class,
    all under numbers in random order.

    Args:
        data: Path of the image sets.
        folder: `pathlib.Path`, new or made by this function.
        seed: Int.
        classes: Int, how many of cub100.
        per_class: Int.
        distractors: Dict of set to how many of its images.

    Returns:
        Dict of the SHA-256 of a picture of the pool to its class, or `None`.
    """
    table = folder / "truth.json"
    if table.is_file():
        return json.loads(table.read_text("utf-8"))
    rng = np.random.default_rng(seed)
    by_class: dict = {}
    pool = []
    with zipfile.ZipFile(f"{data}/{SEED_SET}/{SEED_SET}.zip") as file:
        for split, name, member in kept_classes(data, classes):
            if split == "train":
                by_class.setdefault(name, []).append(member)
            else:
                write(folder / "seed" / member, file.read(member))
        for name, some in by_class.items():
            order = rng.permutation(len(some))
            for i in order[:per_class]:
                write(folder / "seed" / some[i], file.read(some[i]))
            for i in order[per_class:]:
                pool.append((name, file.read(some[i])))
    for other, count in distractors.items():
        archive = f"{data}/{other}/{other}.zip"
        found = members(archive)
        with zipfile.ZipFile(archive) as file:
            for i in rng.permutation(len(found))[:count]:
                pool.append((None, file.read(found[i][2])))
    truths: dict = {}
    for number, place in enumerate(rng.permutation(len(pool))):
        name, content = pool[place]
        write(folder / "pool" / f"{number:05d}.jpg", content)
        # What is of two sets is of a class.
        key = hashlib.sha256(content).hexdigest()
        truths[key] = name or truths.get(key)
    write_json(table, truths)
    return truths


def all_labelled(data, folder, classes):
    """Writes every image of the classes, once; returns the folder."""
    done = folder / "done"
    if not done.is_file():
        with zipfile.ZipFile(f"{data}/{SEED_SET}/{SEED_SET}.zip") as file:
            for _, _, member in kept_classes(data, classes):
                write(folder / "images" / member, file.read(member))
        done.touch()
    return folder / "images"


def write(path, content):
    """Writes a picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
