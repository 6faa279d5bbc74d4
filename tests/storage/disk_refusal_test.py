"""A full disk, a folder that may not be written, a file in place of one."""

import errno
import os
import re
import shutil
import types

import pytest

from fgkeras.storage import DiskRefusal
from fgkeras.storage import FolderLock
from fgkeras.storage import Journal
from fgkeras.storage import is_full
from fgkeras.storage import whole_file
from fgkeras.storage import write_text


def full(*args):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    ("free", "amount"),
    [
        (1000, r"which needs 4\.0 kB of 1\.0 kB free"),
        # What is less than there is cannot be all that it needs.
        (5000, r"for which the 5\.0 kB that are free are too little"),
    ],
)
def test_a_full_disk_names_file_amount_and_way_out(
    tmp_path, monkeypatch, free, amount
):
    path = tmp_path / "a.txt"
    path.write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    there = types.SimpleNamespace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: there)
    with pytest.raises(
        DiskRefusal,
        match=rf"{re.escape(str(path))}, {amount} "
        r"\(No space left on device\). Make room, and the same command goes",
    ) as found:
        write_text(path, "é" * 2000)
    assert found.value.errno == errno.ENOSPC
    assert os.listdir(tmp_path) == ["a.txt"]
    assert path.read_text() == "old"
    monkeypatch.undo()
    write_text(path, "new")
    assert path.read_text() == "new"


def test_a_file_in_place_of_a_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskRefusal, match="folder and a name.*file/a.txt"):
        write_text(tmp_path / "file" / "a.txt", "text")


def test_errors_of_other_files_stay_what_they_are(tmp_path):
    with (
        pytest.raises(FileNotFoundError, match="missing"),
        whole_file(tmp_path / "a") as file,
    ):
        file.write((tmp_path / "missing").read_bytes())
    assert os.listdir(tmp_path) == []


def test_a_lock_holds_on_a_full_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "write", full)
    with FolderLock(tmp_path), pytest.raises(ValueError, match="taken by"):
        FolderLock(tmp_path).__enter__()


def test_a_journal_on_a_full_disk(tmp_path, monkeypatch):
    journal = Journal(tmp_path / "j", "test")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskRefusal, match="/j, for which"):
        journal.append({"a": 1})


def test_what_other_libraries_say_of_a_full_disk():
    assert is_full(RuntimeError("write failed: errno = 28, No space left on"))
    assert not is_full(RuntimeError("No such file"))
