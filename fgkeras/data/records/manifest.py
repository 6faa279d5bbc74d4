"""The manifest of a converted directory: what must be there, bit for bit."""

import hashlib
import json
import pathlib

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
        `records`, `bytes`, `sha256`), `files` (other files to their SHA-256),
        `refused` (a list of `file` and `reason`), `plan` (SHA-256 of what was
        to be converted), `format`, `version`, `sha256`.

    Raises:
        ValueError: there is none, or it is damaged, of another version.
    """
    path = pathlib.Path(directory, MANIFEST)
    try:
        manifest = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise ValueError(
            f"A converted directory must hold {MANIFEST}, written last. "
            f"Received: directory={str(directory)!r}, which has none: the "
            "conversion was not finished; run it again to resume."
        ) from error
    except ValueError as error:
        raise ValueError(
            f"The manifest must be JSON. Received: {path}, which is damaged "
            f"({error}). Convert into a new directory."
        ) from error
    _check(path, manifest)
    return manifest


def _check(path, manifest):
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
    content = {k: v for k, v in manifest.items() if k != "sha256"}
    digest = hashlib.sha256(to_json(content)).hexdigest()
    shaped = all(
        isinstance(manifest.get(field), kind) for field, kind in _FIELDS.items()
    ) and all(
        isinstance(shard.get(field), kind)
        for split in manifest["splits"].values()
        for shard in split["shards"]
        for field, kind in _SHARD.items()
    )
    if digest != manifest.get("sha256") or not shaped:
        raise ValueError(
            f"The manifest must fit its own checksum. Received: {path}, which "
            "was changed or damaged after it was written. Convert into a new "
            "directory."
        )
