"""What a terminal says of the numbers of a run."""

import pytest

from fgkeras.cli.show import check_output
from fgkeras.cli.show import print_metrics
from fgkeras.report.rows import classes_tested
from fgkeras.report.rows import group_rows


def group(**more):
    score = {"value": 0.5, "low": None, "high": None}
    return {
        "range": "fewer than 20 training images",
        "num_classes": 525,
        "num_images": 34,
        "class_mean": score,
        "image_mean": score,
        **more,
    }


def test_classes_are_counted_that_were_tested(capsys):
    # It said "tail (525 classes)" of 34 that had a test image.
    groups = {"tail": group(num_classes_evaluated=34)}
    metrics = {"num_images": 34, "groups": groups}
    print_metrics(metrics, "runs/birds")
    assert "tail (34 of 525 classes, class mean)" in capsys.readouterr().out
    assert group_rows(metrics)[0][1] == "34 of 525"


def test_groups_of_earlier_versions_and_whole_ones():
    assert classes_tested(group()) == "525"
    assert classes_tested(group(num_classes_evaluated=525)) == "525"


def test_a_page_is_no_folder(tmp_path):
    (tmp_path / "page.html").mkdir()
    with pytest.raises(ValueError, match="which is a folder"):
        check_output("--html", str(tmp_path / "page.html"), ".html")
    with pytest.raises(ValueError, match="ends in .html"):
        check_output("--html", str(tmp_path / "page"), ".html")
    check_output("--html", str(tmp_path / "new.html"), ".html")
