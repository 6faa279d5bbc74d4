import pytest

from fgkeras.tuning.sweep_folder import SweepFolder

ABOUT = {"search": "grid"}


@pytest.mark.parametrize("before", [True, False])
def test_a_worker_may_begin_while_another_looks(tmp_path, monkeypatch, before):
    # The first has written the lock, and writes the rest at this moment.
    (tmp_path / ".lock").touch()
    look = SweepFolder._is_beginning

    def meanwhile(folder):
        monkeypatch.setattr(SweepFolder, "_is_beginning", look)
        seen = look(folder)
        SweepFolder(tmp_path).start(ABOUT)
        return seen if before else look(folder)

    monkeypatch.setattr(SweepFolder, "_is_beginning", meanwhile)
    SweepFolder(tmp_path).start(ABOUT)
    assert SweepFolder(tmp_path).about() == ABOUT
    with pytest.raises(ValueError, match="goes on with its own sweep"):
        SweepFolder(tmp_path).start({"search": "random"})


def test_a_folder_of_other_files_is_refused(tmp_path):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(ValueError, match="new or empty folder"):
        SweepFolder(tmp_path).start(ABOUT)
