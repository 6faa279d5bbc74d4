"""Files that are whole or not there."""

import contextlib
import os
import pathlib
import subprocess
import sys

import pytest

from fgkeras.storage import whole_file
from fgkeras.storage import whole_path
from fgkeras.storage import write_json


def test_old_content_until_the_end_and_after_an_error(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with whole_file(path, "w") as file:
        file.write("new\r\n")
        assert path.read_text() == "old"
    assert path.read_bytes() == b"new\r\n"
    with contextlib.suppress(KeyError), whole_file(path) as file:
        file.write(b"half")
        raise KeyError
    assert path.read_bytes() == b"new\r\n"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_json_has_no_nan(tmp_path):
    with pytest.raises(ValueError, match="NaN|Out of range"):
        write_json(tmp_path / "a.json", float("nan"))
    assert os.listdir(tmp_path) == []
    with pytest.raises(ValueError, match="mode='a'"):
        whole_file(tmp_path / "a", "a").__enter__()


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with whole_file(tmp_path / "link", "w") as file:
        file.write("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_what_a_kill_left_goes_with_the_next_write(tmp_path):
    code = (
        "import os, sys, fgkeras.storage as s\n"
        "with s.whole_file(sys.argv[1]) as file:\n"
        "    file.write(b'half'); file.flush(); os.kill(os.getpid(), 9)\n"
    )
    path = tmp_path / "a.bin"
    other = tmp_path / ".a.bin.part"
    other.write_text("not ours")
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert len(os.listdir(tmp_path)) == 2
    assert not path.exists()
    with whole_file(path) as one, whole_file(path) as two:
        one.write(b"one")
        two.write(b"two")
    assert sorted(os.listdir(tmp_path)) == [".a.bin.part", "a.bin"]
    assert path.read_bytes() == b"one"


def test_what_the_same_process_id_left_goes_too(tmp_path):
    """In a container every run has the same id."""
    path = tmp_path / "a.txt"
    with whole_file(path, "w") as file:
        name = pathlib.Path(file.name).name
    start, number = name.removesuffix(".part").rsplit("-", 1)
    for later in range(1, 4):
        (tmp_path / f"{start}-{int(number) + later}.part").write_text("half")
    with whole_file(path, "w") as file:
        file.write("whole")
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_writer_that_opens_its_files_itself(tmp_path):
    path = tmp_path / "a.keras"
    with whole_path(path, ".keras") as partial:
        assert partial.suffix == ".keras"
        partial.write_text("half")
        assert not path.exists()
    assert path.read_text() == "half"
    with contextlib.suppress(KeyError), whole_path(path, ".keras") as partial:
        partial.write_text("other")
        raise KeyError
    assert os.listdir(tmp_path) == ["a.keras"]
    assert path.read_text() == "half"
