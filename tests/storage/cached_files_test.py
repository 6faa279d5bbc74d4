"""A trim takes what was not used for longest, and nothing of others."""

import os
import socket
import subprocess
import sys

import numpy as np
import pytest

from fgkeras.storage import cache_folder
from fgkeras.storage import cached_files
from fgkeras.storage import note_use
from fgkeras.storage import trim_cache
from fgkeras.storage import whole_file

DAY = 86400


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def planted(path, size=100, used=1_000_000):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (used, used))
    return path


def features(cache, number, **more):
    return planted(cache / "features" / f"{number:064x}.npy", **more)


def dead_pid():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def part(path, pid):
    host = "".join(c if c.isalnum() else "_" for c in socket.gethostname())
    return path.with_name(f".{path.name}.{host[:40]}-{pid}-0.part")


def test_no_cache_is_an_empty_one(cache):
    assert cached_files() == []
    assert trim_cache() == ([], [])
    assert not cache.exists()


def test_files_by_kind_the_oldest_first(cache):
    new = features(cache, 1, size=10, used=3 * DAY)
    old = features(cache, 2, size=20, used=1 * DAY)
    flora = planted(cache / f"flora-{5:020x}.bin", size=30, used=2 * DAY)
    found = cached_files()
    assert [(f.kind, f.path, f.size, f.used) for f in found] == [
        ("features", old, 20, 1 * DAY),
        ("flora", flora, 30, 2 * DAY),
        ("features", new, 10, 3 * DAY),
    ]


@pytest.mark.parametrize(
    ("size", "left"),
    [(1000, "abc"), (60, "abc"), (59, "bc"), (50, "bc"), (49, "c"), (29, "")],
)
def test_trim_stops_as_soon_as_the_rest_fits(cache, size, left):
    files = {
        "b": features(cache, 1, size=20, used=2 * DAY),
        "a": features(cache, 2, size=10, used=1 * DAY),
        "c": features(cache, 3, size=30, used=3 * DAY),
    }
    deleted, kept = trim_cache(size)
    assert "".join(sorted(n for n, p in files.items() if p.exists())) == left
    assert len(deleted) == 3 - len(left)
    assert kept == []
    assert sum(f.size for f in cached_files()) <= size


def test_a_use_counts_though_the_disk_notes_no_reads(cache):
    first = features(cache, 1, used=1 * DAY)
    second = features(cache, 2, used=2 * DAY)
    note_use(first)
    trim_cache(100)
    assert first.exists()
    assert not second.exists()
    note_use(cache / "gone")


def test_nothing_of_others_is_touched(cache, tmp_path):
    outside = planted(tmp_path / "outside" / f"{9:064x}.npy")
    mine = [
        planted(cache / "notes.txt"),
        planted(cache / "features" / "mine.npy"),
        planted(cache / "features" / f"{1:064x}.npy.bak"),
        planted(cache / "features" / f"{1:063x}.npy"),
        planted(cache / "features" / f"{1:064X}.npy".replace("0", "A")),
        planted(cache / "features" / "deeper" / f"{1:064x}.npy"),
        planted(cache / "other" / f"{1:064x}.npy"),
        planted(cache / f"{1:064x}.npy"),
        planted(cache / "features" / f"flora-{1:020x}.bin"),
    ]
    (cache / "features" / f"{2:064x}.npy").symlink_to(outside)
    (cache / "features" / f"{3:064x}.npy").mkdir()
    (cache / f"flora-{2:020x}.bin").symlink_to(outside)
    own = features(cache, 4)
    deleted, kept = trim_cache()
    assert [file.path for file in deleted] == [own]
    assert kept == []
    assert all(path.exists() for path in [*mine, outside])
    assert (cache / "features" / f"{2:064x}.npy").is_symlink()
    assert (cache / "features" / f"{3:064x}.npy").is_dir()


def test_a_folder_that_is_a_link_is_left_alone(cache, tmp_path):
    outside = planted(tmp_path / "outside" / f"{9:064x}.npy")
    cache.mkdir()
    (cache / "features").symlink_to(outside.parent)
    assert cached_files() == []
    trim_cache()
    assert outside.exists()


def test_what_is_being_written_stays_and_what_was_left_goes(cache):
    whole = features(cache, 1, used=1 * DAY)
    left = planted(part(features(cache, 2), dead_pid()), used=9 * DAY)
    foreign = planted(part(cache / "features" / "mine.npy", dead_pid()))
    elsewhere = planted(whole.with_name(f".{whole.name}.elsewhere-1-0.part"))
    with whole_file(cache / "features" / f"{3:064x}.npy") as file:
        file.write(b"half")
        names = {f.path for f in cached_files() if not f.whole}
        assert names == {left}
        # It goes even where everything whole may stay, and first.
        deleted, _ = trim_cache(10**6)
        assert [f.path for f in deleted] == [left]
        assert whole.exists()
        trim_cache()
        file.write(b" and half")
    assert (cache / "features" / f"{3:064x}.npy").read_bytes() == (
        b"half and half"
    )
    assert foreign.exists()
    assert elsewhere.exists()
    assert not whole.exists()


def test_who_reads_a_file_keeps_what_was_opened(cache):
    path = features(cache, 1, size=0)
    np.save(path, np.arange(1000))
    mapped = np.load(path, mmap_mode="r")
    trim_cache()
    assert not path.exists()
    assert mapped[-1] == 999


def test_what_does_not_go_is_said(cache, monkeypatch):
    stuck = features(cache, 1, used=1 * DAY)
    other = features(cache, 2, used=2 * DAY)
    unlink = type(stuck).unlink

    def refusing(path, missing_ok=False):
        if path == stuck:
            raise PermissionError(13, "in use")
        unlink(path, missing_ok)

    monkeypatch.setattr(type(stuck), "unlink", refusing)
    deleted, kept = trim_cache(150)
    assert [f.path for f in kept] == [stuck]
    assert [f.path for f in deleted] == [other]


def test_a_size_below_zero_is_refused():
    with pytest.raises(ValueError, match="Received: size=-1"):
        trim_cache(-1)


def test_an_empty_variable_means_the_folder_at_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FGKERAS_CACHE", "")
    path = features(tmp_path / ".cache" / "fgkeras", 1)
    assert cache_folder() == tmp_path / ".cache" / "fgkeras"
    assert [f.path for f in cached_files()] == [path]
