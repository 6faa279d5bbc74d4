"""The class that wrong candidates were named most often."""

import pytest

from fgkeras.bootstrap.report.yields import class_yields
from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import Candidate
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import open_round
from fgkeras.bootstrap.store.answers import adopt
from tests.bootstrap.scripted_project import empty_project


@pytest.mark.parametrize(
    ("named", "expected"),
    [([1, 2, 2], "D"), ([2, 1], "C"), ([3, 1, 3, 1], "C"), ([], None)],
)
def test_the_most_often_named_and_the_first_of_as_many(
    tmp_path, named, expected
):
    # By name the classes stand in another order than by number.
    project = empty_project(tmp_path / "p", names=["Z", "C", "D", "A"])
    images = range(17, 17 + max(len(named), 1))
    open_round(
        project.store, 1, {},
        [
            Candidate(image, 0, 1, 0.9, 0.1, rank)
            for rank, image in enumerate(images)
        ],
    )  # fmt: skip
    with project.store.reading() as db:
        rows = db.execute("SELECT id FROM candidate ORDER BY image").fetchall()
    answers = [
        Answer(row["id"], "fp", instead)
        for row, instead in zip(rows, named, strict=False)
    ]
    adopt(project.store, Labellers(project.store).add("Ada"), "r", answers)
    with project.store.reading() as db:
        found = class_yields(db)
    assert found[0]["instead"] == expected
    assert found[0]["wrong"] == len(named)
    assert [row["instead"] for row in found[1:]] == [None] * 3
