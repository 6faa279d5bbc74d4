import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fgkeras.bootstrap.interchange import LABELLING_INTERFACE
from fgkeras.bootstrap.interchange import VERDICTS
from fgkeras.bootstrap.interchange import read_label_studio
from fgkeras.bootstrap.interchange import write_label_studio
from tests.bootstrap.interchange.votes import SHA
from tests.bootstrap.interchange.votes import VOTES
from tests.bootstrap.interchange.votes import hard_votes
from tests.bootstrap.interchange.votes import vote


def exported(*annotations, **changes):
    """A task as Label Studio exports it, of a project of our own tasks."""
    return {
        "id": 7, "inner_id": 1, "file_upload": "4f2a-tasks.json",
        "drafts": [], "meta": {}, "project": 3, "total_annotations": 1,
        "created_at": "2026-11-29T09:00:00.000000Z",
        "updated_at": "2026-11-30T09:00:00.000000Z",
        "data": {
            "image": "/data/local-files/?d=photos/birds/a%20b.jpg",
            "sha256": SHA, "class": "Arctic tern", "round": 4,
        },
        "predictions": [
            {"id": 5, "model_version": "v1", "score": 0.75, "result": []}
        ],
        "annotations": list(annotations),
    } | changes  # fmt: skip


def annotation(choice="tp", **changes):
    return {
        "id": 11, "completed_by": 10, "was_cancelled": False,
        "ground_truth": False, "lead_time": 4.288, "prediction": {},
        "created_at": "2026-11-30T08:00:00.728353Z",
        "updated_at": "2026-11-30T08:00:01.728353Z", "result_count": 1,
        "result": [
            {
                "value": {"choices": [choice]}, "id": "Dx_aB91ISN",
                "from_name": "verdict", "to_name": "image",
                "type": "choices", "origin": "manual",
            }
        ],
    } | changes  # fmt: skip


def read(folder, *tasks, **options):
    path = Path(folder, "export.json")
    path.write_text(json.dumps(tasks))
    return list(read_label_studio(path, **options))


def test_votes_come_back_as_they_were(tmp_path):
    path = tmp_path / "tasks.json"
    votes = hard_votes()
    assert write_label_studio(path, iter(votes)) == len(votes)
    assert list(read_label_studio(path)) == votes
    again = tmp_path / "again.json"
    write_label_studio(again, read_label_studio(path))
    assert again.read_bytes() == path.read_bytes()


@settings(max_examples=60, derandomize=True)
@given(st.lists(VOTES, max_size=4))
def test_any_votes_come_back(votes):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tasks.json")
        write_label_studio(path, votes)
        assert list(read_label_studio(path)) == votes


def test_a_task_is_what_label_studio_imports(tmp_path):
    path = tmp_path / "tasks.json"
    votes = [
        vote(labeller="Ada"),
        vote(labeller="Bob", verdict="skip", instead=None, dwell_ms=None),
        vote(round=3, model=None, score=None, instead=None),
    ]
    write_label_studio(
        path, votes, image_prefix="/data/local-files/?d=",
        emails={"Ada": "ada@example.org"},
    )  # fmt: skip
    tasks = json.loads(path.read_text("utf-8"))
    first, second = tasks
    assert first["data"]["image"] == "/data/local-files/?d=birds/a%20b.jpg"
    assert first["data"]["sha256"] == SHA
    assert (first["data"]["class"], first["data"]["round"]) == (
        "Arctic tern", 2,
    )  # fmt: skip
    (prediction,) = first["predictions"]
    assert prediction["score"] == 0.1 + 0.2
    assert prediction["model_version"] == "cd" * 32
    ada, bob = first["annotations"]
    assert ada["completed_by"] == {"email": "ada@example.org"}
    # Whom the project does not know belongs to the one who imports.
    assert "completed_by" not in bob
    assert ada["lead_time"] == 1.234
    assert bob["lead_time"] is None
    assert (ada["was_cancelled"], bob["was_cancelled"]) == (False, True)
    choice, instead = ada["result"]
    assert choice["value"] == {"choices": ["fp"]}
    assert (choice["from_name"], choice["to_name"]) == ("verdict", "image")
    assert instead["value"] == {"text": ["Common tern"]}
    assert second["predictions"] == []
    for verdict in VERDICTS:
        assert f'<Choice value="{verdict}"/>' in LABELLING_INTERFACE
    assert list(read_label_studio(path)) == votes


