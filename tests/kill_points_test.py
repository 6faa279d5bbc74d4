"""Runs that are killed at their file events go on and leave nothing over."""

import json
import os
import subprocess
import sys

import pytest

from experiments.kill_points.same_tree import differences


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "stride"), [("convert", 8), ("frozen", 19), ("evaluate", 7)]
)
def test_a_killed_run_goes_on(kind, stride, tmp_path):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "experiments.kill_points.kill_points"),
            *("--kinds", kind, "--stride", str(stride)),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "FGKERAS_RESULTS": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    lines = (tmp_path / "kill_points" / "kill_points.jsonl").read_text()
    rows = [json.loads(line) for line in lines.splitlines()]
    # The first of them is a real kill, held to the copy of that event.
    assert rows[0]["event"] == 0
    assert len(rows) > 2
    assert not any(row["wrong"] for row in rows)


def test_what_is_left_over_or_differs_is_found(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("a")
    one, two = tmp_path / "one", tmp_path / "two"
    assert differences(one, two) == []
    (two / ".a.txt.part").write_text("")
    (two / "a.txt").write_text("b")
    assert differences(one, two) == ["left over: .a.txt.part", "differs: a.txt"]
    (two / "a.txt").unlink()
    assert "lost: a.txt" in differences(one, two)
