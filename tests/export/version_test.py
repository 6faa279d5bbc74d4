"""Versions of an export: one process at a time, whole, on any disk."""

import errno
import os
import shutil
import types

import pytest
import tensorflow as tf

from fgkeras.export.version import write_version
from fgkeras.storage import DiskRefusal
from fgkeras.storage import FolderLock


def graph(folder):
    (folder / "saved_model.pb").write_bytes(b"graph")


def write(directory, write_graph=graph, overwrite=False, **options):
    return write_version(
        directory,
        write_graph,
        class_names=["a", "b"],
        image_size=8,
        resize=None,
        output={"num_classes": 2, "embedding_size": 3},
        metadata=None,
        overwrite=overwrite,
        **options,
    )


def test_two_exports_into_one_place(tmp_path):
    (tmp_path / "saved_model").mkdir()
    with (
        FolderLock(tmp_path / "saved_model"),
        pytest.raises(ValueError, match=f"One process.*process {os.getpid()}"),
    ):
        write(tmp_path)
    assert write(tmp_path) == tmp_path / "saved_model" / "1"
    assert os.listdir(tmp_path / "saved_model") == ["1"]


def test_a_version_that_came_meanwhile_is_seen(tmp_path, monkeypatch):
    def late(lock, real=FolderLock.__enter__):
        (tmp_path / "saved_model" / "1").mkdir()
        return real(lock)

    monkeypatch.setattr(FolderLock, "__enter__", late)
    with pytest.raises(ValueError, match="--overwrite"):
        write(tmp_path)


def test_what_a_killed_export_left_goes_with_the_next(tmp_path):
    left = tmp_path / "saved_model" / ".unfinished-abc"
    left.mkdir(parents=True)
    (left / "saved_model.pb").write_text("half")
    write(tmp_path)
    assert os.listdir(tmp_path / "saved_model") == ["1"]


def tensorflow(folder):
    graph(folder)
    raise tf.errors.ResourceExhaustedError(
        None, None, f"{folder}/variables; No space left on device"
    )


def system(folder):
    graph(folder)
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("full", [tensorflow, system])
@pytest.mark.parametrize(
    ("size", "amount"),
    [
        # What was written when the disk was full is not what it needs.
        (0, "for which the 3.0 kB that are free are too little"),
        (4000, "which needs 4.0 kB of 3.0 kB free"),
    ],
)
def test_a_full_disk(tmp_path, monkeypatch, full, size, amount):
    there = types.SimpleNamespace(free=3000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: there)
    with pytest.raises(
        DiskRefusal, match=rf"saved_model/1, {amount} .No space"
    ):
        write(tmp_path / "out", full, size=size)
    assert not (tmp_path / "out").exists()
    assert write(tmp_path / "out").is_dir()


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(DiskRefusal, match="folder and a name.*saved_model"):
        write(tmp_path / "out")
