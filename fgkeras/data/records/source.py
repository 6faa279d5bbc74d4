"""Converted directories, and plain TFRecord files, as a source."""

import hashlib
import json
import mmap
import pathlib
import re

import numpy as np

from fgkeras.data.images.depth import depth_notes
from fgkeras.data.records import manifest as manifests
from fgkeras.data.records import tfrecord
from fgkeras.data.records.example import decode_example
from fgkeras.data.records.index_check import check_index
from fgkeras.data.records.own_files import INDEX
from fgkeras.data.records.tfds_metadata import BOX_KEYS
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.split import Split
from fgkeras.data.sources.split import joined_splits

LABEL = "image/class/label"
_UNREADABLE = (
    OSError,
    ValueError,
    TypeError,
    RecursionError,
    MemoryError,
)
_PLAIN = re.compile(
    r"(?:.*?[-_])??(?P<split>[A-Za-z]+)"
    r"(?:\.tfrecords?(?:-\d+-of-\d+)?|[-_]\d+-of-\d+(?:\.tfrecords?)?)"
)


class RecordsSource(Source):
    """Images in TFRecord shards, read at random.

    Opens what `convert` wrote, from its manifest, without reading the shards.
    A directory without a manifest opens too if it holds `labels.txt`, a class
    name per line, and TFRecord files of the keys `image/encoded` and
    `image/class/label` named `NAME-SPLIT.tfrecord-00000-of-00004` or
    `SPLIT_00000-of-00004.tfrecord`: these are walked through once.

    Ids are the records' `image/filename`, or `FILE#RECORD` where that is
    missing or taken.

    Args:
        path: Path of the directory.

    Raises:
        ValueError: the directory is unfinished, a shard is missing, cut or
            damaged, a label has no class: the shard and record are named.

    Example:

    >>> import tempfile
    >>> from fgkeras.data.records.example import encode_example
    >>> path = pathlib.Path(tempfile.mkdtemp())
    >>> record = {"image/encoded": b"...", "image/class/label": 1}
    >>> payloads = [encode_example(record)]
    >>> tfrecord.write(path / "train_00000-of-00001.tfrecord", payloads)
    1
    >>> (path / "labels.txt").write_text("wren\\nrobin\\n")
    11
    >>> source = RecordsSource(path)
    >>> source.read("train_00000-of-00001.tfrecord#0")
    b'...'
    """

    may_hold_bad = False

    def __init__(self, path):
        path = pathlib.Path(path)
        if not path.is_dir():
            found = "a file" if path.exists() else "nothing"
            raise ValueError(
                "`records:` needs an existing folder of TFRecord shards, as "
                "`fgkeras data convert` writes it. Received: "
                f"path={str(path)!r}, where there is {found}."
            )
        self.path = path
        plain = path / "labels.txt"
        self._digests, notes = {}, []
        if (path / manifests.MANIFEST).exists() or not plain.exists():
            manifest = manifests.read_manifest(path)
            class_names = manifest["class_names"]
            hierarchy = manifest["hierarchy"]
            shards = _manifest_shards(path, manifest)
            self._digests = {
                entry["file"]: entry["sha256"]
                for split in manifest["splits"].values()
                for entry in split["shards"]
            }
            notes = depth_notes(
                bits
                for split in manifest["splits"].values()
                for entry in split["shards"]
                for bits in entry.get("used_bits", ())
            )
        else:
            class_names = plain.read_text(encoding="utf-8").splitlines()
            hierarchy = {}
            shards = _plain_shards(path)
        self._places = {}
        splits = {}
        for split, members in shards.items():
            splits[split] = self._add(members, len(class_names))
        self._shards = {
            split: [path / member["file"] for member in members]
            for split, members in shards.items()
        }
        super().__init__(
            f"records:{path}", class_names, splits, hierarchy, notes=notes
        )

    @classmethod
    def from_spec(cls, text, *, skip_bad=False):
        """Opens a directory; `skip_bad` is no matter, it was converted."""
        del skip_bad
        return cls(text)

    def _add(self, members, num_classes):
        """Notes where the records of some shards are; returns the split."""
        parts = []
        for member in members:
            ids = []
            file = self.path / member["file"]
            outside = [
                row
                for row, label in enumerate(member["labels"])
                if not 0 <= label < num_classes
            ]
            if outside:
                raise tfrecord.RecordError(
                    file, outside[0], _no_class(member, outside[0], num_classes)
                )
            lengths = np.array(member["lengths"], "int64")
            ends = np.cumsum(lengths + tfrecord.OVERHEAD)
            offsets = (ends - lengths - 4).tolist()
            for row, image_id in enumerate(member["ids"]):
                if image_id is None or image_id in self._places:
                    image_id = f"{member['file']}#{row}"
                ids.append(image_id)
                label = member["labels"][row]
                self._places[image_id] = (
                    file,
                    offsets[row],
                    member["lengths"][row],
                    row,
                    label,
                )
            boxes = member["boxes"]
            if boxes is not None:
                none = [np.nan] * 4
                boxes = np.array([box or none for box in boxes], "float32")
                boxes = np.reshape(boxes, (-1, 4))
            labels = np.array(member["labels"], "int64")
            columns = {
                name: _column(values)
                for name, values in member.get("columns", {}).items()
            }
            parts.append(Split(tuple(ids), labels, boxes, columns))
        return joined_splits(parts)

    def shards(self, split):
        """Returns the paths of a split's files, in order."""
        self.split(split)
        return list(self._shards[split])

    def stamps(self, ids):
        """Returns each record's length, and the shard's SHA-256 if noted."""
        out = []
        for image_id in ids:
            file, _, length, record, _ = self._places[image_id]
            digest = self._digests.get(file.name, "")[:16]
            out.append(f"{length} {digest}#{record}" if digest else f"{length}")
        return out

    def read(self, image_id):
        """Returns the encoded bytes of one image, checksum compared."""
        if image_id not in self._places:
            raise ValueError(
                f"`image_id` must be one of {self.spec}. Received: "
                f"image_id={image_id!r}."
            )
        file, offset, length, record, label = self._places[image_id]
        payload = tfrecord.read_payload(file, offset, length, record)
        features = decode_example(payload, {"image/encoded", LABEL})
        if features.get(LABEL, np.array([-1])).tolist() != [label]:
            raise tfrecord.RecordError(
                file, record, f"its label is not the {label} of the index"
            )
        if len(features.get("image/encoded", ())) != 1:
            raise tfrecord.RecordError(file, record, "it has no image/encoded")
        return features["image/encoded"][0]


