"""The mean of the scores of several runs."""

import json

import numpy as np
import pytest

from fgkeras.cli.main import main
from fgkeras.evaluation import classification_report
from fgkeras.jobs import evaluate
from fgkeras.runs.scoring.ensemble import evaluate_ensemble
from fgkeras.training.reporter import SILENT
from tests.runs.fitting import fitting
from tests.runs.untrained import untrained

OPTIONS = {
    "data.source": "flora:species=4,images=24,test=5,imbalance=6,size=24",
    "data.size": 16,
    "data.input": "arrays",
    "model.backbone": "small_cnn",
    "model.pooled_layer": "block1_bn",
    "train.mode": "frozen",
    "evaluation.resamples": 0,
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two of other sizes, seen otherwise."""
    root = tmp_path_factory.mktemp("runs")
    more = ({}, {"data.size": 20, "evaluation.views": "mirror"})
    folders = [
        untrained(fitting({**OPTIONS, **change}), root / str(i))
        for i, change in enumerate(more)
    ]
    evaluate(folders[1].path, adjust="logit:0.5", reporter=SILENT)
    return [folder.path for folder in folders]


@pytest.mark.slow
def test_scores_are_the_mean_of_what_each_run_answers(runs, tmp_path, capsys):
    alone, names = [], None
    for i, run in enumerate(runs):
        _, where = evaluate(run, out=tmp_path / str(i), reporter=SILENT)
        with np.load(where / "predictions.npz") as saved:
            z, labels = saved["logits"].astype("float64"), saved["labels"]
            ids = saved["ids"]
        alone.append(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))
        names = json.loads((run / "classes.json").read_text())
    out = tmp_path / "both"
    arguments = ["evaluate", *map(str, runs), "--ensemble", str(out)]
    assert main([*arguments, "--json", "--quiet"]) == 0
    metrics = json.loads(capsys.readouterr().out)
    with np.load(out / "predictions.npz") as saved:
        found = np.exp(saved["logits"].astype("float64"))
        assert (saved["ids"] == ids).all()
    np.testing.assert_allclose(found, sum(alone) / 2, atol=1e-5)
    expected = classification_report(
        labels,
        np.log(sum(alone)),
        train_counts=names["train_counts"],
        class_names=names["class_names"],
        num_bootstrap=0,
    )
    assert metrics["top1"] == expected["top1"]
    assert metrics["groups"] == expected["groups"]
    assert [row["run"] for row in metrics["ensemble"]] == list(map(str, runs))
    for row, scores in zip(metrics["ensemble"], alone, strict=True):
        right = scores.argmax(axis=1) == labels
        assert row["top1"]["value"] == pytest.approx(right.mean())
    assert metrics["ensemble"][1]["adjustment"]["tau"] == 0.5
    assert metrics["ensemble"][1]["views"] == "mirror"
    page = (out / "report.html").read_text("utf-8")
    assert "Mean of 2 runs" in page
    assert "mean of all" in page
    # The same folder takes it again, but no file of another kind.
    assert main([*arguments, "--quiet"]) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "match"),
    [
        (
            {"data.source": OPTIONS["data.source"].replace("=4", "=3", 1)},
            "same classes.*another classes",
        ),
        (
            {"data.source": OPTIONS["data.source"].replace("=5", "=4", 1)},
            "same images.*4 images of one alone",
        ),
        ({"loss.name": "focal"}, "no mean. Received: sigmoid of"),
    ],
)
def test_runs_that_do_not_fit_are_refused(runs, tmp_path, change, match):
    other = untrained(fitting({**OPTIONS, **change}), tmp_path / "other")
    with pytest.raises(ValueError, match=match):
        evaluate_ensemble(
            [runs[0], other.path], tmp_path / "out", reporter=SILENT
        )
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_one_run_alone_and_what_is_of_one_run(runs, tmp_path, capsys):
    for some in (runs[:1], [runs[0], runs[0]]):
        with pytest.raises(ValueError, match="each named once"):
            evaluate_ensemble(some, tmp_path / "out", reporter=SILENT)
    both = ["evaluate", *map(str, runs), "--ensemble", str(tmp_path / "out")]
    assert main([*both, "--adjust", "logit:1"]) == 1
    assert "--adjust is of one run" in capsys.readouterr().err
    assert main([*both[:-1], str(runs[0])]) == 1
    assert "which is a run" in capsys.readouterr().err
