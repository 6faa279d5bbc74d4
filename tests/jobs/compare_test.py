"""Runs side by side, on the images that they share and no others."""

import json

import numpy as np
import pytest

from fgkeras.cli.main import main
from fgkeras.evaluation import retrieval_report
from fgkeras.jobs import compare
from fgkeras.storage import write_json
from fgkeras.training.reporter import SILENT
from tests.jobs.kept_runs import NAMES
from tests.jobs.kept_runs import hashes
from tests.jobs.kept_runs import kept_embedding
from tests.jobs.kept_runs import kept_run

IDS = [f"{i}.jpg" for i in range(12)]
LABELS = [0] * 6 + [1] * 4 + [2] * 2
A = [1, 1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 0]
B = [1, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 1]


def compared(*runs, **more):
    return compare(runs, runs[0].parent / "out", reporter=SILENT, **more)[0]


def numbers(found, run=0):
    found = found["runs"][run]["numbers"]
    return {k: v and round(v["value"], 6) for k, v in found.items()}


@pytest.fixture
def runs(tmp_path):
    return (
        kept_run(tmp_path / "a", IDS, LABELS, A, parameters=1234),
        kept_run(
            tmp_path / "b", IDS, LABELS, B, options={"loss.name": "focal"}
        ),
    )


def test_numbers_are_those_of_the_runs(runs):
    found = compared(*runs)
    assert [run["name"] for run in found["runs"]] == ["a", "b"]
    for i, run in enumerate(runs):
        metrics = json.loads((run / "metrics.json").read_text())
        expected = {
            "overall": metrics["top1"]["value"],
            "class mean": metrics["mean_per_class"]["value"],
            **{
                name: group["class_mean"]["value"]
                for name, group in metrics["groups"].items()
            },
        }
        got = numbers(found, i)
        assert got == {k: round(v, 6) for k, v in expected.items()}
    (pair,) = found["pairs"]
    assert pair["differences"]["overall"]["value"] == pytest.approx(2 / 12)
    assert pair["differences"]["tail"]["value"] == 1.0
    assert pair["mcnemar"]["overall"]["only_first"] == 1
    assert pair["mcnemar"]["overall"]["only_second"] == 3
    # Of four images, three or more on one side: 10 of 16 tosses.
    assert pair["mcnemar"]["overall"]["p"] == pytest.approx(10 / 16)
    assert found["notes"] == []
    assert found["runs"][0]["parameters"] == 1234
    assert found["runs"][1]["parameters"] is None
    assert found["runs"][0]["seconds"] == 12.5
    options = [run["options"]["loss.name"] for run in found["runs"]]
    assert options == ["softmax", "focal"]
    assert found["runs"][0]["options"]["loss.gamma"] is None


def test_order_and_numbers_of_classes_do_not_matter(tmp_path, runs):
    order = np.random.default_rng(0).permutation(12)
    names = [NAMES[2], "extra", NAMES[0], NAMES[1]]
    again = kept_run(
        tmp_path / "c",
        [IDS[i] for i in order],
        [{0: 2, 1: 3, 2: 0}[LABELS[i]] for i in order],
        [B[i] for i in order],
        names=names,
        counts=(5, 9, 200, 40),
    )
    found = compared(*runs, again)
    assert numbers(found, 1) == numbers(found, 2)
    last = found["pairs"][-1]
    assert (last["first"], last["second"]) == ("b", "c")
    assert last["mcnemar"]["overall"]["p"] == 1.0
    assert last["differences"]["tail"]["low"] is None


def test_others_are_reduced_to_the_shared_images_and_it_is_said(tmp_path, runs):
    fewer = kept_run(tmp_path / "c", IDS[3:], LABELS[3:], B[3:])
    more = kept_run(
        tmp_path / "d", ["x", *IDS], [0, *LABELS], [0, *A], trained=("t1",)
    )
    found = compared(runs[0], fewer, more)
    assert found["num_images"] == 9
    assert numbers(found)["overall"] == round(np.mean(A[3:]), 6)
    assert numbers(found, 1)["overall"] == round(np.mean(B[3:]), 6)
    (note,) = found["notes"]
    assert "12 of a, 9 of c, 13 of d" in note
    assert "the 9 that all were tested on" in note
    page = (tmp_path / "out" / "compare.html").read_text("utf-8")
    assert "12 of a, 9 of c, 13 of d" in page


