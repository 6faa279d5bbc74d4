import numpy as np
import pytest

from fgkeras.bootstrap.store import FILE
from fgkeras.bootstrap.store import Store
from fgkeras.jobs.bootstrapping import scores as module
from fgkeras.jobs.bootstrapping.scores import Scores

COUNT = 25


class Predictor:
    """Answers that follow from the bytes; counts what it was asked."""

    def __init__(self, bad=(), odd=()):
        self.bad, self.odd, self.asked = set(bad), set(odd), []

    def answer(self, i):
        rng = np.random.default_rng(i)
        found = rng.dirichlet(np.ones(4))
        if i in self.odd:
            found[1] = np.nan
        return found, rng.normal(size=3), rng.normal(size=5)

    def stream_answers(self, pictures):
        for read in pictures:
            i = read()
            self.asked.append(i)
            if i in self.bad:
                yield None, None, None, "there is no such file"
            else:
                yield (*self.answer(i), None)


class Pictures:
    def read(self, row):
        return row["id"] - 100


def rows(count=COUNT):
    return [
        {"id": 100 + i, "origin": "pool", "name": f"{i}.jpg", "sha256": str(i)}
        for i in range(count)
    ]


@pytest.fixture(autouse=True)
def small_files(monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 10)


def made(folder, predictor, model="m", **more):
    scores = Scores(folder, "part", model, rows(), **more)
    scores.make(predictor, Pictures())
    return scores


def test_columns_are_what_the_model_said(tmp_path):
    predictor = Predictor()
    scores = made(tmp_path, predictor)
    found = scores.columns(
        "image", "top", "rival", "score", "rival_score", "entropy", "reason"
    )
    assert found["image"].tolist() == [100 + i for i in range(COUNT)]
    for i in range(COUNT):
        said, vector, body = predictor.answer(i)
        ranks = sorted(range(4), key=lambda k: -said[k])
        assert (found["top"][i], found["rival"][i]) == tuple(ranks[:2])
        assert found["score"][i] == pytest.approx(max(said))
        assert found["rival_score"][i] == pytest.approx(sorted(said)[-2])
        assert found["entropy"][i] == pytest.approx(-sum(said * np.log(said)))
        (one,), (of_body,) = scores.vectors(np.array([i]))
        assert one == pytest.approx(vector / np.linalg.norm(vector), abs=2e-3)
        assert of_body == pytest.approx(body / np.linalg.norm(body), abs=2e-3)
    assert set(found["reason"]) == {""}


def test_vectors_of_places_in_several_files(tmp_path):
    scores = made(tmp_path, Predictor())
    places = np.array([0, 3, 9, 10, 24])
    vectors, bodies = scores.vectors(places)
    for k, place in enumerate(places):
        (one,), (body,) = scores.vectors(np.array([place]))
        assert vectors[k].tolist() == one.tolist()
        assert bodies[k].tolist() == body.tolist()
    none, _ = scores.vectors(np.array([], int))
    assert len(none) == 0


def test_what_is_there_is_not_asked_again(tmp_path):
    made(tmp_path, Predictor())
    (tmp_path / "part-00001.npz").unlink()
    again = Predictor()
    made(tmp_path, again)
    assert again.asked == list(range(10, 20))


@pytest.mark.parametrize("change", ["model", "images"])
def test_another_model_or_pool_begins_anew(tmp_path, change):
    made(tmp_path, Predictor())
    again = Predictor()
    if change == "model":
        made(tmp_path, again, model="other")
        assert len(again.asked) == COUNT
    else:
        scores = Scores(tmp_path, "part", "m", rows(COUNT - 1))
        scores.make(again, Pictures())
        assert len(again.asked) == COUNT - 1


def test_files_hold_whole_batches(tmp_path):
    assert Scores(tmp_path, "part", "m", rows(), batch=4).chunk == 8
    assert Scores(tmp_path, "part", "m", rows(), batch=64).chunk == 64


def test_what_cannot_be_read_stops_or_is_taken_out(tmp_path):
    store = Store(tmp_path / FILE, create=True)
    with store.writing() as db:
        db.executemany(
            "INSERT INTO image (id, origin, name, sha256) "
            "VALUES (:id, :origin, :name, :sha256)",
            rows(),
        )
    scores = made(tmp_path, Predictor(bad=[12], odd=[3]))
    with pytest.raises(ValueError, match=r"2 of 25 .*'3.jpg': .*not finite"):
        scores.left_out(store, skip_bad=False)
    again = Predictor(bad=[12])
    scores = made(tmp_path, again)
    # Only the files of the two are asked for again.
    assert again.asked == list(range(20))
    out = scores.left_out(store, skip_bad=True)
    assert out == [("12.jpg", "there is no such file")]
    with store.reading() as db:
        states = db.execute(
            "SELECT id, reason FROM image WHERE state = 'refused'"
        ).fetchall()
    assert [tuple(row) for row in states] == [(112, "there is no such file")]
    assert made(tmp_path, Predictor()).left_out(store, skip_bad=True) == out
