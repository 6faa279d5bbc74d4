"""Conversion of a source into TFRecord shards that other tools open too."""

import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import zipfile

import numpy as np

from fgkeras.data import image
from fgkeras.data import manifest as manifests
from fgkeras.data import tfrecord
from fgkeras.data.conversion_state import STATE
from fgkeras.data.conversion_state import finished
from fgkeras.data.conversion_state import resumed
from fgkeras.data.example import encode_example
from fgkeras.data.shard_plan import dataset_name
from fgkeras.data.shard_plan import plan_digest
from fgkeras.data.shard_plan import plan_shards
from fgkeras.data.shard_plan import portable_spec
from fgkeras.data.tfds_metadata import BOX_KEYS
from fgkeras.data.tfds_metadata import tfds_metadata

INDEX = "index-{}.json"
_FORMATS = {"jpeg": "jpg", "png": "png"}
_LISTED = 20  # refused files that an error message names


def convert(
    source,
    out,
    *,
    name=None,
    shard_size=1024,
    num_shards=None,
    seed=0,
    skip_bad=False,
    workers=None,
    progress=None,
):
    """Writes a source as TFRecord shards with a manifest.

    Use it once per data set, before training from slow disks, archives or many
    small files. The same source and arguments give the same bytes. A killed
    conversion is resumed by the same call; one that is complete is left alone,
    but for files that are missing or of the wrong size, which are rewritten.
    `manifest.json` is written last, so a directory without it is unfinished.
    Every image is run through, header first, and stored upright as 8-bit JPEG
    or PNG. `tensorflow_datasets.builder_from_directory(out)` opens the result.

    Args:
        source: A `Source`.
        out: Path of a directory, new, empty, or of the same conversion.
        name: String, the data set's name in the file names: lower-case
            letters, digits, underscores. Defaults to one made of the spec.
        shard_size: Int, most images per shard. Defaults to 1024.
        num_shards: Int, shards per split instead, or `None`.
        seed: Int, of the order in which training images are stored. Other
            splits keep their order.
        skip_bad: Whether bad images are left out and listed in the manifest
            instead of stopping the conversion. Defaults to `False`.
        workers: Int, threads that read and check. Defaults to the CPU cores.
        progress: `None`, or a callable of `(images_done, images_in_all)`.

    Returns:
        Dict, the manifest; see `fgkeras.data.manifest.read_manifest`.

    Raises:
        ValueError: an image is bad; `out` holds something else; a name or a
            label cannot be stored.

    Example:

    >>> import tempfile
    >>> from fgkeras.data.source import Source, Split
    >>> class Gray(Source):
    ...     def read(self, image_id):
    ...         return image.encode_png(np.zeros((2, 3), "uint8"))
    >>> split = Split(("a", "b"), np.array([0, 1]))
    >>> source = Gray("gray", ["wren", "robin"], {"train": split})
    >>> convert(source, tempfile.mkdtemp())["splits"]["train"]["counts"]
    [1, 1]
    """
    name = dataset_name(source.spec) if name is None else name
    shards = plan_shards(
        source, name, shard_size=shard_size, num_shards=num_shards, seed=seed
    )
    out = pathlib.Path(out)
    digest = plan_digest(source, shards)
    manifest = finished(out, name, shards, digest)
    if manifest is not None:
        return manifest
    entries = resumed(out, name, digest)
    boxes = any(split.boxes is not None for split in source.splits.values())
    total = sum(len(shard.part) for shard in shards)
    seen = 0
    workers = workers or os.cpu_count()
    with (
        concurrent.futures.ThreadPoolExecutor(workers) as pool,
        (out / STATE).open("a") as state,
    ):
        for shard in shards:
            if shard.file not in entries:

                def report(images, before=seen):
                    if progress is not None:
                        progress(before + images, total)

                jobs = _examples(source, shard.part, boxes, pool, 4 * workers)
                entry = _write_shard(out, shard, jobs, skip_bad, report)
                entries[shard.file] = entry
                state.write(json.dumps(entry) + "\n")
                state.flush()
            seen += len(shard.part)
            if progress is not None:
                progress(seen, total)
    return _finish(source, out, name, seed, boxes, shards, digest, entries)


def _examples(source, part, boxes, pool, window):
    """Yields a future of `(record, reason)` per image, `window` at a time."""
    pending = collections.deque()
    for row, image_id in enumerate(part.ids):
        label = int(part.labels[row])
        box = () if part.boxes is None else part.boxes[row]
        pending.append(
            pool.submit(_example, source, image_id, label, box, boxes)
        )
        if len(pending) >= window:
            yield pending.popleft()
    yield from pending