def test_images_that_one_was_trained_on_are_left_out(tmp_path, runs):
    by_id = kept_run(
        tmp_path / "c", IDS, LABELS, B, trained=("t1", IDS[0], IDS[11])
    )
    found = compared(runs[0], by_id)
    assert found["num_images"] == 10
    assert "2 images were left out that c was trained on" in found["notes"][0]
    # A copy under another name, of another source.
    by_content = kept_run(
        tmp_path / "d", IDS, LABELS, B, trained=("t1",), source="folder:other"
    )
    data = json.loads((by_content / "data.json").read_text())
    data["images"]["train"]["sha256"] = hashes([IDS[4]])
    del data["sha256"]
    write_json(by_content / "data.json", data)
    found = compared(runs[0], by_content)
    assert found["num_images"] == 11
    # An id of another source is another image.
    other = kept_run(
        tmp_path / "e",
        IDS,
        LABELS,
        B,
        trained=("t1", IDS[0]),
        source="folder:other",
    )
    data = json.loads((other / "data.json").read_text())
    data["images"]["train"]["sha256"] = hashes(["t1", "t9"])
    del data["sha256"]
    write_json(other / "data.json", data)
    assert compared(runs[0], other)["num_images"] == 12


def test_groups_are_of_the_first_run_and_can_be_chosen(tmp_path, runs):
    balanced = kept_run(
        tmp_path / "c", IDS, LABELS, B, counts=(5, 5, 5), trained=("t1",)
    )
    found = compared(runs[0], balanced)
    assert found["group_limits"] == [20, 100]
    assert "head and tail are by those of a" in found["notes"][0]
    assert list(found["measures"]) == [
        "overall", "class mean", "head", "medium", "tail",
    ]  # fmt: skip
    assert "1 classes with fewer than 20" in found["measures"]["tail"]
    found = compared(balanced, runs[0])
    assert found["group_limits"] == []
    assert list(found["measures"]) == ["overall", "class mean"]
    found = compared(*runs, groups=[50])
    assert list(found["measures"])[2:] == ["head", "tail"]
    assert numbers(found)["tail"] == pytest.approx((2 / 4 + 0) / 2)


def test_embeddings_are_compared_by_retrieval(tmp_path):
    generator = np.random.default_rng(0)
    labels = np.array(LABELS)
    x = generator.normal(size=(12, 5)) + 1.2 * np.eye(5)[labels]
    y = generator.normal(size=(12, 5)) + 0.3 * np.eye(5)[labels]
    order = generator.permutation(12)
    a = kept_embedding(tmp_path / "a", IDS, labels, x)
    b = kept_embedding(
        tmp_path / "b", [IDS[i] for i in order], labels[order], y[order]
    )
    found = compared(a, b)
    assert found["kind"] == "retrieval"
    for run, embeddings in enumerate((x, y)):
        report = retrieval_report(
            embeddings.astype("float32"), labels, num_bootstrap=0
        )
        got = numbers(found, run)
        assert got["recall at 1"] == round(report["recall_at"]["1"]["value"], 6)
        assert got["MAP at R"] == round(report["map_at_r"]["value"], 6)
        assert got["R-precision"] == round(report["r_precision"]["value"], 6)
        assert got["class mean"] == round(
            report["class_mean"]["recall_at_1"], 6
        )
    # Without its twin an image has nothing to find.
    c = kept_embedding(tmp_path / "c", IDS[:11], labels[:11], x[:11])
    found = compared(a, c)
    assert found["num_images"] == 10
    assert "1 images have no other" in found["notes"][1]


