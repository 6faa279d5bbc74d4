import logging
import os
import shutil

import pytest

from fgkeras.export.folder import check_checksums
from fgkeras.export.folder import write_checksums
from fgkeras.serving import Versions
from fgkeras.serving import versions as module
from fgkeras.serving.versions import folder_of_versions

# An export is made and loaded; `rest_test.py` asks one by default.
pytestmark = pytest.mark.slow


class Unloaded:
    """A version that is checked and never loaded, which takes long."""

    def __init__(self, path, number):
        check_checksums(path)
        self.number = number

    def warm(self, sizes):
        pass


@pytest.fixture
def base(tmp_path, monkeypatch):
    """The folder of versions of which one is there."""
    monkeypatch.setattr(module, "ServedVersion", Unloaded)
    folder = tmp_path / "copy" / "saved_model" / "1"
    folder.mkdir(parents=True)
    for name in ("saved_model.pb", "labels.json"):
        (folder / name).write_text("[]")
    write_checksums(folder)
    return folder.parent


def add(base, number):
    # As an export does: whole under another name first.
    shutil.copytree(base / "1", base / ".unfinished")
    os.rename(base / ".unfinished", base / str(number))


def test_the_newest_answers_and_older_ones_by_number(base):
    add(base, 9)
    add(base, 10)
    served = Versions(base.parent, keep=2, batch_sizes=())
    assert served.numbers() == [9, 10]
    assert served.get().number == 10
    assert served.get(9).number == 9
    assert served.get(1) is None
    assert not served.look()
    add(base, 11)
    assert served.look()
    assert served.numbers() == [10, 11]
    assert [one.number for one in served.all()] == [10, 11]


def test_one_version_alone_is_not_followed(base):
    add(base, 2)
    os.rename(base / "1", base / "chosen")
    for name, number in (("2", 2), ("chosen", 1)):
        served = Versions(base / name, batch_sizes=())
        assert served.numbers() == [number]
        add_from = base / "2"
        shutil.copytree(add_from, base / "30")
        assert not served.look()
        shutil.rmtree(base / "30")


def test_what_is_not_whole_is_refused_until_it_is(base, caplog):
    served = Versions(base, batch_sizes=())
    add(base, 2)
    labels = base / "2" / "labels.json"
    whole = labels.read_bytes()
    labels.write_bytes(whole + b" ")
    with caplog.at_level(logging.WARNING):
        assert not served.look()
        assert not served.look()
    # Once, not with each look.
    assert len(caplog.records) == 1
    assert "labels.json (changed)" in caplog.text
    assert served.get().number == 1
    assert "labels.json" in served.refused[2]
    labels.write_bytes(whole)
    assert served.look()
    assert (served.get().number, served.refused) == (2, {})


def test_one_that_is_still_copied_does_not_stop_the_next(base):
    served = Versions(base, batch_sizes=())
    (base / "2").mkdir()
    (base / "2" / "saved_model.pb").write_bytes(b"half")
    assert not served.look()
    add(base, 3)
    assert served.look()
    assert served.get().number == 3


def test_an_older_one_answers_at_the_start_where_the_newest_is_not_whole(base):
    add(base, 2)
    add(base, 3)
    (base / "3" / "labels.json").write_text("[3]")
    served = Versions(base, keep=1, batch_sizes=())
    assert served.numbers() == [2]
    assert set(served.refused) == {3}


def test_nothing_that_answers_is_an_error(base, tmp_path):
    with pytest.raises(ValueError, match="holds none"):
        Versions(tmp_path / "nothing")
    (base / "1" / "labels.json").write_text("[1]")
    with pytest.raises(ValueError, match=r"labels\.json \(changed\)"):
        Versions(base)
    with pytest.raises(ValueError, match="keep=0"):
        Versions(base, keep=0)


def test_a_thread_looks_again_and_again(base):
    served = Versions(base, batch_sizes=())
    served.watch(0.01)
    try:
        add(base, 2)
        for _ in range(1000):
            if served.get().number == 2:
                break
            served._stop.wait(0.01)
        assert served.get().number == 2
    finally:
        served.close()


def test_any_folder_of_an_export_is_found(base):
    for path in (base.parent, base, base / "1"):
        assert folder_of_versions(path) == base
