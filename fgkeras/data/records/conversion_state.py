"""What an output directory holds already: nothing, a part, or all."""

import contextlib
import json
import re

from fgkeras.data.records import manifest as manifests
from fgkeras.data.records.own_files import STATE
from fgkeras.data.records.own_files import OwnFiles
from fgkeras.data.records.own_files import is_regular
from fgkeras.data.records.own_files import is_there
from fgkeras.data.records.own_files import others
from fgkeras.storage import leftover_parts
from fgkeras.storage import write_text
from fgkeras.storage.folder_lock import FILE as LOCK

_SHARD = {
    "file": str,
    "records": int,
    "bytes": int,
    "sha256": str,
    "refused": list,
}
_LISTED = 3  # files that an error message names


def finished(out, name, shards, digest, pictures):
    """Returns the manifest if `out` is complete; else leaves a state to resume.

    A manifest whose files are not all there becomes the state of an unfinished
    conversion.

    Args:
        out: Path of the output directory.
        name: String, the data set's name.
        shards: List of `Shard`, from `plan_shards`.
        digest: String, from `plan_digest`.
        pictures: Callable of a `Shard` and its manifest entry: the SHA-256 of
            the source's pictures if these are the ones converted, else `None`.

    Returns:
        Dict or `None`.

    Raises:
        ValueError: `out` holds another conversion, or one of other pictures.
    """
    if not (out / manifests.MANIFEST).is_file():
        return None
    manifest = manifests.read_manifest(out)
    entries = {
        entry["file"]: dict(entry)
        for split in manifest["splits"].values()
        for entry in split["shards"]
    }
    known = {shard.file for shard in shards} == set(entries)
    if (manifest["name"], manifest["plan"]) != (name, digest) or not known:
        _refuse_directory(out, "another conversion")
    reasons = {entry["file"]: entry["reason"] for entry in manifest["refused"]}
    for shard in shards:
        entry = entries[shard.file]
        entry["refused"] = [
            [i, reasons[i]] for i in shard.part.ids if i in reasons
        ]
        entry["source_sha256"] = pictures(shard, entry)
        if entry["source_sha256"] is None:
            _refuse_directory(
                out,
                f"pictures in {shard.file} that the source no longer has under "
                "these names",
            )
    whole = all(
        (out / file).exists() and (out / file).stat().st_size == entry["bytes"]
        for file, entry in entries.items()
    ) and all((out / file).exists() for file in manifest["files"])
    own = OwnFiles(out, name)
    if whole:
        # Left where a kill came right after the manifest was written.
        with contextlib.suppress(ValueError):
            if is_there(out / STATE) and _lines(out)[0]["name"] == name:
                (out / STATE).unlink()
        return manifest
    noted = {file: {entry["sha256"]} for file, entry in entries.items()}
    noted.update({file: {sum_} for file, sum_ in manifest["files"].items()})
    _check_free(own, [*noted, manifests.MANIFEST], noted)
    own.remove_partials()
    lines = [{"plan": digest, "name": name}, *entries.values()]
    _write(out, [*lines, {"files": manifest["files"]}])
    (out / manifests.MANIFEST).unlink()
    return None


