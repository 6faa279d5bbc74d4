"""Conversion of a source into TFRecord shards that other tools open too."""

import collections
import concurrent.futures
import contextlib
import hashlib
import json
import os
import pathlib
import zipfile

import numpy as np

from fgkeras.data.images import image
from fgkeras.data.images.screened import read_normalized
from fgkeras.data.records import manifest as manifests
from fgkeras.data.records import tfrecord
from fgkeras.data.records.conversion_state import finished
from fgkeras.data.records.conversion_state import resumed
from fgkeras.data.records.example import encode_example
from fgkeras.data.records.own_files import INDEX
from fgkeras.data.records.own_files import STATE
from fgkeras.data.records.own_files import is_there
from fgkeras.data.records.shard_plan import box_lists
from fgkeras.data.records.shard_plan import column_lists
from fgkeras.data.records.shard_plan import dataset_name
from fgkeras.data.records.shard_plan import plan_digest
from fgkeras.data.records.shard_plan import plan_shards
from fgkeras.data.records.shard_plan import portable_spec
from fgkeras.data.records.tfds_metadata import BOX_KEYS
from fgkeras.data.records.tfds_metadata import COLUMN
from fgkeras.data.records.tfds_metadata import tfds_metadata
from fgkeras.storage import DiskRefusal
from fgkeras.storage import FolderLock
from fgkeras.storage import whole_file

_FORMATS = {"jpeg": "jpg", "png": "png"}
_UNREADABLE = (ValueError, OSError, zipfile.BadZipFile)
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
    but for files that are missing, which are rewritten. Both read the source's
    pictures once more: where other pictures have come under the same names,
    unfinished shards are rewritten and a complete conversion is refused.
    `manifest.json` is written last, so a directory without it is unfinished.
    A file that the conversion did not write is never removed or replaced, nor
    is one that was changed since: it is named instead.

    Every image is run through, header first, and stored upright as 8-bit JPEG
    or PNG. `tensorflow_datasets.builder_from_directory(out)` opens the result.
    Columns of the images, such as their licence, are kept: as they are in the
    index, which `records:` reads, and as text in the records.

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
        Dict, the manifest; see `fgkeras.data.records.manifest.read_manifest`.

    Raises:
        ValueError: an image is bad; `out` holds something else, or the same
            conversion of other pictures; a name or a label cannot be stored.

    Example:

    >>> import tempfile
    >>> from fgkeras.data.sources.source import Source, Split
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
    total = sum(len(shard.part) for shard in shards)
    seen = 0

    def report(images):
        if progress is not None:
            progress(seen + images, total)

    def pictures(shard, entry):
        nonlocal seen
        same = reader.unchanged(shard, entry)
        if same is not None:
            seen += len(shard.part)
            report(0)
        return same

    with (
        _kept_to_itself(out),
        _Reader(source, workers or os.cpu_count()) as reader,
    ):
        manifest = finished(out, name, shards, digest, pictures)
        if manifest is not None:
            return manifest
        entries = resumed(out, name, shards, digest)
        seen = 0
        with (out / STATE).open("a") as state:

            def note(line):
                text = json.dumps(line) + "\n"
                try:
                    state.write(text)
                    state.flush()
                    os.fsync(state.fileno())
                except OSError as error:
                    raise DiskRefusal(error, out / STATE, len(text)) from error

            for shard in shards:
                entry = entries.get(shard.file)
                if entry is None or pictures(shard, entry) is None:
                    entries[shard.file] = _write_shard(
                        out, shard, reader, skip_bad, report, note
                    )
                    seen += len(shard.part)
                    report(0)
            return _finish(
                source, out, name, seed, shards, digest, entries, note
            )


def _kept_to_itself(out):
    """The lock of the directory, made if it is new.

    A complete one may lie where nothing may be written, and is looked at only.
    """
    if is_there(out) and not out.is_dir():
        return contextlib.nullcontext()  # refused in `resumed`
    if (out / manifests.MANIFEST).is_file() and not os.access(out, os.W_OK):
        return contextlib.nullcontext()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskRefusal(error, out) from error
    return FolderLock(out)