def record_labels(path, offsets, lengths):
    """Yields id, label and box of each record, without touching the images.

    Args:
        path: Path of a TFRecord file.
        offsets: NumPy `int64`, from `tfrecord.index`.
        lengths: NumPy `int64`, from `tfrecord.index`.

    Raises:
        RecordError: a record is no Example or has no single label.
    """
    keys = {LABEL, "image/filename", *BOX_KEYS}
    if not len(offsets):
        return
    with open(path, "rb") as file:
        # Closed with its last view: an error's traceback may still hold one.
        view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    for record, (start, length) in enumerate(
        zip(offsets.tolist(), lengths.tolist(), strict=True)
    ):
        try:
            features = decode_example(view[start : start + length], keys)
        except ValueError as error:
            reason = "it is no tf.train.Example"
            raise tfrecord.RecordError(path, record, reason) from error
        label = features.get(LABEL)
        if not isinstance(label, np.ndarray) or label.shape != (1,):
            reason = f"it must have one integer {LABEL}"
            raise tfrecord.RecordError(path, record, reason)
        name = features.get("image/filename") or [None]
        box = [features.get(key, ()) for key in BOX_KEYS]
        single = all(len(side) == 1 for side in box)
        yield (
            name[0] and name[0].decode("utf-8", "replace"),
            int(label[0]),
            [float(side[0]) for side in box] if single else None,
        )


def _column(values):
    """Returns a column of the index as it was: numbers, or text."""
    text = any(isinstance(value, str) for value in values)
    return np.array(values, object if text else None)


def _no_class(member, row, num_classes):
    return (
        f"labels must be in [0, {num_classes}). Received: "
        f"{LABEL}={member['labels'][row]}"
    )


def _manifest_shards(path, manifest):
    """Returns the index of each split, compared with the manifest."""
    shards = {}
    for split, described in manifest["splits"].items():
        file = path / INDEX.format(split)
        noted = manifest["files"].get(file.name)
        try:
            data = file.read_bytes()
            # Names and labels of images: changed ones would pass for true.
            if hashlib.sha256(data).hexdigest() != noted:
                raise ValueError("it was changed after the conversion")
            members = json.loads(data)
            for member, entry in zip(members, described["shards"], strict=True):
                check_index(member, entry)
        except _UNREADABLE as error:
            raise ValueError(
                "The index must list what the manifest does. Received: "
                f"{file} ({error or type(error).__name__}). Convert again "
                "into a new directory."
            ) from error
        for entry in described["shards"]:
            _check_size(path / entry["file"], entry["bytes"])
        shards[split] = members
    return shards


def _check_size(file, size):
    found = file.stat().st_size if file.exists() else None
    if found != size:
        state = "missing" if found is None else f"{found} bytes"
        raise ValueError(
            f"Every shard must have its size. Received: {file}, {state} "
            f"instead of {size} bytes. Remove what is left of it and run the "
            "conversion again: it rewrites this shard only."
        )


def _plain_shards(path):
    """Returns the index of TFRecord files without a manifest, by reading."""
    shards = {}
    for file in sorted(path.iterdir()):
        match = _PLAIN.fullmatch(file.name)
        if match is None or not file.is_file():
            continue
        offsets, lengths = tfrecord.index(file)
        rows = list(record_labels(file, offsets, lengths))
        boxes = [box for _, _, box in rows]
        shards.setdefault(match["split"], []).append(
            {
                "file": file.name,
                "ids": [name for name, _, _ in rows],
                "labels": [label for _, label, _ in rows],
                "boxes": boxes if any(boxes) else None,
                "lengths": lengths.tolist(),
            }
        )
    if not shards:
        raise ValueError(
            "A directory of records must hold TFRecord files, such as "
            f"train_00000-of-00001.tfrecord. Received: path={str(path)!r}."
        )
    return shards
