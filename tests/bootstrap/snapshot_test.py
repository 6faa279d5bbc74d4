import csv
import hashlib
import json

import pytest

import fgkeras.data
from fgkeras.bootstrap.ingest import KeptPictures
from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.snapshot import write_sets
from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import Candidate
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import open_round
from fgkeras.bootstrap.store.answers import adopt
from tests.bootstrap.store.projects import rows_of
from tests.data.pictures import jpeg

NAMES = ("elm", "oak", "yew, common")


class Files:
    """A source of bytes that can be changed."""

    def __init__(self, files):
        self.files = files

    def read(self, name):
        return self.files[name]


class Begun:
    """A project with pictures, a round and a labeller."""

    def __init__(self, path):
        self.project = Project.create(path)
        self.files = Files({})
        self.pictures = KeptPictures(
            self.project.path,
            dict.fromkeys(("seed", "test", "pool"), self.files),
        )
        self.ada = Labellers(self.project.store).add("Ada")
        with self.project.store.writing() as db:
            db.executemany(
                "INSERT INTO class VALUES (?, ?, '')", list(enumerate(NAMES))
            )
        self.seed = [self.add("seed", i, of_class=i % 2) for i in range(4)]
        self.tests = [self.add("test", 20 + i, of_class=i) for i in range(3)]
        self.pool = [self.add("pool", 50 + i) for i in range(6)]
        open_round(
            self.project.store, 1, {},
            [
                Candidate(image, i % 2, 2, 0.9, 0.1, i)
                for i, image in enumerate(self.pool)
            ]
            + [Candidate(self.seed[0], 1, 0, None, None, 9, "gold",
                         truth="fp")],
        )  # fmt: skip
        self.of_image = dict(
            rows_of(self.project.store, "SELECT image, id FROM candidate")
        )

    def add(self, origin, number, of_class=None, **more):
        name = more.get("name", f"{origin}/{number}.jpg")
        data = self.files.files[name] = jpeg(number)
        with self.project.store.writing() as db:
            return db.execute(
                "INSERT INTO image (origin, name, sha256, class, state, "
                "licence, author, url) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    origin, name, hashlib.sha256(data).hexdigest(), of_class,
                    more.get("state", "in"), "CC\nBY", '=cmd("x"), Zoë',
                    "https://a.example",
                ),
            ).lastrowid  # fmt: skip

    def answer(self, place, verdict, instead=None):
        number = self.of_image[self.pool[place]]
        request = f"{place}/{verdict}/{instead}"
        answer = Answer(number, verdict, instead)
        adopt(self.project.store, self.ada, request, [answer])

    def write(self):
        with self.project.working():
            return write_sets(self.project, self.pictures)

    def table(self, name, number=1):
        with open(
            self.project.sets(number) / name, encoding="utf-8", newline=""
        ) as file:
            return list(csv.DictReader(file))


@pytest.fixture
def begun(tmp_path):
    begun = Begun(tmp_path / "p")
    yield begun
    begun.project.close()


def sums(rows):
    return sorted((row["sha256"], row["label"]) for row in rows)


def expected(*pairs):
    return sorted(
        (hashlib.sha256(jpeg(n)).hexdigest(), NAMES[k]) for n, k in pairs
    )


