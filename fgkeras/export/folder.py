"""Version folders that appear whole or not at all, and their checksums.

TensorFlow Serving watches `saved_model/` and loads the highest number in it,
so a number must never name a half-written folder.
"""

import hashlib
import os
import pathlib

from fgkeras.storage import sync_path

CHECKSUMS = "SHA256SUMS"
_WAY_OUT = (
    "Export the run again; or, since a SavedModel is a program, load it only "
    "if you know who wrote it, then with `trust=True` (--trust)."
)

_OTHERS = {"onnx": "model.onnx", "litert": "model.tflite"}
_RUNTIMES = {"onnx": "ONNX Runtime", "litert": "LiteRT"}
_PICKLE = "which may be a pickle: to load it is to run what is in it."
_PROGRAMS = {
    **dict.fromkeys((".pkl", ".pickle", ".joblib", ".pt", ".pth"), _PICKLE),
    **dict.fromkeys(
        (".h5", ".hdf5"),
        "an HDF5 file, whose layers may be programs and are not looked at.",
    ),
}


def versions(base):
    """Returns the version numbers in a folder, ascending; `[]` without one."""
    base = pathlib.Path(base)
    if not base.is_dir():
        return []
    names = (entry.name for entry in base.iterdir() if entry.is_dir())
    return sorted(int(n) for n in names if n.isascii() and n.isdigit())


def refuse_others(path):
    """Raises for a model that is no SavedModel, with what it is.

    Args:
        path: Path of what was given as a model.

    Raises:
        ValueError: If it is an export of another format; or a pickle or an
            HDF5 model, which runs what it holds when it is loaded.
    """
    path = pathlib.Path(path)
    for kind, name in _OTHERS.items():
        inside = path / kind if (path / kind).is_dir() else path
        here = [inside, *(inside / str(n) for n in versions(inside))]
        if any((place / name).is_file() for place in here) and not (
            (path / "saved_model").is_dir()
        ):
            raise ValueError(
                "A SavedModel is what is asked and served. Received: "
                f"{path}, an export for {_RUNTIMES[kind]}. `fgkeras export "
                "RUN` writes the other; a file of this kind is run by "
                f"{_RUNTIMES[kind]} itself."
            )
    if path.is_file() and path.suffix.lower() in _PROGRAMS:
        what = _PROGRAMS[path.suffix.lower()]
        raise ValueError(
            "A model is a run, or an export with its checksums. Received: "
            f"{path}, {what} Train with fgkeras, then `fgkeras export RUN`."
        )


def _files(folder):
    found = (path for path in folder.rglob("*") if not path.is_dir())
    names = (path.relative_to(folder).as_posix() for path in found)
    return sorted(name for name in names if name != CHECKSUMS)


def _sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksums(folder):
    """Writes `SHA256SUMS` over every file of a folder (`sha256sum -c`)."""
    folder = pathlib.Path(folder)
    lines = [f"{_sha256(folder / n)}  {n}\n" for n in _files(folder)]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def check_checksums(folder):
    """Raises unless a folder holds exactly the files its checksums name.

    Args:
        folder: Path of one version, such as `saved_model/1`.

    Raises:
        ValueError: There is no `SHA256SUMS`, or a file was changed, added or
            lost since it was written.
    """
    folder = pathlib.Path(folder)
    if not (folder / CHECKSUMS).is_file():
        raise ValueError(
            f"An export must hold {CHECKSUMS}. Received: {folder}, which has "
            f"none. {_WAY_OUT}"
        )
    text = (folder / CHECKSUMS).read_text("utf-8", "replace")
    pairs = [line.partition("  ") for line in text.splitlines()]
    expected = {name: digest for digest, _, name in pairs}
    present = set(_files(folder))
    wrong = [f"{name} (lost)" for name in sorted(expected.keys() - present)]
    wrong += [f"{name} (added)" for name in sorted(present - expected.keys())]
    wrong += [
        f"{name} (changed)"
        for name in sorted(present & expected.keys())
        if _sha256(folder / name) != expected[name]
    ]
    if wrong:
        more = f" and {len(wrong) - 8} more" if len(wrong) > 8 else ""
        raise ValueError(
            f"The files of an export must be those of its {CHECKSUMS}. "
            f"Received: {folder}, of which these are not: "
            f"{', '.join(wrong[:8])}{more}. {_WAY_OUT}"
        )


def publish(temporary, target):
    """Makes a finished folder appear under its final name, at once.

    Everything is on the disk before the name is, so that neither a killed
    process nor a power cut leaves a half-written version.

    Args:
        temporary: Path of the finished folder, on the same disk as `target`.
        target: Path that does not exist yet.

    Raises:
        OSError: `target` exists and is not empty.
    """
    temporary = pathlib.Path(temporary)
    for path in temporary.rglob("*"):
        sync_path(path)
    sync_path(temporary)
    os.rename(temporary, target)
    sync_path(pathlib.Path(target).parent)
