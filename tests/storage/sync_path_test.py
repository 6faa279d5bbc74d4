import os

import pytest

from fgkeras.storage import sync_path


def test_files_and_folders_and_nothing_left_open(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    (tmp_path / "a").write_text("x")
    before = len(os.listdir("/proc/self/fd"))
    for path in (tmp_path, tmp_path / "a", str(tmp_path)):
        sync_path(path)
    assert len(synced) == 3
    assert len(os.listdir("/proc/self/fd")) == before
    with pytest.raises(FileNotFoundError):
        sync_path(tmp_path / "b")