class _Reader:
    """Reads the images of a shard on several threads, in their order."""

    def __init__(self, source, workers):
        self.source = source
        self.boxes, self.columns = source.has_boxes, source.columns
        self._window = 4 * workers
        self._pool = concurrent.futures.ThreadPoolExecutor(workers)

    def __enter__(self):
        self._pool.__enter__()
        return self

    def __exit__(self, *error):
        return self._pool.__exit__(*error)

    def examples(self, part):
        """Yields `(record, reason, SHA-256 of the picture)` per image.

        There is a framed record, or a reason why there is none.
        """
        return self._each(part, self._example)

    def unchanged(self, shard, entry):
        """Returns the SHA-256 of a shard's pictures if they are those noted.

        Args:
            shard: A `Shard`.
            entry: Dict, what `_write_shard` noted of it; without
                `source_sha256` (written by earlier versions) the records are
                made again and compared.
        """
        digest, records = hashlib.sha256(), hashlib.sha256()
        if "source_sha256" in entry:
            for found in self._each(shard.part, self._picture):
                digest.update(found)
            same = digest.hexdigest() == entry["source_sha256"]
        else:
            for record, _, found in self.examples(shard.part):
                records.update(record or b"")
                digest.update(found)
            same = records.hexdigest() == entry["sha256"]
        return digest.hexdigest() if same else None

    def _each(self, part, function):
        """Yields what `function` gives for each row, a window ahead."""
        pending = collections.deque()
        for row in range(len(part)):
            pending.append(self._pool.submit(function, part, row))
            if len(pending) >= self._window:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()

    def _picture(self, part, row):
        try:
            data = self.source.read(part.ids[row])
        except _UNREADABLE:
            data = b""
        return hashlib.sha256(data).digest()

    def _example(self, part, row):
        image_id, label = part.ids[row], int(part.labels[row])
        try:
            # Others that read records do not turn JPEGs.
            data, digest = read_normalized(
                self.source, image_id, digest=True, upright=True
            )
            info = image.inspect(data)
        except _UNREADABLE as error:
            reason = getattr(error, "strerror", None) or str(error)
            return None, reason, self._picture(part, row)
        features = {
            "image/encoded": data,
            "image/format": _FORMATS[info.format],
            "image/height": info.height,
            "image/width": info.width,
            "image/filename": image_id,
            "image/class/label": label,
            "image/class/text": self.source.class_names[label],
        }
        if self.boxes:
            boxes = np.zeros((0, 4), "float32")
            if part.boxes is not None:
                boxes = part.boxes[row : row + 1]
            sides = boxes[np.isfinite(boxes).all(axis=1)].T
            features.update(zip(BOX_KEYS, sides, strict=True))
        for name in self.columns:
            values = part.columns.get(name)
            text = "" if values is None else str(values[row])
            features[COLUMN.format(name)] = text
        return tfrecord.frame(encode_example(features)), None, digest


def _write_shard(out, shard, *rest):
    """Writes one shard under its name once it is whole; returns its entry."""
    try:
        return _written_shard(out, shard, *rest)
    except OSError as error:
        # Errors of the source's own files are in `refused` by now. Closing
        # the file raises once more what writing it has raised.
        if type(error) is not OSError:
            raise
        raise DiskRefusal(error, out / shard.file) from error


def _written_shard(out, shard, reader, skip_bad, report, note):
    partial = out / f".{shard.file}.tmp"
    written, pictures = hashlib.sha256(), hashlib.sha256()
    refused = []
    # Only a new file: what has the name already may be a link to another.
    with partial.open("xb") as file:
        try:
            for done, (record, reason, digest) in enumerate(
                reader.examples(shard.part)
            ):
                pictures.update(digest)
                if record is None:
                    refused.append([shard.part.ids[done], reason])
                else:
                    file.write(record)
                    written.update(record)
                report(done + 1)
            bits = reader.source.used_bits
            bits = [bits[i] for i in shard.part.ids if i in bits]
            if refused and not skip_bad:
                _refuse(shard.file, refused)
            file.flush()
            os.fsync(file.fileno())
            entry = {
                "file": shard.file,
                "records": len(shard.part) - len(refused),
                "bytes": file.tell(),
                "sha256": written.hexdigest(),
                "source_sha256": pictures.hexdigest(),
                "refused": refused,
                # Of pictures of 16 bits, of which the upper 8 are stored.
                **({"used_bits": bits} if bits else {}),
            }
            # Noted first: a file whose checksum is noted is this one's own.
            note(entry)
            os.replace(partial, out / shard.file)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    return entry


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


def _finish(source, out, name, seed, shards, digest, entries, note):
    """Writes what describes the shards, the manifest last; returns it."""
    boxes = source.has_boxes
    columns = [COLUMN.format(name) for name in source.columns]
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
    files.update(
        tfds_metadata(name, source.class_names, splits, boxes, columns)
    )
    sums = {k: hashlib.sha256(data).hexdigest() for k, data in files.items()}
    note({"files": sums})
    for file, data in files.items():
        with whole_file(out / file) as whole:
            whole.write(data)
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
            "features": [*features, *(BOX_KEYS if boxes else ()), *columns],
            "splits": splits,
            "files": sums,
            "refused": [{"file": file, "reason": why} for file, why in refused],
        },
    )
    (out / STATE).unlink()
    return manifest


def _shard_index(out, shard, entry):
    """Returns ids, labels, lengths and what else is known of a shard."""
    refused = {image_id for image_id, _ in entry["refused"]}
    kept = [row for row, i in enumerate(shard.part.ids) if i not in refused]
    part = shard.part.take(kept)
    columns = column_lists(part)
    return {
        **({"columns": columns} if columns else {}),
        "file": shard.file,
        "ids": list(part.ids),
        "labels": part.labels.tolist(),
        "boxes": box_lists(part),
        "lengths": tfrecord.index(out / shard.file)[1].tolist(),
    }
