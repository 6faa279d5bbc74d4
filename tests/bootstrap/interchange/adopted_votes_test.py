import itertools
import tempfile

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fgkeras.bootstrap.interchange.adopted_votes import adopt_votes
from fgkeras.bootstrap.interchange.csv_votes import read_csv_votes
from fgkeras.bootstrap.interchange.csv_votes import write_csv_votes
from fgkeras.bootstrap.interchange.kept_votes import kept_votes
from fgkeras.bootstrap.interchange.label_studio import read_label_studio
from fgkeras.bootstrap.interchange.label_studio import write_label_studio
from fgkeras.bootstrap.store import accepted_and_rejected
from tests.bootstrap.scripted_project import CLASSES
from tests.bootstrap.scripted_project import MODEL
from tests.bootstrap.scripted_project import empty_project
from tests.bootstrap.scripted_project import open_scripted_round
from tests.bootstrap.scripted_project import scripted_project
from tests.bootstrap.scripted_project import sha


def unlabelled(folder, rounds=2, **changes):
    """The scripted project before anybody came."""
    project = empty_project(folder)
    for number in range(1, rounds + 1):
        open_scripted_round(project, number, **{"gold": 0.2, **changes})
    return project


def standing(project):
    """Who holds what of which candidate, and what that comes to."""
    with project.store.reading() as db:
        votes = db.execute(
            "SELECT v.candidate, l.name, v.verdict, v.instead, v.mode, d.time, "
            "d.dwell_ms FROM vote AS v JOIN labeller AS l ON l.id = v.labeller "
            "JOIN decision AS d ON d.id = v.decision"
        ).fetchall()
        states = db.execute(
            "SELECT id, state, outcome, instead, votes FROM candidate"
        ).fetchall()
        sets = accepted_and_rejected(db)
    return sorted(map(tuple, votes)), sorted(map(tuple, states)), sets


def decisions(project):
    with project.store.reading() as db:
        return [
            tuple(row)
            for row in db.execute("SELECT * FROM decision ORDER BY id")
        ]


def votes_of(project, order="time"):
    with project.store.reading() as db:
        return list(kept_votes(db, order))


def words(number):
    return f"votes.csv, row {number + 1}"


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labelled")
    return scripted_project(folder / "p", overlap=2)


FORMATS = {
    "csv": (write_csv_votes, read_csv_votes, "time"),
    "label-studio": (write_label_studio, read_label_studio, "candidate"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_votes_through_a_file_are_the_same_votes(labelled, tmp_path, name):
    write, read, order = FORMATS[name]
    path = tmp_path / "votes"
    count = write(path, votes_of(labelled, order))
    copy = unlabelled(tmp_path / "copy", overlap=2)
    found = adopt_votes(copy.store, read(path), words)
    assert (found.votes, found.added) == (count, count)
    assert found.known == found.left_out == 0
    assert standing(copy) == standing(labelled)
    before = decisions(copy)
    again = adopt_votes(copy.store, read(path), words)
    assert (again.added, again.known) == (0, count)
    assert decisions(copy) == before
    # Its own votes are known to the project that they come from.
    own = decisions(labelled)
    assert adopt_votes(labelled.store, read(path), words).added == 0
    assert decisions(labelled) == own


def vote(candidate=0, **changes):
    """A vote on the first candidates of round 1."""
    known = {
        "image": sha(("pool", f"{3 * candidate}, =x.jpg")),
        "file": f"{3 * candidate}, =x.jpg",
        "round": 1, "class": None, "rival": None, "score": None,
        "labeller": "Ada", "verdict": "tp", "instead": None,
        "time": "2026-11-30T10:00:00+01:00", "dwell_ms": None,
        "mode": "import", "model": MODEL, "source": "", "licence": "",
        "author": "", "url": "",
    }  # fmt: skip
    return known | changes


def classes_of(project):
    """The class that each pool image of round 1 was taken for."""
    with project.store.reading() as db:
        return [
            row[0]
            for row in db.execute(
                "SELECT k.name FROM candidate AS c JOIN class AS k "
                "ON k.id = c.class WHERE c.round = 1 AND kind <> 'gold' "
                "ORDER BY c.image"
            )
        ]


MANY = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["Ada", "Bob"]),
        st.sampled_from(["tp", "fp", "unsure", "skip", "bad", "dup", "undo"]),
        st.integers(0, 30),
    ),
    max_size=14,
)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(MANY, st.integers(0, 14))
def test_a_file_twice_or_in_parts_changes_nothing(many, cut):
    with tempfile.TemporaryDirectory() as folder:
        project = unlabelled(f"{folder}/a", rounds=1, overlap=2)
        other = unlabelled(f"{folder}/b", rounds=1, overlap=2)
        names = classes_of(project)
        file = [
            vote(
                i, labeller=who, verdict=verdict, **{"class": names[i]},
                time=f"2026-11-30T10:00:{second:02}+01:00",
            )
            for i, who, verdict, second in many
        ]  # fmt: skip
        first = adopt_votes(project.store, iter(file), words)
        assert first.added + first.known + first.left_out == len(file)
        before = decisions(project), standing(project)
        again = adopt_votes(project.store, iter(file), words)
        assert again.added == 0
        assert (decisions(project), standing(project)) == before
        # Killed after some of it, and repeated.
        adopt_votes(other.store, iter(file[:cut]), words)
        adopt_votes(other.store, iter(file), words)
        assert standing(other) == standing(project)
        with project.store.reading() as db:
            view = db.execute("SELECT * FROM effective_vote").fetchall()
            table = db.execute(
                "SELECT candidate, labeller, decision FROM vote"
            ).fetchall()
        assert sorted(map(tuple, view)) == sorted(map(tuple, table))
        project.close()
        other.close()