def test_sets_are_what_was_decided(begun):
    for place, verdict, instead in (
        (0, "tp", None), (1, "fp", None), (2, "fp", 2), (3, "unsure", None),
        (4, "tp", None), (4, "fp", None),
    ):  # fmt: skip
        begun.answer(place, verdict, instead)
    number, facts = begun.write()
    seed = [(0, 0), (1, 1), (2, 0), (3, 1)]
    accepted = [*seed, (50, 0), (52, 2)]
    tests = [(20, 0), (21, 1), (22, 2)]
    assert number == 1
    assert sums(begun.table("accepted.csv")) == expected(*accepted)
    assert sums(begun.table("rejected.csv")) == expected(
        (51, 1), (52, 0), (54, 0)
    )
    training = begun.table("training.csv")
    parts = {
        split: sums(row for row in training if row["split"] == split)
        for split in ("train", "test")
    }
    assert parts == {"train": expected(*accepted), "test": expected(*tests)}
    assert (facts["accepted"], facts["rejected"], facts["test"]) == (6, 3, 3)
    assert facts["through"] == 6
    (counts,) = facts["rounds"]
    assert counts == {
        "round": 1, "offered": 6, "right": 1, "wrong": 3, "renamed": 1,
        "unsure": 1, "skip": 0, "bad": 0, "dup": 0, "undecided": 1,
    }  # fmt: skip
    folder = begun.project.sets(1)
    assert json.loads((folder / "sets.json").read_text()) == facts
    for name, digest in facts["sha256"].items():
        data = (folder / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest
    assert begun.project.last_applied() == (1, facts)
    # A row has one line, whoever wrote it.
    assert {row["licence"] for row in training} == {"CC BY"}
    assert begun.table("rejected.csv")[0]["round"] == "1"
    assert {row["round"] for row in training[:4]} == {"0"}


def test_a_training_opens_what_was_written(begun):
    begun.answer(0, "tp")
    begun.write()
    source = fgkeras.data.open(f"csv:{begun.project.sets(1)}/training.csv")
    assert source.class_names == ("elm", "oak", "yew, common")
    assert sorted(source.splits) == ["test", "train"]
    train = source.split("train")
    assert len(train) == 5
    found = {hashlib.sha256(source.read(i)).hexdigest() for i in train.ids}
    assert found == {
        s for s, _ in expected(*((i, 0) for i in range(4)), (50, 0))
    }
    # What becomes of the sources later changes nothing.
    begun.files.files.clear()
    assert all(source.read(i) for i in train.ids)


def test_the_same_decisions_are_the_same_sets(begun):
    begun.answer(0, "tp")
    first = begun.write()
    assert begun.write() == first
    begun.answer(1, "fp")
    number, facts = begun.write()
    assert number == 2
    assert begun.write() == (number, facts)
    # What was frozen stays.
    assert len(begun.table("accepted.csv", 1)) == 5
    assert not (begun.project.sets(1) / "rejected.csv").exists()
    assert len(begun.table("rejected.csv", 2)) == 1


def test_a_changed_picture_stops_it(begun):
    begun.answer(0, "tp")
    begun.files.files["pool/50.jpg"] = jpeg(99)
    with pytest.raises(ValueError, match="'pool/50.jpg'.*changed since"):
        begun.write()
    assert begun.project.last_applied() == (0, {})
    begun.files.files["pool/50.jpg"] = jpeg(50)
    assert begun.write()[0] == 1


@pytest.mark.parametrize("at", ["write_text", "write_json"])
def test_a_call_that_was_stopped_is_repeated(begun, monkeypatch, at):
    begun.answer(0, "tp")

    def stopped(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"fgkeras.bootstrap.snapshot.{at}", stopped)
        with pytest.raises(KeyboardInterrupt):
            begun.write()
    assert begun.project.last_applied() == (0, {})
    begun.answer(1, "fp")
    number, facts = begun.write()
    assert number == 1
    assert (facts["accepted"], facts["rejected"]) == (5, 1)
    assert begun.project.last_applied() == (1, facts)


def test_one_picture_of_two_classes_has_two_files(begun):
    # The same bytes under two names: once more as elm, and as oak.
    begun.add("seed", 0, of_class=0, name="again.jpg")
    begun.add("seed", 0, of_class=1, name="as oak.jpg")
    begun.write()
    rows = [
        row
        for row in begun.table("accepted.csv")
        if row["sha256"] == expected((0, 0))[0][0]
    ]
    assert sorted(row["label"] for row in rows) == ["elm", "oak"]
    assert len({row["path"] for row in rows}) == 2
    fgkeras.data.open(f"csv:{begun.project.sets(1)}/training.csv")


def test_what_is_out_stays_out(begun):
    begun.add("seed", 5, of_class=0, state="leak")
    begun.add("test", 25, of_class=0, state="refused")
    begun.add("pool", 60, of_class=0)
    begun.write()
    seen = {row["sha256"] for row in begun.table("training.csv")}
    for number in (5, 25, 60):
        assert hashlib.sha256(jpeg(number)).hexdigest() not in seen
