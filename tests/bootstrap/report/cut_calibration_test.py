"""What is not decided counts as drawn from the others."""

import pytest

from fgkeras.bootstrap.report.cut_calibration import cut_calibrations
from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import Candidate
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import open_round
from fgkeras.bootstrap.store.answers import adopt
from tests.bootstrap.scripted_project import empty_project

OFFERS = ["tp"] * 4 + ["fp"] * 2 + ["unsure"] * 2 + ["bad", None]
AUDIT = ["tp"] * 2 + ["fp"] * 2 + ["dup", "skip"]


def answered(project, number, threshold, first):
    manifest = {"strategy": {"threshold": threshold}, "round": number}
    verdicts = {}
    candidates = []
    for kind, score, weight, some in (
        ("offer", 0.9, 1.0, OFFERS), ("audit", 0.2, 5.0, AUDIT),
    ):  # fmt: skip
        for verdict in some:
            image = first + len(candidates)
            verdicts[image] = verdict
            candidates.append(
                Candidate(
                    image, 0, 1, score, 0.1, len(candidates), kind, weight
                )
            )
    open_round(project.store, number, manifest, candidates)
    with project.store.reading() as db:
        rows = db.execute(
            "SELECT id, image FROM candidate WHERE round = ?", (number,)
        ).fetchall()
    answers = [
        Answer(row["id"], verdicts[row["image"]])
        for row in rows
        if verdicts[row["image"]]
    ]
    person = Labellers(project.store).add("Ada")
    adopt(project.store, person, f"round-{number}", answers)


def calibrations(project):
    with project.store.reading() as db:
        return cut_calibrations(db)


def test_recall_where_some_are_open_unsure_or_skipped(tmp_path):
    project = empty_project(tmp_path / "p")
    answered(project, 1, 0.5, 13)
    (cut,) = calibrations(project)
    # Of 9 that were no bad picture 6 are decided; of 5 in the audit 4.
    found, missed = 4 * 9 / 6, 2 * 5.0 * 5 / 4
    assert cut["precision"]["value"] == pytest.approx(4 / 6)
    assert cut["missed"]["value"] == pytest.approx(missed)
    assert cut["recall"]["value"] == pytest.approx(found / (found + missed))
    assert (cut["above"], cut["below"], cut["threshold"]) == (6, 4, 0.5)
    assert cut["missed"]["low"] < missed < cut["missed"]["high"]


def test_rounds_join_where_they_have_one_threshold(tmp_path):
    project = empty_project(tmp_path / "p")
    answered(project, 1, 0.5, 13)
    answered(project, 2, 0.5, 33)
    rows = calibrations(project)
    assert [row["round"] for row in rows] == [1, 2, None]
    assert rows[2]["missed"]["value"] == pytest.approx(
        2 * rows[0]["missed"]["value"]
    )
    width = [row["recall"]["high"] - row["recall"]["low"] for row in rows]
    assert width[2] < width[0]
    other = empty_project(tmp_path / "q")
    answered(other, 1, 0.5, 13)
    answered(other, 2, 0.6, 33)
    assert [row["round"] for row in calibrations(other)] == [1, 2]