def test_an_export_of_our_tasks(tmp_path):
    """Labelled there: by number and by address, skipped, with a class."""
    other = annotation("fp", completed_by={"id": 2, "email": "b@x.org"})
    other["result"].append(
        {
            "value": {"text": ["Common tern"]}, "from_name": "instead",
            "to_name": "image", "type": "textarea", "id": "q",
        }
    )  # fmt: skip
    skipped = annotation(was_cancelled=True, result=[], lead_time=None)
    first, second, third = read(
        tmp_path,
        exported(annotation(), other, skipped),
        exported(),
    )
    assert first == {
        "image": SHA, "file": "a b.jpg", "round": 4, "class": "Arctic tern",
        "rival": None, "score": 0.75, "labeller": "user 10", "verdict": "tp",
        "instead": None, "time": "2026-11-30T08:00:00.728353Z",
        "dwell_ms": 4288, "mode": "import", "model": None, "source": "",
        "licence": "", "author": "", "url": "",
    }  # fmt: skip
    assert second["labeller"] == "b@x.org"
    assert (second["verdict"], second["instead"]) == ("fp", "Common tern")
    assert (third["verdict"], third["dwell_ms"]) == ("skip", None)


def test_a_vote_added_there_stands_beside_ours(tmp_path):
    path = tmp_path / "tasks.json"
    write_label_studio(path, [vote()])
    tasks = json.loads(path.read_text("utf-8"))
    tasks[0]["annotations"].append(annotation("tp"))
    # Who changes a verdict there changes the vote.
    value = tasks[0]["annotations"][0]["result"][0]["value"]
    value["choices"] = ["unsure"]
    ours, theirs = read(tmp_path, *tasks)
    assert ours == vote(verdict="unsure")
    assert theirs["verdict"] == "tp"
    assert theirs["class"] == "Arctic tern"
    assert theirs["model"] == "cd" * 32


def test_what_others_keep_in_meta_is_left_alone(tmp_path):
    for meta in ({"text": ["blurred"]}, {"fgkeras": "x"}, None, []):
        made = annotation()
        made["result"][0]["meta"] = meta
        (found,) = read(tmp_path, exported(made))
        assert (found["labeller"], found["mode"]) == ("user 10", "import")


def test_a_project_of_others(tmp_path):
    task = exported(
        annotation("True positive"),
        data={"image": "https://x.org/up/1f-b.jpg?v=1", "species": "Tern"},
        predictions=[{"model_version": "v1", "score": 7}],
    )

    def fill(data):
        return {"image": SHA, "class": data["species"], "round": 0,
                "source": "ours", "file": "not this"}  # fmt: skip

    (found,) = read(tmp_path, task, verdicts={"True positive": "tp"}, fill=fill)
    assert found["file"] == "1f-b.jpg"
    assert (found["class"], found["source"]) == ("Tern", "ours")
    assert (found["verdict"], found["score"]) == ("tp", None)
    with pytest.raises(ValueError, match="a vote needs image, class, round"):
        read(tmp_path, task, verdicts={"True positive": "tp"})


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ({"id": 1, "image": "a.jpg"}, "data must be an object"),
        (exported(annotations=5), "annotations must be a list.*JSON-MIN"),
        (exported(annotations=["tp"]), "annotations must be a list"),
        (exported(annotation(result=[])), "1: result must have a choice"),
        (exported(annotation(result=None)), "result must have a choice"),
        (exported(annotation(result="[]")), "result must be a list"),
        (exported(annotation("yes")), "one of tp, fp.*'yes'.*by verdicts"),
        (exported(annotation(completed_by=None)), "labeller=None"),
        (exported(annotation(created_at=None)), "time=None"),
        (exported(annotation(), data={"image": "a"}), "needs image, class"),
        (exported(annotation(), predictions={}), "predictions must be"),
    ],
)
def test_a_bad_task_is_named_and_nothing_is_given(tmp_path, task, said):
    with pytest.raises(ValueError, match=r"export\.json, task 2.*" + said):
        read(tmp_path, exported(annotation()), task)


def test_a_broken_file_is_refused(tmp_path):
    path = tmp_path / "export.json"
    write_label_studio(path, [vote(), vote(round=3)])
    whole = path.read_text("utf-8")
    path.write_text(whole[:-30], "utf-8")
    with pytest.raises(ValueError, match=r"export\.json, item 2"):
        read_label_studio(path)
    with pytest.raises(ValueError, match=r"export\.json, vote 2: round"):
        write_label_studio(path, [vote(), vote(round=None)])
    assert path.read_text("utf-8") == whole[:-30]
