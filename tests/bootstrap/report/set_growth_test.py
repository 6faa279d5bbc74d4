"""Images that come again: the later round counts, the seed always stays."""

from fgkeras.bootstrap.report.set_growth import set_growth
from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import Candidate
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import accepted_and_rejected
from fgkeras.bootstrap.store import open_round
from fgkeras.bootstrap.store.answers import adopt
from tests.bootstrap.scripted_project import empty_project

SEED, POOL = 1, 13  # The first of each; class 0 is that of the first seed.


def answered(project, number, verdicts):
    """A round in which images of class 0 were answered."""
    open_round(
        project.store, number, {"round": number},
        [
            Candidate(image, 0, 1, 0.9, 0.1, rank)
            for rank, image in enumerate(verdicts)
        ],
    )  # fmt: skip
    person = Labellers(project.store).add("Ada")
    with project.store.reading() as db:
        rows = db.execute(
            "SELECT id, image FROM candidate WHERE round = ?", (number,)
        ).fetchall()
    answers = [Answer(row["id"], *verdicts[row["image"]]) for row in rows]
    adopt(project.store, person, f"round-{number}", answers)


def sizes(project):
    with project.store.reading() as db:
        rows = set_growth(db)
        accepted, rejected = accepted_and_rejected(db)
    assert rows[-1]["accepted"] == len(accepted)
    assert rows[-1]["rejected"] == len(rejected)
    return [
        (r["accepted"], r["rejected"], r["new_accepted"], r["new_rejected"])
        for r in rows
    ]


def test_the_later_round_counts_and_the_seed_stays(tmp_path):
    project = empty_project(tmp_path / "p")
    assert sizes(project) == [(12, 0, 12, 0)]
    answered(
        project, 1,
        {SEED: ("fp",), POOL: ("tp",), POOL + 1: ("fp", 2), POOL + 2: ("fp",)},
    )  # fmt: skip
    # A seed image is never rejected; what was named instead is accepted too.
    assert sizes(project)[1] == (14, 2, 2, 2)
    answered(project, 2, {POOL: ("fp",), POOL + 2: ("tp",)})
    assert sizes(project)[2] == (14, 2, 1, 1)
    answered(project, 3, {POOL: ("unsure",), POOL + 2: ("tp",)})
    assert sizes(project)[3] == (14, 2, 0, 0)
