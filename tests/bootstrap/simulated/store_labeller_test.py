"""A simulated labeller at a store: all is answered, as it was told to be."""

import pytest

from fgkeras.bootstrap.simulated import Refused
from fgkeras.bootstrap.simulated import SimulatedLabeller
from fgkeras.bootstrap.simulated import StoreLabeller
from fgkeras.bootstrap.simulated import candidate_truth
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import labeller_facts
from tests.bootstrap.simulated.desk import NAMES
from tests.bootstrap.simulated.desk import Round


def worker(found, accuracy=1.0, **options):
    labeller = SimulatedLabeller(accuracy, **options)
    return StoreLabeller(found.store, found.person, labeller, found.truth)


@pytest.mark.parametrize("mode", ["card", "grid"])
def test_who_errs_never_settles_everything_by_the_truth(tmp_path, mode):
    found = Round(tmp_path)
    done = worker(found).work(mode)
    rows = found.outcomes()
    assert done.decisions == len(rows) == 60
    assert done.wrong == done.unsure == done.refused == 0
    for row in rows:
        right = row["true"] == row["name"]
        assert (row["state"], row["outcome"]) == (
            "settled",
            "tp" if right else "fp",
        )
        named = None if row["instead"] is None else NAMES[row["instead"]]
        rival = NAMES[(row["class"] + 1) % 3]
        by_card = mode == "card" and not right and row["true"] == rival
        assert named == (rival if by_card else None)
    assert done.accepted == sum(row["outcome"] == "tp" for row in rows)
    assert done.renamed == sum(row["instead"] is not None for row in rows)
    assert bool(done.pages) == (mode == "grid")


@pytest.mark.parametrize("rate", [0.1, 0.9])
def test_pages_marked_either_way_say_the_same(tmp_path, rate):
    found = Round(tmp_path, rates=dict.fromkeys(range(3), rate))
    done = worker(found, 0.8, abstention=0.2, seed=3).work("grid", size=7)
    alone = SimulatedLabeller(0.8, abstention=0.2, seed=3)
    for row in found.outcomes():
        said = alone.answer(row["id"], row["name"], row["true"])
        assert row["outcome"] == said.verdict
    assert done.pages == 9  # Three of each class: 7, 7 and 6.
    assert done.unsure > 0
    assert done.wrong > 0


def test_the_time_is_virtual(tmp_path):
    found = Round(tmp_path)
    cards = worker(found, seconds=2.0).work(limit=10)
    pages = worker(found, tile_seconds=0.5).work("grid")
    assert cards.decisions == 10
    assert cards.seconds == pytest.approx(20)
    assert pages.decisions == 50
    assert pages.seconds == pytest.approx(25)
    facts = labeller_facts(found.store, found.person)
    assert facts["decisions"] == 60


def test_pages_end_at_the_first_that_reaches_the_limit(tmp_path):
    done = worker(Round(tmp_path)).work("grid", 10, size=8)
    assert (done.pages, done.decisions) == (2, 16)


def test_gold_is_answered_by_the_seed(tmp_path):
    found = Round(tmp_path, per_class=60, gold=0.2)
    done = worker(found, 0.9).work()
    with found.store.reading() as db:
        gold = db.execute(
            "SELECT count(*), sum(v.verdict = 'tp') FROM vote AS v "
            "JOIN candidate AS c ON c.id = v.candidate WHERE c.kind = 'gold'"
        ).fetchone()
    assert gold[0] > 5
    assert done.paused == ""
    assert gold[1] > 0.6 * gold[0]


def test_who_answers_gold_wrong_is_paused_and_stops(tmp_path):
    found = Round(tmp_path, per_class=300, gold=0.5)
    with found.store.writing() as db:  # More gold than a class has.
        db.execute(
            "INSERT INTO image (origin, name, sha256, class) "
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
            "WHERE i < 90) SELECT 'seed', 'g' || i, 'g' || i, i % 3 FROM n"
        )
        db.execute(
            "INSERT INTO candidate (round, image, class, rank, kind, truth) "
            "SELECT 1, id, class, 0, 'gold', 'tp' FROM image "
            "WHERE name LIKE 'g%'"
        )
    done = worker(found, 0.1).work()
    assert "known pictures" in done.paused
    assert done.decisions < 900
    again = worker(found).work()
    assert again.decisions == 0
    assert again.paused == done.paused


