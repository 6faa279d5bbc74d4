"""Asks exports where neither Keras nor fgkeras can be imported.

    python -m experiments.export_parity.other_process FOLDER

Run by `export_parity.py`. It gives `pixels.npy` to each export and prints lines
of JSON: how far its answers at batch 1, 3 and 4 are from `expected.npz`.
"""

import json
import pathlib
import sys

import numpy as np

BATCHES = (1, 3, 4)
BLOCKED = ("keras", "fgkeras")


def main(folder):
    """Measures every export in a folder."""
    for name in BLOCKED:
        # Whoever imports it now gets an ImportError.
        sys.modules[name] = None
    for case in sorted(p for p in folder.iterdir() if p.is_dir()):
        with np.load(case / "expected.npz") as file:
            expected = dict(file)
        pixels = np.load(case / "pixels.npy")
        for kind in ("saved_model", "litert", "onnx"):
            version = case / kind / "1"
            if not version.is_dir():
                continue
            run = OPENED[kind](version)
            for batch in BATCHES:
                row = {"case": case.name, "format": kind, "batch": batch}
                row |= _apart(run, pixels[:batch], expected)
                print(json.dumps(row))
    loaded = [name for name in BLOCKED if sys.modules.get(name) is not None]
    if loaded:
        raise SystemExit(f"{loaded} were imported after all")


def _apart(run, pixels, expected):
    """How far each output is from the model's, or why that is not known."""
    try:
        found = run(pixels)
    except Exception as error:  # Each runtime raises errors of its own.
        return {"error": str(error)[:200]}
    apart = {}
    for name, wanted in expected.items():
        wanted = wanted[: len(pixels)].astype("float64")
        got = np.asarray(found[name], "float64")
        if got.shape != wanted.shape:
            return {"error": f"{name} of shape {got.shape}"}
        apart[name] = float(np.abs(got - wanted).max())
    return apart


def _saved_model(version):
    import tensorflow as tf

    loaded = tf.saved_model.load(str(version))
    run = loaded.signatures["serve_tensor"]
    # What was loaded lives as long as this.
    run.kept = loaded
    return lambda x: {k: v.numpy() for k, v in run(tf.constant(x)).items()}


def _litert(version):
    from ai_edge_litert.interpreter import Interpreter

    path = str(version / "model.tflite")
    run = Interpreter(model_path=path).get_signature_runner()
    return lambda x: run(images=x)


def _onnx(version):
    import onnxruntime

    session = onnxruntime.InferenceSession(
        str(version / "model.onnx"), providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    return lambda x: dict(
        zip(names, session.run(names, {"images": x}), strict=True)
    )


OPENED = {"saved_model": _saved_model, "litert": _litert, "onnx": _onnx}

if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
