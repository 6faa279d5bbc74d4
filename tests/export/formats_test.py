"""Poolings, heads and views in every format, where there is no Keras."""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
# All poolings; heads, views and rules beside the hardest of them.
CASES = (
    "*, linear",
    "kernel, *neighbours",
    "kernel, anchors",
    "kernel, linear, 12-crop",
    "kernel, sets and unknown by nearest",
    "average, sigmoid, mirror",
    "average, vectors",
)


@pytest.mark.slow
@pytest.mark.skipif(
    any(
        importlib.util.find_spec(name) is None
        for name in ("tf2onnx", "onnxruntime", "ai_edge_litert")
    ),
    reason="needs the runtimes of the extra test",
)
@pytest.mark.parametrize("kind", ["litert", "onnx", "saved_model"])
def test_every_export_is_its_model_at_every_batch(kind, tmp_path):
    # Bytes take a SavedModel seconds: some of them, as all share that part.
    cases = CASES[1:] if kind == "saved_model" else CASES
    done = subprocess.run(
        [
            *(sys.executable, "-m", "experiments.export_parity.export_parity"),
            *("--formats", kind, "--cases", *cases),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "FGKERAS_RESULTS": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    text = (tmp_path / "export_parity" / "export_parity.json").read_text()
    rows = json.loads(text)
    assert len(rows) == (6 if kind == "saved_model" else 15)
    for row in rows:
        assert [found["batch"] for found in row["batches"]] == [1, 3, 4]
        for found in row["batches"]:
            assert found["embedding"] <= 1e-5, row
            if "vectors" not in row["case"]:
                assert found["probabilities"] <= 1e-5, row
