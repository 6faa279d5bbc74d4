"""Taking away a run that is replaced: what it wrote, and nothing else."""

import hashlib
import json
import os
import pathlib
import re

from fgkeras.config import Config
from fgkeras.config import when
from fgkeras.storage import leftover_parts
from fgkeras.storage.folder_lock import FILE as LOCK

FILES = (
    "metrics.json",
    "config.json",
    "data.json",
    "classes.json",
    "environment.json",
    "history.csv",
    "journal.jsonl",
    "spent.json",
    "training_ids.txt",
    "val_ids.txt",
    "stage_images.json",
    "beta.json",
    "untrained.npz",
    "model.keras",
    "parity_pictures.npz",
    "adjustment.json",
    "predictions.npz",
    "predictions.csv",
    "val_predictions.npz",
    "calibration_predictions.npz",
    "known_vectors.npz",
    "trust.json",
    "embeddings.npz",
    "report.html",
)
RESULTS = (
    "metrics.json",
    "predictions.npz",
    "predictions.csv",
    "embeddings.npz",
    "report.html",
)
# Of exported versions, a folder for each format.
_EXPORTED = ("saved_model", "litert", "onnx")
_FOLDERS = ("checkpoints", "evaluations", *_EXPORTED)
# As `fgkeras.storage.whole_file` names them, and as earlier versions did.
_PART = re.compile(
    rf"\.({'|'.join(map(re.escape, FILES))})\.[^/]*\.part(\.\w+)?"
    rf"|({'|'.join(map(re.escape, FILES))})\.writing"
)
_USUAL = ("head", "all", "embedding")
_CHECKSUMS = "SHA256SUMS"
_SECTIONS = {"data", "model", "loss", "train"}
_RESULTS_SAY = {"num_images", "data", "split"}


def is_run(path):
    """Whether a folder is one of a run: by its config, option by option.

    Args:
        path: `pathlib.Path`.
    """
    found = _json(path / "config.json")
    stored = found.get("resolved", found)
    if not isinstance(stored, dict) or not set(stored) >= _SECTIONS:
        return False
    try:
        Config.of_run(found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
    return True


def checkpoints_of(config):
    """Returns the names of what stages and samplers keep of a training.

    Args:
        config: The `Config` of the run.
    """
    names = (stage.name for stage in config.stages())
    stages = list(dict.fromkeys([*names, *_USUAL]))
    triplets = [f"{name}-triplets.npz" for name in stages]
    best = [f"{name}-best.npz" for name in stages]
    stages += [f"fold{number}" for number in range(when.folds_of(config))]
    whole = [f"{name}.npz" for name in stages]
    return (*whole, *best, *triplets, "triplets.npz")


def is_beginning(path):
    """Whether a folder holds nothing but what a run that had to end left.

    Before its config is there, a run has made its lock and empty folders, and
    a part of a file of its own.

    Args:
        path: `pathlib.Path` of a folder.
    """
    for entry in path.iterdir():
        if entry.is_symlink():
            return False
        if entry.name in _FOLDERS and entry.is_dir():
            ours = not any(entry.iterdir())
        else:
            named = bool(entry.name == LOCK or _PART.fullmatch(entry.name))
            ours = named and entry.is_file()
        if not ours:
            return False
    return True


def remove_parts(path):
    """Removes what processes of this machine that died left of a run's files.

    Args:
        path: `pathlib.Path` of the folder of a run, which is locked.
    """
    form = "|".join(map(re.escape, FILES))
    found = leftover_parts(path, form)
    found += leftover_parts(path / "checkpoints", r"[\w.-]+\.npz")
    for part in found:
        _remove(part)


def is_evaluation(path):
    """Whether a folder holds the results of an evaluation, and no run."""
    found = _json(path / "metrics.json")
    return set(found) >= _RESULTS_SAY and not is_run(path)


def remove_run(path):
    """Removes what a run wrote into its folder.

    Files that no run writes stay, and so do links and what they point to.

    Args:
        path: `pathlib.Path` of the folder of a run.

    Raises:
        ValueError: If a part of the run is a link, before anything is removed.
    """
    links = [n for n in (*FILES, *_FOLDERS) if (path / n).is_symlink()]
    if links:
        raise ValueError(
            "A run is replaced where it lies, and links are not followed. "
            f"Received: {path / links[0]}, which is a link. Remove the link, "
            "or choose another folder (--out)."
        )
    checkpoints = path / "checkpoints"
    if checkpoints.is_dir():
        config = Config.of_run(_json(path / "config.json"))
        for name in checkpoints_of(config):
            _remove(checkpoints / name)
            _remove(checkpoints / f"{name}.writing")
            for file in checkpoints.glob(f".{name}.*.part"):
                _remove(file)
    for folder in _inside(path / "evaluations"):
        if is_evaluation(folder):
            for name in RESULTS:
                _remove(folder / name)
            _remove_empty(folder)
    for kind in _EXPORTED:
        for folder in _inside(path / kind):
            if folder.name.isdigit():
                _remove_version(folder)
    for name in ("evaluations", *_EXPORTED):
        _remove_empty(path / name)
    remove_parts(path)
    # The config last: with it the rest can be told to be a run's.
    for name in (*(n for n in FILES if n != "config.json"), "config.json"):
        _remove(path / name)


def _remove_version(folder):
    """Removes an exported version: the files that its checksums name."""
    if not (folder / _CHECKSUMS).is_file():
        return
    text = (folder / _CHECKSUMS).read_text("utf-8", "replace")
    pairs = (line.partition("  ") for line in text.splitlines())
    expected = {name: digest for digest, _, name in pairs}
    for place, folders, names in os.walk(folder, topdown=False):
        for name in names:
            path = pathlib.Path(place, name)
            known = expected.get(path.relative_to(folder).as_posix())
            if known and not path.is_symlink() and _sha256(path) == known:
                path.unlink()
        for name in folders:
            _remove_empty(pathlib.Path(place, name))
    _remove(folder / _CHECKSUMS)
    _remove_empty(folder)


def _sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _inside(folder):
    if not folder.is_dir():
        return []
    return sorted(
        p for p in folder.iterdir() if p.is_dir() and not p.is_symlink()
    )


def _remove(path):
    """Removes a regular file; a link or a folder stays."""
    if path.is_file() and not path.is_symlink():
        path.unlink()


def _remove_empty(folder):
    if (
        folder.is_dir()
        and not folder.is_symlink()
        and not any(folder.iterdir())
    ):
        folder.rmdir()


def _json(path):
    """Returns a JSON file's dict; empty if there is none."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError, MemoryError):
        return {}
    return found if isinstance(found, dict) else {}
