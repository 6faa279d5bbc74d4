"""The manifest of a converted directory: what must be there, bit for bit."""

import hashlib
import json
import pathlib
import re

from fgkeras.storage import whole_file

MANIFEST = "manifest.json"
FORMAT = "fgkeras-records"
VERSION = 1
_FIELDS = {
    "class_names": list,
    "features": list,
    "files": dict,
    "hierarchy": dict,
    "name": str,
    "plan": str,
    "refused": list,
    "seed": int,
    "source": str,
    "splits": dict,
}
_SHARD = {"file": str, "records": int, "bytes": int, "sha256": str}
# The line that `write_manifest` adds; text holds no line ends in JSON.
_SEAL = re.compile(rb'\n "sha256": "([0-9a-f]{64})",')


def to_json(value, indent=1):
    """Returns JSON bytes that depend on the value alone."""
    text = json.dumps(value, indent=indent, sort_keys=True, ensure_ascii=False)
    return text.encode() + b"\n"


def file_sha256(path):
    """Returns a file's SHA-256 as hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(directory, manifest):
    """Writes `manifest.json`, with a checksum of its own content.

    Args:
        directory: Path.
        manifest: Dict with the fields that `read_manifest` returns, without
            `format`, `version` and `sha256`.

    Returns:
        Dict, with these three added.
    """
    manifest = {**manifest, "format": FORMAT, "version": VERSION}
    manifest["sha256"] = hashlib.sha256(to_json(manifest)).hexdigest()
    with whole_file(pathlib.Path(directory, MANIFEST)) as file:
        file.write(to_json(manifest))
    return manifest


def read_manifest(directory):
    """Returns the manifest of a converted directory, checked.

    Args:
        directory: Path.

    Returns:
        Dict: `name`, `source`, `seed`, `class_names`, `hierarchy` (column to
        one string per class), `features` (record keys), `splits` (name to
        `counts`, images per class, `images`, and `shards`, a list of `file`,
        `records`, `bytes`, `sha256`, and `used_bits` of its pictures of 16
        bits), `files` (other files to their SHA-256),
        `refused` (a list of `file` and `reason`), `plan` (SHA-256 of what was
        to be converted), `format`, `version`, `sha256`.

    Raises:
        ValueError: there is none, or it is damaged, of another version.
    """
    path = pathlib.Path(directory, MANIFEST)
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ValueError(
            f"A converted directory must hold {MANIFEST}, written last. "
            f"Received: directory={str(directory)!r}, which has none: the "
            "conversion was not finished; run it again to resume."
        ) from error
    # Before it is parsed; of one that was changed the rest only tells why.
    sealed = _is_sealed(data)
    manifest = _parsed(path, data)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ValueError(
            f"The manifest must be of format {FORMAT!r}. Received: {path}, "
            "which is of another."
        )
    if manifest.get("version") != VERSION:
        raise ValueError(
            f"The manifest must be of version {VERSION}. Received: {path} of "
            f"version {manifest.get('version')!r}. Update the library or "
            "convert into a new directory."
        )
    if not sealed or not _is_shaped(manifest):
        raise ValueError(
            f"The manifest must fit its own checksum. Received: {path}, which "
            "was changed or damaged after it was written. Convert into a new "
            "directory."
        )
    return manifest


def _is_sealed(data):
    """Whether the bytes of a manifest are those that its checksum is of."""
    found = _SEAL.findall(data)
    if len(found) != 1:
        return False
    content = _SEAL.sub(b"", data)
    return hashlib.sha256(content).hexdigest().encode() == found[0]


def _parsed(path, data):
    """The value of a manifest's bytes."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError, MemoryError) as error:
        raise ValueError(
            f"The manifest must be JSON. Received: {path}, which is damaged "
            f"({error or type(error).__name__}). Convert into a new directory."
        ) from error


def _is_shaped(manifest):
    """Whether every field has the type that readers rely on."""
    return (
        all(_is(manifest.get(name), kind) for name, kind in _FIELDS.items())
        and all(_is(name, str) for name in manifest["class_names"])
        and all(
            _is(values, list)
            and len(values) == len(manifest["class_names"])
            and all(_is(value, str) for value in values)
            for values in manifest["hierarchy"].values()
        )
        and all(_is(digest, str) for digest in manifest["files"].values())
        and all(
            _is(entry, dict)
            and _is(entry.get("file"), str)
            and _is(entry.get("reason"), str)
            for entry in manifest["refused"]
        )
        and all(
            _is_split(split, len(manifest["class_names"]))
            for split in manifest["splits"].values()
        )
    )


def _is_split(split, num_classes):
    return (
        _is(split, dict)
        and _is(split.get("shards"), list)
        and _is(split.get("counts"), list)
        and len(split["counts"]) == num_classes
        and all(_is(count, int) for count in split["counts"])
        and all(_is_shard(shard) for shard in split["shards"])
    )


def _is_shard(shard):
    return (
        _is(shard, dict)
        and all(_is(shard.get(name), kind) for name, kind in _SHARD.items())
        and shard["records"] >= 0
        and _is(shard.get("used_bits", []), list)
        and all(_is(bits, int) for bits in shard.get("used_bits", ()))
        # Directly in the directory, whatever the manifest says.
        and pathlib.PurePath(shard["file"]).name == shard["file"]
    )


def _is(value, kind):
    """Whether a value has a type; `True` is no whole number."""
    return isinstance(value, kind) and not (
        kind is int and isinstance(value, bool)
    )