def test_a_page_that_needs_nothing_and_escapes_names(tmp_path, runs):
    compared(*runs)
    page = (tmp_path / "out" / "compare.html").read_text("utf-8")
    assert "src=" not in page.replace('src="data:', "")
    for text in ("McNemar", "+16.7", "loss.name", "b alone has 3 images"):
        assert text in page
    assert 'id="pairs"' not in page
    hostile = tmp_path / "<script>alert(1)"
    run = kept_run(hostile, IDS, LABELS, B)
    compared(*runs, run)
    page = (tmp_path / "out" / "compare.html").read_text("utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "of 3 pairs of equal runs" in page


def test_the_verb(tmp_path, runs, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["compare", *map(str, runs), "--quiet"]) == 0
    shown = capsys.readouterr().out
    (folder,) = (tmp_path / "comparisons").iterdir()
    assert f"comparisons/{folder.name}/compare.html" in shown
    assert "12 images of 3 classes" in shown
    numbers = json.loads((folder / "compare.json").read_text())
    arguments = ["compare", *map(str, runs), "--json", "--groups", "50"]
    assert main([*arguments, "--out", "here"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["group_limits"] == [50]
    assert found["pairs"][0]["mcnemar"] == numbers["pairs"][0]["mcnemar"]
    # Again into the same folder: it is an earlier comparison.
    assert main(["compare", *map(str, runs), "--quiet"]) == 0
    assert main(["compare", *map(str, runs), "--groups", "no"]) == 1
    assert "--groups" in capsys.readouterr().err


def broken(kind, tmp_path, runs):
    a, b = runs
    if kind == "one":
        return [a]
    if kind == "twice":
        return [a, a.parent / "." / "a"]
    if kind == "none":
        return [a, tmp_path / "nothing"]
    if kind == "unfinished":
        (b / "metrics.json").unlink()
    if kind == "answers":
        (b / "predictions.npz").unlink()
    if kind == "damaged":
        (b / "predictions.npz").write_bytes(b"PK")
    if kind == "class":
        labels = [1, *LABELS[1:]]
        return [a, kept_run(tmp_path / "c", IDS, labels, B)]
    if kind == "content":
        contents = ["other", *hashes(IDS)[1:]]
        return [a, kept_run(tmp_path / "c", IDS, LABELS, B, contents=contents)]
    if kind == "share":
        ids = [f"more {i}" for i in IDS]
        return [a, kept_run(tmp_path / "c", ids, LABELS, B)]
    if kind == "trained":
        return [a, kept_run(tmp_path / "c", IDS, LABELS, B, trained=IDS)]
    if kind == "unknown":
        none = [None] * 12
        return [
            a,
            kept_run(
                tmp_path / "c",
                IDS,
                LABELS,
                B,
                contents=none,
                source="zip:x.zip",
            ),
        ]
    if kind == "kinds":
        x = np.random.default_rng(0).normal(size=(12, 3))
        return [a, kept_embedding(tmp_path / "c", IDS, LABELS, x)]
    if kind == "foreign":
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "compare.html").write_text("mine")
    if kind == "per_class":
        found = json.loads((b / "metrics.json").read_text())
        found["per_class"][0]["name"] = 3
        write_json(b / "metrics.json", found)
    return [a, b]


@pytest.mark.parametrize(
    ("kind", "match"),
    [
        ("one", "two or more runs"),
        ("twice", "each named once"),
        ("none", "nothing, which is no run"),
        ("unfinished", "b, which has not finished"),
        ("answers", "b, which has neither"),
        ("damaged", "predictions.npz, which is damaged"),
        ("class", "0.jpg is 'oak' of a, 'elm' there"),
        ("content", "0.jpg holds other things than in a"),
        ("share", "a, c, which share none"),
        ("trained", "which share none"),
        ("unknown", "without contents to know images by"),
        ("kinds", "c beside .*a. Name runs of one kind"),
        ("foreign", "which holds another page"),
        ("per_class", "per_class"),
    ],
)
def test_what_cannot_be_compared_is_refused(tmp_path, runs, kind, match):
    with pytest.raises(ValueError, match=match):
        compared(*broken(kind, tmp_path, runs))
    out = tmp_path / "out"
    assert not out.exists() or kind == "foreign"
    if kind == "foreign":
        assert (out / "compare.html").read_text() == "mine"
