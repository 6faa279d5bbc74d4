import json
import tempfile

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fgkeras.bootstrap.interchange import read_fiftyone
from fgkeras.bootstrap.interchange import write_fiftyone
from tests.bootstrap.interchange.votes import SHA
from tests.bootstrap.interchange.votes import VOTES
from tests.bootstrap.interchange.votes import hard_votes
from tests.bootstrap.interchange.votes import vote


def by_sample(votes):
    """Votes in the order in which their image was first seen."""
    names = ("image", "file", "source", "licence", "author", "url")
    groups: dict = {}
    for made in votes:
        groups.setdefault(tuple(made[n] for n in names), []).append(made)
    return [made for group in groups.values() for made in group]


def dataset(folder, *samples):
    text = json.dumps({"samples": samples})
    (folder / "samples.json").write_text(text, "utf-8")
    return folder


def label(**changes):
    """A classification as FiftyOne 1.22.1 exports it."""
    return {
        "_id": {"$oid": "6b0decef5ae8edb6c6cff7ab"},
        "_cls": "Classification", "tags": ["tp"], "label": "Arctic tern",
        "confidence": 0.25, "logits": None,
    } | changes  # fmt: skip


def sample(*labels, **changes):
    return {
        "_id": {"$oid": "6b0decef5ae8edb6c6cff7aa"},
        "filepath": "/photos/birds/a b.jpg", "tags": ["pool"],
        "metadata": None, "created_at": {"$date": "2026-11-30T08:00:00Z"},
        "_media_type": "image", "_rand": 0.99,
        "_dataset_id": {"$oid": "6b0decef5ae8edb6c6cff7ac"},
        "votes": {"_cls": "Classifications", "classifications": list(labels)},
    } | changes  # fmt: skip


OWN = {
    "round": 1, "labeller": "Ada", "time": "2026-11-30T08:00:00Z",
}  # fmt: skip


def test_votes_come_back_image_by_image(tmp_path):
    votes = hard_votes()
    assert write_fiftyone(tmp_path / "a", iter(votes)) == len(votes)
    found = list(read_fiftyone(tmp_path / "a"))
    assert found == by_sample(votes)
    write_fiftyone(tmp_path / "b", found)
    for name in ("samples.json", "metadata.json"):
        again = (tmp_path / "b" / name).read_bytes()
        assert again == (tmp_path / "a" / name).read_bytes()


@settings(max_examples=60, derandomize=True)
@given(st.lists(VOTES, max_size=5))
def test_any_votes_come_back(votes):
    with tempfile.TemporaryDirectory() as folder:
        write_fiftyone(folder, votes)
        assert list(read_fiftyone(folder)) == by_sample(votes)


def test_a_dataset_is_what_fiftyone_opens(tmp_path):
    """The documents that its importer reads, and what each field is."""
    votes = [
        vote(labeller="Ada"),
        vote(image="ef" * 32, file="b.jpg", verdict="tp"),
        vote(labeller="Bob", verdict="unsure", instead=None),
    ]
    write_fiftyone(tmp_path, votes, name="terns")
    description = json.loads((tmp_path / "metadata.json").read_text("utf-8"))
    assert description["name"] == "terns"
    assert description["media_type"] == "image"
    assert description["version"] == "1.0.0"
    fields = {f["name"]: f for f in description["sample_fields"]}
    (classifications, _) = fields["votes"]["fields"]
    kinds = {f["name"]: f["ftype"] for f in classifications["fields"]}
    samples = json.loads((tmp_path / "samples.json").read_text("utf-8"))
    first, second = samples["samples"]
    assert set(fields) - {"id"} == set(first) - {"_id", "_media_type", "_rand"}
    assert first["filepath"] == "birds/a b.jpg"
    assert (first["sha256"], first["licence"]) == (SHA, "CC BY 4.0")
    assert first["created_at"] == {"$date": "2026-11-30T11:00:00.123Z"}
    assert 0 <= first["_rand"] < 1
    assert first["votes"]["_cls"] == "Classifications"
    ada, bob = first["votes"]["classifications"]
    assert set(kinds) - {"id"} == set(ada) - {"_id", "_cls"}
    assert (ada["label"], ada["tags"]) == ("Arctic tern", ["fp"])
    assert ada["confidence"] == 0.1 + 0.2
    assert (bob["tags"], bob["labeller"]) == (["unsure"], "Bob")
    assert [s["filepath"] for s in (first, second)] == [
        "birds/a b.jpg", "b.jpg",
    ]  # fmt: skip
    ids = [s["_id"]["$oid"] for s in (first, second)]
    ids += [
        made["_id"]["$oid"]
        for s in (first, second)
        for made in s["votes"]["classifications"]
    ]
    assert len(set(ids)) == 5
    assert all(len(i) == 24 and int(i, 16) >= 0 for i in ids)


