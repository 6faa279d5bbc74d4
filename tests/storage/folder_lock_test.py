"""One process at a time in a folder."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from fgkeras.storage import FolderLock
from fgkeras.storage import FolderTaken
from fgkeras.storage import folder_lock
from fgkeras.storage import remove_stale_lock

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


def test_a_file_of_others_is_not_taken_for_a_lock(tmp_path):
    (tmp_path / "mine").write_text("{pid")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".lock").symlink_to(tmp_path / "mine")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / ".lock").write_text("mine")
    for name in "ab":
        with pytest.raises(ValueError, match=f"{name}/.lock, which is"):
            FolderLock(tmp_path / name).__enter__()
    assert (tmp_path / "mine").read_text() == "{pid"
    assert (tmp_path / "b" / ".lock").read_text() == "mine"


def test_nothing_is_left_of_a_lock_that_was_given_free(tmp_path):
    with FolderLock(tmp_path):
        assert os.listdir(tmp_path) == [".lock"]
    assert os.listdir(tmp_path) == []


def test_a_lock_whose_file_was_removed_keeps_nobody_out(tmp_path, monkeypatch):
    """Who opened the file before it was removed must not believe its lock."""
    first = FolderLock(tmp_path).__enter__()
    taken = []

    def take(file, real=folder_lock._take):
        if not taken:
            taken.append(file)
            first.__exit__()
        real(file)

    monkeypatch.setattr(folder_lock, "_take", take)
    with FolderLock(tmp_path):
        assert (tmp_path / ".lock").exists()
        with pytest.raises(FolderTaken):
            FolderLock(tmp_path).__enter__()


def test_a_lock_that_a_kill_left_is_removed_and_one_at_work_is_not(tmp_path):
    (tmp_path / ".lock").write_text('{"pid": 1')
    remove_stale_lock(tmp_path)
    assert os.listdir(tmp_path) == []
    with FolderLock(tmp_path):
        remove_stale_lock(tmp_path)
        assert (tmp_path / ".lock").exists()


def test_a_lock_that_comes_and_goes_is_never_taken_for_something_else(
    tmp_path, request
):
    turns = []
    interval = sys.getswitchinterval()
    request.addfinalizer(lambda: sys.setswitchinterval(interval))
    sys.setswitchinterval(1e-6)

    def work():
        for _ in range(300):
            try:
                with FolderLock(tmp_path):
                    pass
            except FolderTaken:
                pass
        turns.append(True)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(turns) == 4
