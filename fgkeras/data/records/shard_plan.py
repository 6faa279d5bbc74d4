"""Which images of a source go into which shard file, in which order."""

import collections
import dataclasses
import hashlib
import json
import re

import numpy as np

from fgkeras.data.sources.split import Split


@dataclasses.dataclass(frozen=True)
class Shard:
    """One file to write.

    Args:
        file: String, its name.
        split: String, the split it belongs to.
        part: `Split`, its images in order.
    """

    file: str
    split: str
    part: Split


def plan_shards(source, name, *, shard_size=1024, num_shards=None, seed=0):
    """Returns the shards of a source, the same ones on every machine.

    `train` is shuffled by sorting hashes of the ids, which no library version
    changes; other splits keep their order. Shards of a split differ by at most
    one image. Empty splits have none.

    Args:
        source: A `Source`.
        name: String, the first part of the file names.
        shard_size: Int, most images per shard.
        num_shards: Int, shards per split instead, or `None`.
        seed: Int, of the order of `train`.

    Returns:
        List of `Shard`, by split name.

    Raises:
        ValueError: the source cannot be stored, or an argument is out of range.
    """
    for key, value in (("shard_size", shard_size), ("num_shards", num_shards)):
        if value is not None and value < 1:
            raise ValueError(
                f"`{key}` must be at least 1. Received: {key}={value}."
            )
    _check_source(source, name)
    shards = []
    for split_name in sorted(source.splits):
        split = source.splits[split_name]
        if not len(split):
            continue
        rows = range(len(split))
        if split_name == "train":
            keys = [_key(seed, image_id) for image_id in split.ids]
            rows = sorted(rows, key=keys.__getitem__)
        count = min(num_shards or -(-len(rows) // shard_size), len(rows))
        for number, part in enumerate(np.array_split(rows, count)):
            file = f"{name}-{split_name}.tfrecord-{number:05d}-of-{count:05d}"
            shards.append(Shard(file, split_name, split.take(part)))
    return shards


def plan_digest(source, shards):
    """Returns the SHA-256 of all that is to be stored but the images."""
    digest = hashlib.sha256()
    described = [source.class_names, source.hierarchy]
    digest.update(json.dumps(described, sort_keys=True).encode())
    for shard in shards:
        digest.update(json.dumps([shard.file, shard.part.ids]).encode())
        digest.update(shard.part.labels.astype("<i8").tobytes())
        if shard.part.boxes is not None:
            digest.update(shard.part.boxes.astype("<f4").tobytes())
        if shard.part.columns:
            columns = column_lists(shard.part)
            digest.update(json.dumps(columns, sort_keys=True).encode())
    return digest.hexdigest()


def column_lists(part):
    """Returns the columns of a `Split` as lists that JSON takes."""
    return {name: values.tolist() for name, values in part.columns.items()}


def box_lists(part):
    """Returns the boxes of a `Split` as JSON has them.

    Returns:
        `None`, or a list with `None` for each image without one.
    """
    if part.boxes is None:
        return None
    return [b.tolist() if np.isfinite(b).all() else None for b in part.boxes]


def dataset_name(spec):
    """Returns a data set's name made of a source's spec.

    Example:

    >>> dataset_name("zip:/data/My Birds.zip")
    'my_birds'
    """
    stem = re.sub(r"\.\w+$", "", portable_spec(spec).rpartition(":")[2])
    stem = re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_")
    return stem if stem[:1].isalpha() else f"images_{stem}".rstrip("_")


def portable_spec(spec):
    """Returns the spec without the directories of its paths.

    Example:

    >>> portable_spec("folder:/home/ann/birds/")
    'folder:birds'
    """
    return re.sub(r"[^:?&=,]*[/\\](?=[^/\\])", "", spec.rstrip("/\\"))


def _key(seed, image_id):
    data = f"{seed}:{image_id}".encode()
    return hashlib.blake2b(data, digest_size=16).digest()


def _check_source(source, name):
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(
            "`name` must be lower-case letters, digits and underscores, a "
            f"letter first. Received: name={name!r}."
        )
    _check_unique("Class names", source.class_names)
    for class_name in source.class_names:
        if class_name != class_name.strip() or "\n" in class_name:
            raise ValueError(
                "A class name must be one line without space around it. "
                f"Received: class name {class_name!r}."
            )
    if not any(len(split) for split in source.splits.values()):
        raise ValueError(
            "A source must have images to be stored. Received: "
            f"{source.spec}, which has none."
        )
    ids = [i for split in source.splits.values() for i in split.ids]
    _check_unique("Image ids", ids)
    for split_name, split in source.splits.items():
        if not re.fullmatch(r"[A-Za-z]\w*", split_name):
            raise ValueError(
                "A split's name must be letters, digits and underscores to be "
                f"part of a file name. Received: split={split_name!r}."
            )
        outside = (split.labels < 0) | (split.labels >= source.num_classes)
        if outside.any():
            row = int(np.argmax(outside))
            raise ValueError(
                f"Labels must be in [0, {source.num_classes}). Received: "
                f"{int(split.labels[row])} of {split.ids[row]!r}."
            )


def _check_unique(what, values):
    if len(set(values)) < len(values):
        counts = collections.Counter(values)
        twice = [value for value, count in counts.items() if count > 1]
        raise ValueError(f"{what} must be unique. Received twice: {twice[:5]}.")