def test_what_fiftyone_exports_of_ours(tmp_path):
    """A tag changed there, another path, attributes that are None left out."""
    made = label(**OWN, tags=["unsure", "look again"], mode="grid_rest")
    own = {"sha256": SHA, "file": "birds/a b.jpg", "source": "pool",
           "licence": None}  # fmt: skip
    (found,) = read_fiftyone(dataset(tmp_path, sample(made, **own)))
    assert found == {
        "image": SHA, "file": "birds/a b.jpg", "round": 1,
        "class": "Arctic tern", "rival": None, "score": 0.25,
        "labeller": "Ada", "verdict": "unsure", "instead": None,
        "time": "2026-11-30T08:00:00Z", "dwell_ms": None, "mode": "grid_rest",
        "model": None, "source": "pool", "licence": "", "author": "",
        "url": "",
    }  # fmt: skip


def test_a_dataset_of_others(tmp_path):
    one = sample(ground_truth=label(tags=["correct"]), votes=None)
    none = sample(ground_truth=None, votes=None)

    def fill(sample, label):
        return {"image": SHA, "verdict": "tp" if "correct" in label["tags"]
                else "fp", "class": "not this", **OWN}  # fmt: skip

    folder = dataset(tmp_path, one, none)
    (found,) = read_fiftyone(folder, field="ground_truth", fill=fill)
    assert (found["file"], found["class"]) == ("a b.jpg", "Arctic tern")
    assert (found["verdict"], found["mode"]) == ("tp", "import")
    assert list(read_fiftyone(folder)) == []
    with pytest.raises(ValueError, match=r"tags=\['correct'\]"):
        read_fiftyone(folder, field="ground_truth")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"filepath": None}, "filepath must be a name"),
        ({"votes": "tp"}, "votes must be classifications.*'tp'"),
        ({"votes": {"_cls": "Detections"}}, "must be classifications"),
        ({"votes": {"_cls": "Classifications"}}, "must be classifications"),
        ({"votes": label(tags=[], **OWN)}, r"label 1: one of its tags"),
        ({"votes": label(tags=["tp", "fp"], **OWN)}, "one of its tags"),
        ({"votes": label(tags="tp", **OWN)}, "one of its tags"),
        ({"votes": label(tags=["tp"])}, "a vote needs round, labeller, time"),
        ({"votes": label(**OWN, model="x")}, "label 1: model must be"),
        ({"votes": label(**OWN), "sha256": "x"}, "image must be a SHA-256"),
        ({"votes": label(**OWN), "sha256": None}, "a vote needs image"),
        ({"votes": label(**OWN, confidence=2)}, "score=2"),
    ],
)
def test_a_bad_sample_is_named_and_nothing_is_given(tmp_path, changes, said):
    good = sample(label(**OWN), sha256=SHA)
    folder = dataset(tmp_path, good, good | changes)
    with pytest.raises(ValueError, match=r"samples\.json, sample 2.*" + said):
        read_fiftyone(folder)


def test_broken_datasets_are_refused_and_bad_votes_leave_nothing(tmp_path):
    with pytest.raises(ValueError, match="There must be a samples.json"):
        read_fiftyone(tmp_path)
    (tmp_path / "samples.json").write_text('{"samples": [{"filepath"')
    with pytest.raises(ValueError, match=r"samples\.json, item 1"):
        read_fiftyone(tmp_path)
    with pytest.raises(ValueError, match="new, vote 2: mode must be"):
        write_fiftyone(tmp_path / "new", [vote(), vote(mode="x")])
    assert not (tmp_path / "new").exists()