def test_what_is_not_in_the_project_is_refused_with_its_row(tmp_path):
    project = unlabelled(tmp_path / "p", rounds=1)
    name = classes_of(project)[0]
    good = vote(**{"class": name})
    for bad, match in (
        ({"image": sha("x")}, "row 3: a vote is on a candidate .* no image"),
        ({"round": 2}, "row 3: .* nobody was asked about in round 2"),
        ({"class": "oak"}, "row 3: .* class='oak'"),
        ({"verdict": "fp", "instead": "oak"}, "row 3: .* instead='oak'"),
        ({"verdict": "fp", "instead": name}, "row 3: .*another class"),
        ({"instead": name}, "row 3: only what is not of the class"),
        ({"labeller": "a\nb"}, "row 3: a labeller's name"),
        ({"time": "0001-01-01T00:00:00+12:00"}, "row 3: a time must lie"),
    ):
        file = [good, good | bad]
        with pytest.raises(ValueError, match=match):
            adopt_votes(project.store, iter(file), words)
        assert not decisions(project)
    with pytest.raises(ValueError, match="order='size'"):
        votes_of(project, "size")


def test_a_later_answer_stays_and_an_earlier_one_is_left_out(tmp_path):
    project = unlabelled(tmp_path / "p", rounds=1)
    name = classes_of(project)[0]
    late = vote(**{"class": name, "verdict": "fp", "instead": None})
    early = late | {"time": "2026-11-30T08:00:00+00:00", "verdict": "tp"}
    assert adopt_votes(project.store, iter([late]), words).added == 1
    assert adopt_votes(
        project.store, iter([early]), words
    ).left_out == 1  # fmt: skip
    (standing_vote,), _, _ = standing(project)
    assert standing_vote[2] == "fp"
    assert standing_vote[5] == "2026-11-30T09:00:00.000000Z"
    later = early | {"time": "2026-11-30T10:30:00+00:00"}
    assert adopt_votes(project.store, iter([later]), words).added == 1
    assert standing(project)[0][0][2] == "tp"
    back = later | {"verdict": "undo", "time": "2026-11-30T11:00:00+00:00"}
    adopt_votes(project.store, iter([back]), words)
    assert standing(project)[0][0][2] == "fp"


