"""Whether two runs left the same files with the same content."""

import csv
import io
import json
import zipfile

import h5py
import numpy as np

# Times, process ids and pages that show them.
NOT_COMPARED = (".lock", "environment.json", "journal.jsonl", "report.html")


def differences(one, two):
    """Returns what differs between two folders, a list of strings.

    Args:
        one: `pathlib.Path`, of the run that was never killed.
        two: `pathlib.Path`.
    """
    here, there = _files(one), _files(two)
    out = [f"lost: {name}" for name in sorted(here - there)]
    out += [f"left over: {name}" for name in sorted(there - here)]
    for name in sorted(here & there):
        first, second = _content(one / name), _content(two / name)
        if not _same(first, second):
            out.append(f"differs: {name}")
    return out


def _files(root):
    return {
        str(path.relative_to(root)) + ("/" if path.is_dir() else "")
        for path in root.rglob("*")
    }


def _content(path):
    """What a file says, without times and the places it was written at."""
    if path.is_dir() or path.name in NOT_COMPARED:
        return None
    if "saved_model" in path.parts:
        # Names of functions are numbered by the process.
        return path.read_text() if path.name == "labels.json" else None
    if path.suffix == ".keras":
        return _weights(path)
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as file:
            return {n: file[n] for n in file.files if n != "header"}
    if path.name == "history.csv":
        with open(path, newline="", encoding="utf-8") as file:
            return [
                {k: v for k, v in row.items() if k != "seconds"}
                for row in csv.DictReader(file)
            ]
    if path.name == "metrics.json":
        found = json.loads(path.read_text("utf-8"))
        found.pop("seconds", None)
        return found
    return path.read_bytes()


def _weights(path):
    """The arrays of a `.keras` file."""
    out = {}
    with zipfile.ZipFile(path) as file:
        data = io.BytesIO(file.read("model.weights.h5"))
    with h5py.File(data) as file:
        file.visititems(
            lambda name, item: (
                out.update({name: item[()]})
                if isinstance(item, h5py.Dataset)
                else None
            )
        )
    return out


def _same(one, two):
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(
            _same(one[key], two[key]) for key in one
        )
    if isinstance(one, np.ndarray):
        return np.array_equal(one, two, equal_nan=one.dtype.kind == "f")
    return one == two
