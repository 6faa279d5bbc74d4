"""One process at a time in a folder."""

import os
import signal
import subprocess
import sys

import pytest

from fgkeras.storage import FolderLock
from fgkeras.storage import FolderTaken

HOLD = (
    "import sys, time, fgkeras.storage as s\n"
    "with s.FolderLock(sys.argv[1]):\n"
    "    print('taken', flush=True); time.sleep(60)\n"
)


def test_another_process_is_named_and_its_death_frees(tmp_path):
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE
    )
    assert other.stdout.readline() == b"taken\n"
    with pytest.raises(FolderTaken, match=f"process {other.pid} on .* since 2"):
        FolderLock(tmp_path).__enter__()
    other.send_signal(signal.SIGKILL)
    other.wait()
    with FolderLock(tmp_path):
        assert str(os.getpid()) in (tmp_path / ".lock").read_text()
    with FolderLock(tmp_path):
        pass
