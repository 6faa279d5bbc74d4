"""Small models in every export format, against the Keras model.

    python -m experiments.export_parity.export_parity

Ends with status 1 where an answer at batch 1, 3 or 4 is further than 1e-5 from
the model's, in a process without Keras and fgkeras.
"""

import argparse
import fnmatch
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import keras
import numpy as np

from experiments.export_parity.cases import cases
from experiments.results import result_path
from fgkeras.data.images.decode import decode_for_evaluation
from fgkeras.export.litert import write_litert
from fgkeras.export.onnx import write_onnx
from fgkeras.export.saved_model import write_saved_model
from fgkeras.export.signatures import answering

FORMATS = {
    "saved_model": write_saved_model,
    "litert": write_litert,
    "onnx": write_onnx,
}
LIMIT = 1e-5


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", nargs="+", default=["*"], metavar="PATTERN")
    parser.add_argument(
        "--formats", nargs="+", default=list(FORMATS), choices=FORMATS
    )
    arguments = parser.parse_args()
    chosen = {
        name: make
        for name, make in cases().items()
        if any(fnmatch.fnmatch(name, p) for p in arguments.cases)
    }
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        rows = _exported(chosen, arguments.formats, folder)
        measured = _in_another_process(folder)
    for line in measured:
        rows[line.pop("case"), line.pop("format")].append(line)
    wrong = _print(rows)
    path = result_path(__file__)
    kept = json.loads(path.read_text()) if path.exists() else []
    before = {(row["case"], row["format"]): row["batches"] for row in kept}
    table = [
        {"case": case, "format": kind, "batches": found}
        for (case, kind), found in {**before, **rows}.items()
    ]
    path.write_text(json.dumps(table, indent=1) + "\n")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


def _exported(chosen, formats, folder):
    """Writes every export, and beside it what the Keras model answers."""
    rows = {}
    for number, (name, make) in enumerate(chosen.items()):
        keras.utils.set_random_seed(number)
        keras.backend.clear_session()
        served = make()
        out = folder / name
        out.mkdir()
        pixels = np.stack(
            [
                decode_for_evaluation(data, served.image_size, served.resize)
                for data in served.pictures[:4]
            ]
        )
        expected = answering(served)(pixels)
        np.save(out / "pixels.npy", pixels)
        np.savez(
            out / "expected.npz",
            **{
                k: np.asarray(v)
                for k, v in expected.items()
                if k in ("probabilities", "embedding", "in_set", "known")
            },
        )
        started = time.monotonic()
        for kind in formats:
            FORMATS[kind](served, out)
            rows[name, kind] = []
        print(f"{name}: {time.monotonic() - started:.1f} s", flush=True)
    return rows


def _in_another_process(folder):
    place = pathlib.Path(__file__).with_name("other_process.py")
    done = subprocess.run(
        [sys.executable, str(place), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    lines = done.stdout.splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def _print(rows):
    """Prints the table of all cases; returns what is wrong."""
    wrong = []
    print("| model | format | probabilities | vectors |")
    print("| --- | --- | --- | --- |")
    for (case, kind), found in rows.items():
        cells = []
        for name in ("probabilities", "embedding"):
            values = [row[name] for row in found if name in row]
            cells.append(f"{max(values):.1e}" if values else "")
        print(f"| {case} | {kind} | {' | '.join(cells)} |")
        if [row["batch"] for row in found] != [1, 3, 4]:
            wrong.append(f"{case} as {kind}: batches {found}")
        for row in found:
            figures = [v for k, v in row.items() if k not in ("batch", "error")]
            if "error" in row or not max(figures) <= LIMIT:
                wrong.append(f"{case} as {kind}: {row}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