def test_two_at_one_store_answer_each_candidate_once(tmp_path):
    found = Round(tmp_path)
    other = Labellers(found.store).add("Bob")
    one = worker(found)
    two = StoreLabeller(found.store, other, SimulatedLabeller(1.0), found.truth)
    total = 0
    for _ in range(40):
        total += one.work(limit=1).decisions + two.work(limit=1).decisions
    total += one.work().decisions + two.work().decisions
    assert total + len([r for r in found.outcomes() if r["state"] == "open"]) \
        == 60  # fmt: skip


class Lost:
    """A desk whose answers are refused, `times` of them."""

    def __init__(self, times, status=409):
        self.times, self.status, self.left = times, status, 2

    def cards(self, count):
        return [
            {"candidate": n, "class": 0, "class_name": "elm", "rival": None,
             "rival_name": None}
            for n in range(self.left)
        ]  # fmt: skip

    def decide(self, **body):
        if self.times:
            self.times -= 1
            raise Refused(self.status, "It was not handed out.")
        self.left -= 1


def test_what_went_to_somebody_else_is_counted_and_left(tmp_path):
    labeller = worker(Round(tmp_path))
    labeller.desk, labeller.truth = Lost(2), lambda candidate: "elm"
    done = labeller.work()
    assert done.refused == 2
    assert done.decisions == 2


@pytest.mark.parametrize("desk", [Lost(9), Lost(1, 400)])
def test_what_is_refused_again_or_breaks_a_rule_is_raised(tmp_path, desk):
    labeller = worker(Round(tmp_path))
    labeller.desk, labeller.truth = desk, lambda candidate: "elm"
    with pytest.raises(Refused, match="not handed out"):
        labeller.work()


def test_pace_is_real_time(tmp_path, monkeypatch):
    slept = []
    monkeypatch.setattr("time.sleep", slept.append)
    found = Round(tmp_path)
    labeller = SimulatedLabeller(1.0, seconds=2.0)
    StoreLabeller(
        found.store, found.person, labeller, found.truth, pace=0.25
    ).work(limit=3)
    assert slept == [0.5] * 3


def test_truth_is_by_sha256_then_name_then_seed(tmp_path):
    found = Round(tmp_path, per_class=2, gold=0.1)
    with found.store.reading() as db:
        rows = db.execute(
            "SELECT c.id, c.kind, c.class, i.name, i.sha256 "
            "FROM candidate AS c JOIN image AS i ON i.id = c.image"
        ).fetchall()
    pool = next(row for row in rows if row["kind"] == "offer")
    gold = next(row for row in rows if row["kind"] == "gold")
    both = {pool["name"]: "oak", pool["sha256"]: None}
    assert candidate_truth(found.store, both)(pool["id"]) is None
    named = candidate_truth(found.store, {pool["name"]: "oak"})
    assert named(pool["id"]) == "oak"
    assert named(gold["id"]) == NAMES[gold["class"]]
    mended = candidate_truth(found.store, {gold["name"]: "fir"})
    assert mended(gold["id"]) == "fir"
    with pytest.raises(ValueError, match="truth is not given"):
        candidate_truth(found.store, {})(pool["id"])
    with pytest.raises(ValueError, match="candidate=999"):
        candidate_truth(found.store, {})(999)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"mode": "pages"}, "pages"), ({"limit": 0}, "limit=0")],
)
def test_misuse_of_work(tmp_path, options, words):
    with pytest.raises(ValueError, match=words):
        worker(Round(tmp_path)).work(**options)


def test_negative_pace_is_refused(tmp_path):
    found = Round(tmp_path)
    with pytest.raises(ValueError, match="pace=-1"):
        StoreLabeller(found.store, found.person, None, found.truth, pace=-1)