def _example(source, image_id, label, box, boxes):
    """Returns one framed record and `None`, or `None` and why there is none."""
    try:
        data = image.normalize(source.read(image_id))
        info = image.inspect(data)
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        return None, getattr(error, "strerror", None) or str(error)
    features = {
        "image/encoded": data,
        "image/format": _FORMATS[info.format],
        "image/height": info.height,
        "image/width": info.width,
        "image/filename": image_id,
        "image/class/label": label,
        "image/class/text": source.class_names[label],
    }
    if boxes:
        sides = np.reshape(np.asarray(box, "float32"), (-1, 4)).T
        features.update(zip(BOX_KEYS, sides, strict=True))
    return tfrecord.frame(encode_example(features)), None


def _write_shard(out, shard, jobs, skip_bad, report):
    """Writes one shard under its name once it is whole; returns its entry."""
    partial = out / f".{shard.file}.tmp"
    digest = hashlib.sha256()
    refused = []
    try:
        with partial.open("wb") as file:
            for done, (image_id, job) in enumerate(
                zip(shard.part.ids, jobs, strict=True)
            ):
                record, reason = job.result()
                if record is None:
                    refused.append([image_id, reason])
                else:
                    file.write(record)
                    digest.update(record)
                report(done + 1)
            if refused and not skip_bad:
                _refuse(shard.file, refused)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        os.replace(partial, out / shard.file)
    finally:
        partial.unlink(missing_ok=True)
    return {
        "file": shard.file,
        "records": len(shard.part) - len(refused),
        "bytes": size,
        "sha256": digest.hexdigest(),
        "refused": refused,
    }


def _refuse(file, refused):
    listed = [f"  {name}: {reason}" for name, reason in refused[:_LISTED]]
    if len(refused) > _LISTED:
        listed.append(f"  and {len(refused) - _LISTED} more")
    raise ValueError(
        f"Every image must be readable. Received, of those for {file}, "
        f"{len(refused)} that are not:\n" + "\n".join(listed) + "\nReplace or "
        "remove them, or leave such images out with skip_bad (--skip-bad); "
        "the same call then goes on from here."
    )


def _finish(source, out, name, seed, boxes, shards, digest, entries):
    """Writes what describes the shards, the manifest last; returns it."""
    splits, files = {}, {}
    refused = [[str(file), str(why)] for file, why in source.refused]
    for split_name in sorted({shard.split for shard in shards}):
        members = [shard for shard in shards if shard.split == split_name]
        index = [_shard_index(out, s, entries[s.file]) for s in members]
        labels = np.array([i for part in index for i in part["labels"]], int)
        files[INDEX.format(split_name)] = manifests.to_json(index, indent=None)
        members = [dict(entries[shard.file]) for shard in members]
        for entry in members:
            refused += entry.pop("refused")
        splits[split_name] = {
            "images": len(labels),
            "counts": np.bincount(
                labels, minlength=source.num_classes
            ).tolist(),
            "shards": members,
        }
    files.update(tfds_metadata(name, source.class_names, splits, boxes))
    for file, data in files.items():
        manifests.write_atomic(out / file, data)
    features = ["class/label", "class/text", "encoded", "filename", "format"]
    features = [f"image/{key}" for key in (*features, "height", "width")]
    manifest = manifests.write_manifest(
        out,
        {
            "name": name,
            "source": portable_spec(source.spec),
            "seed": seed,
            "plan": digest,
            "class_names": list(source.class_names),
            "hierarchy": {k: list(v) for k, v in source.hierarchy.items()},
            "features": features + (list(BOX_KEYS) if boxes else []),
            "splits": splits,
            "files": {
                file: hashlib.sha256(data).hexdigest()
                for file, data in files.items()
            },
            "refused": [{"file": file, "reason": why} for file, why in refused],
        },
    )
    (out / STATE).unlink()
    return manifest


def _shard_index(out, shard, entry):
    """Returns ids, labels, boxes and payload lengths of a written shard."""
    refused = {image_id for image_id, _ in entry["refused"]}
    kept = [row for row, i in enumerate(shard.part.ids) if i not in refused]
    part = shard.part.take(kept)
    return {
        "file": shard.file,
        "ids": list(part.ids),
        "labels": part.labels.tolist(),
        "boxes": None if part.boxes is None else part.boxes.tolist(),
        "lengths": tfrecord.index(out / shard.file)[1].tolist(),
    }