def resumed(out, name, shards, digest):
    """Returns the shards that an unfinished conversion left whole.

    One of the same name but of other images or arguments starts over: the
    source may have changed because of what stopped it.

    Nothing is removed before all is found to be in order, and then only what
    `OwnFiles` holds.

    Args:
        out: Path of the output directory, made if it is not there.
        name: String, the data set's name.
        shards: List of `Shard`, from `plan_shards`.
        digest: String, from `plan_digest`.

    Returns:
        Dict of file name to what `convert` noted of it, for the shards whose
        SHA-256 is still the one noted.

    Raises:
        ValueError: `out` holds something else, or a file of a name that is
            needed and that the conversion did not write.
    """
    if is_there(out) and not out.is_dir():
        raise ValueError(
            "`out` must be a directory, or new. Received: "
            f"out={str(out)!r}, which is a file or a link to nothing."
        )
    out.mkdir(parents=True, exist_ok=True)
    start = {"plan": digest, "name": name}
    if not is_there(out / STATE):
        # A kill may have come while the first state was written.
        parts = {p.name for p in leftover_parts(out, re.escape(STATE))}
        found = sorted({p.name for p in out.iterdir()} - {LOCK} - parts)
        if found:
            _refuse_directory(out, _some(found))
        _write(out, [start])
        return {}
    lines = _lines(out)
    if lines[0]["name"] != name:
        _refuse_directory(out, "another data set")
    own = OwnFiles(out, name)
    entries = {line["file"]: line for line in lines[1:] if "file" in line}
    noted = {}
    for line in lines[1:]:
        files = line.get("files", {line.get("file"): line.get("sha256")})
        for file, checksum in files.items():
            noted.setdefault(file, set()).add(checksum)
    needed = [shard.file for shard in shards]
    needed += [*others({shard.split for shard in shards}), manifests.MANIFEST]
    _check_free(own, needed, noted)
    own.remove_partials()
    if lines[0]["plan"] != digest:
        for file, checksums in noted.items():
            if own.holds(file, checksums):
                (out / file).unlink()
        _write(out, [start])
        return {}
    _write(out, lines)
    return {
        file: entry
        for file, entry in entries.items()
        if own.holds(file, {entry["sha256"]})
    }


def _lines(out):
    """Returns the state's lines, or says that they are not a conversion's."""
    state = out / STATE
    if not is_regular(state):
        _refuse_directory(out, f"a {STATE} that is no regular file")
    # A kill may have cut the last line; what it would say is done again.
    try:
        text = state.read_bytes().decode()
        lines = [json.loads(line) for line in text.split("\n")[:-1]]
    except ValueError:
        lines = []
    if not (lines and _is_start(lines[0]) and all(map(_is_note, lines[1:]))):
        _refuse_directory(out, f"a {STATE} that is damaged or of no conversion")
    return lines


def _is_start(line):
    return isinstance(line, dict) and all(
        isinstance(line.get(key), str) for key in ("plan", "name")
    )


def _is_note(line):
    if not isinstance(line, dict):
        return False
    if "files" in line:
        files = line["files"]
        return (
            set(line) == {"files"}
            and isinstance(files, dict)
            and all(isinstance(checksum, str) for checksum in files.values())
        )
    return all(
        isinstance(line.get(key), kind) for key, kind in _SHARD.items()
    ) and all(
        isinstance(pair, list) and [str, str] == [type(part) for part in pair]
        for pair in line["refused"]
    )


def _check_free(own, files, noted):
    """Refuses to write where something else has the name."""
    found = own.foreign(
        [file for file in files if file != manifests.MANIFEST], noted
    )
    manifest = own.out / manifests.MANIFEST
    if is_there(manifest) and not is_regular(manifest):
        found.append(manifests.MANIFEST)
    partials = [f".{file}.tmp" for file in (*files, STATE)]
    found += [
        file
        for file in partials
        if is_there(own.out / file) and not is_regular(own.out / file)
    ]
    if found:
        raise ValueError(
            "A conversion replaces only files that it wrote: regular ones, of "
            f"the SHA-256 that was noted. Received: out={str(own.out)!r} with "
            f"{_some(found)}: not written by it, or changed since. Nothing "
            "was changed. Move that away, or remove it, and the same call goes "
            "on."
        )


def _write(out, lines):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    write_text(out / STATE, text)


def _some(files):
    more = len(files) - _LISTED
    listed = ", ".join(repr(file) for file in files[:_LISTED])
    return listed + (f" and {more} more" if more > 0 else "")


def _refuse_directory(out, what):
    raise ValueError(
        "`out` must be new, empty, or of the same source and arguments. "
        f"Received: out={str(out)!r}, which holds something else: {what}. "
        "Nothing was changed. Choose another directory, or empty it."
    )
