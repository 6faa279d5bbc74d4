"""What an output directory holds already: nothing, a part, or all."""

import json

from fgkeras.data import manifest as manifests

# A line for the plan, then one per shard, appended once the shard is whole.
STATE = ".partial.jsonl"


def finished(out, name, shards, digest):
    """Returns the manifest if `out` is complete; else leaves a state to resume.

    A manifest whose files are not all there becomes the state of an unfinished
    conversion.

    Args:
        out: Path of the output directory.
        name: String, the data set's name.
        shards: List of `Shard`, from `plan_shards`.
        digest: String, from `plan_digest`.

    Returns:
        Dict or `None`.

    Raises:
        ValueError: `out` holds another conversion.
    """
    if not (out / manifests.MANIFEST).exists():
        return None
    manifest = manifests.read_manifest(out)
    if manifest["plan"] != digest:
        _refuse_directory(out)
    entries = {
        entry["file"]: entry
        for split in manifest["splits"].values()
        for entry in split["shards"]
    }
    whole = all(
        (out / file).exists() and (out / file).stat().st_size == entry["bytes"]
        for file, entry in entries.items()
    ) and all((out / file).exists() for file in manifest["files"])
    if whole:
        (out / STATE).unlink(missing_ok=True)
        return manifest
    lines = [{"plan": digest, "name": name}]
    reasons = {entry["file"]: entry["reason"] for entry in manifest["refused"]}
    for shard in shards:
        refused = [[i, reasons[i]] for i in shard.part.ids if i in reasons]
        lines.append({**entries[shard.file], "refused": refused})
    text = "".join(json.dumps(line) + "\n" for line in lines)
    manifests.write_atomic(out / STATE, text.encode())
    (out / manifests.MANIFEST).unlink()
    return None


def resumed(out, name, digest):
    """Returns the shards that an unfinished conversion left whole.

    One of the same name but of other images or arguments starts over: the
    source may have changed because of what stopped it.

    Args:
        out: Path of the output directory, made if it is not there.
        name: String, the data set's name.
        digest: String, from `plan_digest`.

    Returns:
        Dict of file name to what `convert` noted of it, for the shards whose
        SHA-256 is still the one noted.

    Raises:
        ValueError: `out` holds something else.
    """
    out.mkdir(parents=True, exist_ok=True)
    for partial in out.glob(".*.tmp"):
        partial.unlink()
    state = out / STATE
    if not state.exists():
        if any(out.iterdir()):
            _refuse_directory(out)
        _start(out, name, digest)
        return {}
    # A kill may have cut the last line; what it would say is done again.
    lines = state.read_text().split("\n")[:-1]
    state.write_text("".join(f"{line}\n" for line in lines))
    lines = [json.loads(line) for line in lines]
    if lines[0]["name"] != name:
        _refuse_directory(out)
    if lines[0]["plan"] != digest:
        for entry in lines[1:]:
            (out / entry["file"]).unlink(missing_ok=True)
        _start(out, name, digest)
        return {}
    return {
        entry["file"]: entry
        for entry in lines[1:]
        if (out / entry["file"]).exists()
        and manifests.file_sha256(out / entry["file"]) == entry["sha256"]
    }


def _start(out, name, digest):
    line = json.dumps({"plan": digest, "name": name}) + "\n"
    manifests.write_atomic(out / STATE, line.encode())


def _refuse_directory(out):
    raise ValueError(
        "`out` must be new, empty, or of the same source and arguments. "
        f"Received: out={str(out)!r}, which holds something else. Choose "
        "another directory, or empty it."
    )