def test_what_is_taken_back_is_the_last_of_its_kind(tmp_path):
    """A card was answered, a file came, and the card was taken back."""
    project = unlabelled(tmp_path / "p", rounds=1)
    name = classes_of(project)[0]
    card = vote(**{"class": name, "mode": "card"})
    file = card | {
        "mode": "import", "verdict": "fp", "time": "2026-11-30T10:00:00+00:00",
    }  # fmt: skip
    back = card | {"verdict": "undo", "time": "2026-11-30T11:00:00+00:00"}
    adopt_votes(project.store, iter([card, file, back]), words)
    ((_, _, verdict, _, mode, _, _),) = standing(project)[0]
    assert (verdict, mode) == ("fp", "import")
    with project.store.reading() as db:
        (row,) = db.execute(
            "SELECT supersedes FROM decision WHERE verdict = 'undo'"
        ).fetchall()
    assert row["supersedes"] == 1
    # Nothing of the kind is left, so that the last of all is taken back.
    again = back | {"time": "2026-11-30T12:00:00+00:00"}
    more = again | {"time": "2026-11-30T13:00:00+00:00"}
    found = adopt_votes(project.store, iter([again, more]), words)
    assert (found.added, found.left_out) == (1, 1)
    assert not standing(project)[0]


def test_votes_under_another_name(tmp_path):
    project = unlabelled(tmp_path / "p", rounds=1)
    name = classes_of(project)[0]
    file = [vote(**{"class": name, "labeller": f"user {i}"}) for i in range(3)]
    found = adopt_votes(project.store, iter(file), words, labeller=" Eve ")
    assert (found.added, found.known) == (1, 2)
    assert [row[1] for row in standing(project)[0]] == ["Eve"]


def test_imported_answers_to_known_pictures_pause(tmp_path):
    project = unlabelled(tmp_path / "p", rounds=1)
    with project.store.reading() as db:
        gold = db.execute(
            "SELECT i.sha256, i.name, k.name AS class, c.truth "
            "FROM candidate AS c JOIN image AS i ON i.id = c.image "
            "JOIN class AS k ON k.id = c.class WHERE c.kind = 'gold'"
        ).fetchall()
    file = [
        vote(image=row["sha256"], file=row["name"],
             verdict="fp" if row["truth"] == "tp" else "tp",
             **{"class": row["class"]})
        for row in gold
    ]  # fmt: skip
    assert len(file) >= 20
    adopt_votes(project.store, iter(file), words)
    with project.store.reading() as db:
        (paused,) = db.execute("SELECT paused FROM labeller").fetchone()
    assert "known pictures" in paused


def test_two_pictures_of_the_same_bytes_are_told_apart_by_name(tmp_path):
    project = unlabelled(tmp_path / "p", rounds=1)
    with project.store.writing() as db:
        twin, first = db.execute(
            "SELECT image FROM candidate WHERE kind = 'gold' AND class = 0 "
            "AND truth = 'tp' ORDER BY image DESC LIMIT 2"
        ).fetchall()
        same, name = db.execute(
            "SELECT sha256, name FROM image WHERE id = ?", (first[0],)
        ).fetchone()
        db.execute("UPDATE image SET sha256 = ? WHERE id = ?", (same, twin[0]))
    asked = vote(image=same, file=name, **{"class": CLASSES[0]})
    adopt_votes(project.store, iter([asked]), words)
    with project.store.reading() as db:
        (image,) = db.execute(
            "SELECT image FROM candidate "
            "WHERE id = (SELECT candidate FROM vote)"
        ).fetchone()
    assert image == first[0]
    with pytest.raises(ValueError, match="row 2"):
        adopt_votes(project.store, iter([asked | {"file": "x"}]), words)


def test_a_vote_is_looked_up_without_looking_through_the_round(tmp_path):
    project = empty_project(tmp_path / "p", pool=6000)
    open_scripted_round(project)
    names = classes_of(project)
    file = [vote(i, **{"class": names[i]}) for i in range(20)]
    steps = []
    with project.store.reading() as db:
        connection = db  # Of this thread, and the one that is used below.
    connection.set_progress_handler(lambda: steps.append(1), 100)
    adopt_votes(project.store, iter(file), words)
    connection.set_progress_handler(None, 0)
    # 2,000 candidates, each of which takes some steps to be passed over.
    assert 0 < 100 * len(steps) < 20 * 2000


def test_progress_is_told_in_votes(labelled, tmp_path):
    told = []
    adopt_votes(
        labelled.store, iter(votes_of(labelled)), words,
        progress=lambda *how_far: told.append(how_far),
    )  # fmt: skip
    count = len(votes_of(labelled))
    assert told[-1] == (2 * count, 2 * count)
    assert all(a[0] < b[0] for a, b in itertools.pairwise(told))
