"""Comparison of a converted directory with its manifest."""

import dataclasses
import hashlib
import pathlib

import numpy as np

from fgkeras.data.records import manifest as manifests
from fgkeras.data.records import tfrecord
from fgkeras.data.records.source import record_labels
from fgkeras.storage.folder_lock import FILE as LOCK


@dataclasses.dataclass(frozen=True)
class Problem:
    """Something that is not as the manifest says.

    Args:
        file: String, a file of the directory.
        reason: String.
        record: Int, the first record concerned, from 0, or `None`.
    """

    file: str
    reason: str
    record: int | None = None

    def __str__(self):
        where = "" if self.record is None else f", record {self.record}"
        return f"{self.file}{where}: {self.reason}"


@dataclasses.dataclass(frozen=True)
class Report:
    """What `verify` found.

    Args:
        problems: Tuple of `Problem`; empty if all is well.
        num_shards: Int, shards that were compared.
        num_records: Int, sound records in them.
    """

    problems: tuple
    num_shards: int
    num_records: int

    @property
    def ok(self):
        return not self.problems

    def __str__(self):
        found = f"{self.num_records} records in {self.num_shards} shards"
        if self.ok:
            return f"{found}: all as converted"
        return "\n".join([f"{found}:", *(f"  {p}" for p in self.problems)])


def verify(path, *, progress=None):
    """Compares every file with the manifest, and finds the damaged record.

    Use it after copying a converted directory, or when training reports a
    damaged record. Readers of TFRecord end silently at a file that was cut
    between two records; this counts. Each shard is read once for its SHA-256;
    checksums of single records are compared only where that differs.

    Args:
        path: Path of a directory that `convert` wrote.
        progress: `None`, or a callable of `(shards_done, shards_in_all)`.

    Returns:
        `Report`. Missing, extra, cut and changed files, wrong counts and
        labels without a class are problems, not errors.

    Example:

    >>> import tempfile
    >>> verify(tempfile.mkdtemp()).ok
    False
    """
    path = pathlib.Path(path)
    try:
        manifest = manifests.read_manifest(path)
    except ValueError as error:
        return Report((Problem(manifests.MANIFEST, str(error)),), 0, 0)
    problems = []
    num_records = 0
    shards = [
        (split, entry)
        for split in manifest["splits"].values()
        for entry in split["shards"]
    ]
    counts = {id(split): 0 for split in manifest["splits"].values()}
    for done, (split, entry) in enumerate(shards):
        found, labels = _check_shard(path, entry, len(manifest["class_names"]))
        problems += found
        num_records += len(labels)
        inside = labels[(labels >= 0) & (labels < len(split["counts"]))]
        counts[id(split)] += np.bincount(inside, minlength=len(split["counts"]))
        if progress is not None:
            progress(done + 1, len(shards))
    if not problems:
        problems += _check_counts(manifest, counts)
    problems += _check_others(path, manifest, {e["file"] for _, e in shards})
    return Report(tuple(problems), len(shards), num_records)


def _check_shard(path, entry, num_classes):
    """Returns the problems of one shard and the labels of its records."""
    none = np.zeros(0, "int64")
    file = path / entry["file"]
    name = entry["file"]
    if not file.is_file():
        return [Problem(name, "missing; the conversion rewrites it")], none
    same = manifests.file_sha256(file) == entry["sha256"]
    offsets, lengths, broken = tfrecord.scan(file, check=not same)
    problems = []
    if broken is not None:
        problems.append(Problem(name, broken.reason, broken.record))
    elif len(offsets) < entry["records"]:
        reason = f"ends after {len(offsets)} of {entry['records']} records"
        problems.append(Problem(name, reason, len(offsets)))
    elif len(offsets) > entry["records"]:
        reason = f"holds {len(offsets)} records instead of {entry['records']}"
        problems.append(Problem(name, reason, entry["records"]))
    labels = []
    try:
        for _, label, _ in record_labels(file, offsets, lengths):
            labels.append(label)
    except tfrecord.RecordError as error:
        problems.append(Problem(name, error.reason, error.record))
    labels = np.array(labels, "int64")
    outside = np.flatnonzero((labels < 0) | (labels >= num_classes))
    if outside.size:
        record = int(outside[0])
        reason = f"label {labels[record]} is not in [0, {num_classes})"
        problems.append(Problem(name, reason, record))
    if not same and not problems:
        reason = "sound records, but not the ones converted (SHA-256 differs)"
        problems.append(Problem(name, reason))
    return problems, labels


def _check_counts(manifest, counts):
    problems = []
    for name, split in manifest["splits"].items():
        found = counts[id(split)]
        wrong = np.flatnonzero(found != np.array(split["counts"]))
        if wrong.size:
            label = int(wrong[0])
            problems.append(
                Problem(
                    manifests.MANIFEST,
                    f"counts {split['counts'][label]} images of class "
                    f"{manifest['class_names'][label]!r} in {name}, the shards "
                    f"hold {found[label]}",
                )
            )
    return problems


def _check_others(path, manifest, shards):
    problems = []
    for name, digest in manifest["files"].items():
        file = path / name
        if not file.is_file():
            problems.append(Problem(name, "missing"))
        elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            problems.append(Problem(name, "changed after the conversion"))
    known = shards | set(manifest["files"]) | {manifests.MANIFEST, LOCK}
    for file in sorted(path.iterdir()):
        if file.name not in known:
            problems.append(Problem(file.name, "not part of the conversion"))
    return problems
