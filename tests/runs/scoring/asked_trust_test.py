import pytest

from fgkeras.runs.folder import RunFolder
from fgkeras.runs.kept.trust import FILE
from fgkeras.runs.kept.trust import USUAL
from fgkeras.runs.kept.trust import read_trust
from fgkeras.runs.scoring.asked_trust import keep_asked
from fgkeras.runs.scoring.asked_trust import no_calibration
from fgkeras.runs.scoring.asked_trust import read_asked


def test_what_was_typed():
    assert read_asked() == USUAL
    assert read_asked("0.8") == {**USUAL, "level": 0.8}
    assert read_asked("none") == {**USUAL, "level": 0}
    before = read_asked("0.8:plain", "energy")
    assert before == {"level": 0.8, "score": "plain", "known": "energy"}
    assert read_asked(known="none", before=before)["score"] == "plain"


@pytest.mark.parametrize(
    "text", ["", "1", "0", "-1", "90", "nan", "0.9:rare", "all", ":plain"]
)
def test_what_means_nothing(text):
    with pytest.raises(ValueError, match=r"--sets is none.*Received: --sets"):
        read_asked(text)


def test_an_unknown_kind():
    with pytest.raises(ValueError, match="--known is auto, energy.*far"):
        read_asked(known="far")


def test_it_is_kept_until_it_is_usual_again(tmp_path):
    folder = RunFolder(tmp_path)
    asked = read_asked("0.8:plain", "energy")
    keep_asked(folder, asked)
    assert read_trust(tmp_path / FILE) == asked
    keep_asked(folder, dict(USUAL))
    assert not (tmp_path / FILE).exists()
    assert read_trust(tmp_path / FILE) == USUAL


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '{"level": 1, "score": "auto", "known": "auto"}',
        '{"level": true, "score": "auto", "known": "auto"}',
        '{"level": 0.9, "score": "best", "known": "auto"}',
        '{"level": 0.9, "score": "auto", "known": 3}',
    ],
)
def test_a_damaged_file_is_named(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ValueError, match="trust.json"):
        read_trust(tmp_path / FILE)


def test_why_there_are_no_sets():
    text = no_calibration("--sets 0.9", "runs/a")
    assert "runs/a, which has none" in text
    assert "calibration_share" in text
    text = no_calibration("--sets 0.9", "runs/a", "mirror")
    assert "of the center view" in text
    assert "calibration_share" not in text
