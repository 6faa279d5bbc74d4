"""Temporary folders that a kill leaves only until the next."""

import os
import pathlib
import subprocess
import sys
import tempfile

import pytest

from fgkeras.storage import scratch_folder

HOLD = (
    "import time, fgkeras.storage as s\n"
    "with s.scratch_folder('fgkeras-of-test-') as f:\n"
    "    (f / 'large').write_text('x'); print(f, flush=True); time.sleep(60)\n"
)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_one_of_a_killed_process_is_removed_and_one_at_work_is_not(place):
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True
    )
    theirs = pathlib.Path(other.stdout.readline().strip())
    try:
        with scratch_folder("fgkeras-of-test-") as mine:
            assert mine.is_dir()
            assert (theirs / "large").exists()
        assert os.listdir(place) == [theirs.parent.name]
    finally:
        other.kill()
        other.wait()
    assert (theirs / "large").exists()
    with scratch_folder("fgkeras-of-test-"):
        assert not theirs.parent.exists()
    assert os.listdir(place) == []


def test_what_looks_alike_and_has_no_lock_stays(place):
    (place / "fgkeras-of-test-mine").mkdir()
    (place / "fgkeras-of-test-file").write_text("mine")
    away = place / "away"
    away.mkdir()
    (away / ".lock").write_text('{"pid": 1}')
    (place / "fgkeras-of-test-link").symlink_to(away)
    (place / "fgkeras-of-test-other").mkdir()
    (place / "fgkeras-of-test-other" / ".lock").write_text("mine")
    before = sorted(os.listdir(place))
    with scratch_folder("fgkeras-of-test-"):
        pass
    assert sorted(os.listdir(place)) == before
    assert (away / ".lock").exists()
