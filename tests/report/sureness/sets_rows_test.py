from fgkeras.report.sureness.sets_rows import known_lines
from fgkeras.report.sureness.sets_rows import sets_lines
from fgkeras.report.sureness.sets_rows import sets_table
from fgkeras.report.sureness.sets_rows import temperature_lines

SCORE = {"value": 0.9, "low": 0.8, "high": 0.95}
SETS = {
    "level": 0.9,
    "score": "prevalence",
    "calibration_images": 1200,
    "guaranteed": True,
    "num_images": 300,
    "coverage": SCORE,
    "expected": {"low": 0.85, "high": 0.94, "inside": True},
    "macro_coverage": {"value": 0.7, "low": None, "high": None},
    "size": {
        "mean": {"value": 2.345, "low": 2.0, "high": 3.0},
        "median": 2.0,
        "largest": 12,
        "single": 0.25,
        "empty": 0.0,
    },
    "groups": {
        "head": {"range": "over 100", "num_images": 0},
        "tail": {
            "range": "under 20",
            "num_images": 40,
            "coverage": SCORE,
            "macro_coverage": SCORE,
            "mean_size": 3.21,
        },
    },
}


def test_nothing_is_said_of_what_is_not_there():
    for lines in (temperature_lines, sets_lines, sets_table, known_lines):
        assert lines({}) == []
    # As asked for, and not yet measured.
    assert sets_lines({"sets": {"level": 0.9}}) == []


def test_sets_say_what_they_held():
    text = " ".join(sets_lines({"sets": SETS}))
    assert "90.0 % of the sets hold the true one" in text
    assert "divided by the class's share" in text
    assert "1,200 calibration images" in text
    assert "85.0 % to 94.0 % is to be expected, and it lies there" in text
    assert "not for each class" in text
    assert "2.35 classes on average, 2 in the middle and 12 at most" in text
    assert "25.0 % have one class, 0.0 % none" in text
    (row,) = sets_table({"sets": SETS})
    assert row[:2] == ["Tail: under 20", "40"]
    assert row[-1] == "3.21"


def test_what_does_not_hold_is_said():
    sets = {
        **SETS,
        "guaranteed": False,
        "expected": {**SETS["expected"], "inside": False},
    }
    text = " ".join(sets_lines({"sets": sets}))
    assert "it does not: the test images are not as those" in text
    assert "measured, not guaranteed" in text


def test_temperature_before_and_after():
    metrics = {"temperature": 1.2345, "calibration_images": 50}
    (line,) = temperature_lines(metrics)
    assert "divided by 1.23" in line
    before = {"ece": 0.1234, "nll": 1.5}
    _, line = temperature_lines({**metrics, "calibration_before": before})
    assert "12.3 %" in line
    assert "1.5000" in line


def test_unknown_pictures_by_their_kind():
    known = {"kind": "energy", "threshold": 4.56789, "keep": 0.95}
    (line,) = known_lines({"known": known})
    assert "energy" in line
    assert "below 4.568" in line
    assert "keeps 95.0 %" in line
    known = {**known, "kind": "nearest", "test_kept": SCORE}
    first, second = known_lines({"known": known})
    assert "nearest training image" in first
    assert "90.0 %" in second
