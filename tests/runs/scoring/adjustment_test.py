"""Adjusted logits of a run: kept, chosen on validation images, and used."""

import json
import shutil

import numpy as np
import pytest

from fgkeras.cli.main import main
from fgkeras.evaluation import logit_adjustment
from fgkeras.evaluation import mean_scores
from fgkeras.evaluation import tau_normalization
from fgkeras.jobs import evaluate
from fgkeras.runs import evaluate as evaluation
from fgkeras.runs.classifier.sources import training_source
from fgkeras.runs.evaluate import measured
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.folder import write_arrays
from fgkeras.runs.inputs import SplitImages
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.scoring.adjustment import asked_adjustment
from fgkeras.runs.scoring.adjustment import keep_adjustment
from fgkeras.runs.scoring.adjustment import read
from fgkeras.storage import write_json
from fgkeras.training.reporter import SILENT
from tests.runs.fitting import fitting
from tests.runs.untrained import untrained

OPTIONS = {
    "data.source": "flora:species=4,images=24,test=5,imbalance=6,size=16",
    "data.size": 16,
    "data.input": "arrays",
    "model.backbone": "small_cnn",
    "model.pooled_layer": "block1_bn",
    "train.mode": "frozen",
    "evaluation.resamples": 0,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("made") / "run"
    return untrained(fitting(OPTIONS), out)


@pytest.fixture
def run(made, tmp_path):
    return RunFolder(shutil.copytree(made.path, tmp_path / "run"))


def logits_at(path):
    with np.load(path / "predictions.npz") as saved:
        return saved["logits"].astype("float64")


def counts_of(run):
    return np.array(run.classes()["train_counts"])


def keep_validation(run, seed=0):
    """Validation images whose answers owe much to the sizes of classes."""
    rng = np.random.default_rng(seed)
    counts = counts_of(run)
    labels = np.repeat(np.arange(len(counts)), 25)
    logits = rng.normal(size=(len(labels), len(counts))) + np.log(counts)
    logits[np.arange(len(labels)), labels] += 1
    write_arrays(
        run / "val_predictions.npz",
        labels=labels,
        logits=logits.astype("float32"),
        ids=np.array([f"{i}.png" for i in range(len(labels))]),
    )


def test_what_is_kept_is_part_of_the_model(run):
    plain = Predictor(run)
    x = np.random.default_rng(0).uniform(0, 255, (3, 16, 16, 3))
    z = np.asarray(plain.to_logits()(x.astype("float32")))
    found = asked_adjustment(plain, "tau-norm:0.5")
    assert not (run / "adjustment.json").exists()
    keep_adjustment(run, found)
    kernel, bias = plain.model.get_layer("head").get_weights()
    scale, offset = tau_normalization(kernel, bias, 0.5)
    adjusted = Predictor(run).to_logits()(x.astype("float32"))
    np.testing.assert_allclose(adjusted, z * scale + offset, atol=1e-4)
    keep_adjustment(run, None)
    assert Predictor(run).adjustment is None


def test_the_card_has_numbers_of_what_is_served_alone(run):
    score = {"top1": {"value": 0.5}}
    write_json(run / "metrics.json", {"num_images": 1, **score})
    run.note("finished")
    assert measured(Predictor(run)) == {"num_images": 1, **score}
    keep_adjustment(run, read("logit:1"))
    predictor = Predictor(run)
    assert measured(predictor) == {}
    place = run / "evaluations" / "a"
    place.mkdir(parents=True)
    for own in (False, True):
        found = {**predictor.facts(), "num_images": 2, "own_test_images": own}
        found.update(score)
        write_json(place / "metrics.json", found)
        assert measured(predictor) == (found if own else {})
    assert measured(Predictor(run, views="mirror")) == {}


@pytest.mark.slow
def test_what_was_typed_is_kept_and_answers_from_then_on(run):
    plain = logits_at(evaluate(run.path, reporter=SILENT)[1])
    metrics, where = evaluate(run.path, adjust="logit:1.5", reporter=SILENT)
    _, offset = logit_adjustment(counts_of(run), 1.5)
    np.testing.assert_allclose(logits_at(where), plain + offset, atol=1e-5)
    expected = {"kind": "logit", "tau": 1.5, "chosen_on": None}
    assert metrics["adjustment"] == expected
    assert "logit_1.5" in where.name
    assert json.loads((run / "adjustment.json").read_text()) == expected
    _, again = evaluate(run.path, reporter=SILENT)
    assert again == where
    np.testing.assert_array_equal(logits_at(again), logits_at(where))
    metrics, where = evaluate(run.path, adjust="none", reporter=SILENT)
    assert metrics["adjustment"] is None
    assert not (run / "adjustment.json").exists()
    np.testing.assert_array_equal(logits_at(where), plain)


@pytest.mark.slow
def test_every_view_is_adjusted_before_the_mean(run):
    one, two = (
        logits_at(evaluate(run.path, views=v, adjust=a, reporter=SILENT)[1])
        for v, a in (("center", "none"), ("mirror", "tau-norm:1"))
    )
    images = Predictor(run)
    kernel, bias = images.model.get_layer("head").get_weights()
    scale, offset = tau_normalization(kernel, bias, 1.0)
    config = run.config()
    seen = SplitImages(training_source(config), "test", config, SILENT)
    pixels = np.stack([seen.view.crop(data) for data in seen.encoded])
    mirrored = images.model.predict(pixels[:, :, ::-1].copy(), verbose=0)
    each = [z * scale + offset for z in (one, mirrored)]
    expected = np.exp(mean_scores(each))
    found = np.exp(two) / np.exp(two).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    # The mean first and then the factors is something else.
    late = mean_scores([one, mirrored]) * scale + offset
    late = np.exp(late) / np.exp(late).sum(axis=1, keepdims=True)
    assert abs(late - expected).max() > 1e-4


@pytest.mark.slow
def test_auto_is_the_same_whatever_the_test_labels_are(
    run, tmp_path, monkeypatch
):
    keep_validation(run)
    where = [tmp_path / "one", tmp_path / "two"]
    first, _ = evaluate(run.path, adjust="auto", out=where[0], reporter=SILENT)
    original = evaluation.chosen_images

    def permuted(*arguments):
        chosen = original(*arguments)
        chosen.images.labels = np.roll(chosen.images.labels, 7)
        return chosen

    monkeypatch.setattr(evaluation, "chosen_images", permuted)
    second, _ = evaluate(run.path, adjust="auto", out=where[1], reporter=SILENT)
    assert second["adjustment"] == first["adjustment"]
    # They were others: each of five images moved by seven places.
    plain = np.load(where[0] / "predictions.npz")["labels"]
    assert (np.load(where[1] / "predictions.npz")["labels"] != plain).any()
    found = first["adjustment"]
    chosen = found["chosen_on"]
    assert found["tau"] > 0
    assert chosen["num_images"] == 100
    assert chosen["class_mean"] == pytest.approx(
        max(chosen["tried"].values()), abs=1e-6
    )
    assert chosen["class_mean"] > chosen["class_mean_before"]


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("auto", "data.val_share=0.2"),
        ("logit", "logit:TAU, tau-norm:TAU.*--adjust logit"),
        ("logit:-1", "TAU at least 0.*logit:-1"),
        ("tau_norm:1", "Received: --adjust tau_norm:1"),
        ("logit:nan", "Received: --adjust logit:nan"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(run, text, match):
    with pytest.raises(ValueError, match=match):
        evaluate(run.path, adjust=text, reporter=SILENT)
    assert not (run / "adjustment.json").exists()
    assert not (run / "evaluations").exists()


def test_auto_takes_the_best_of_the_grid_and_of_equals_the_first(run):
    keep_validation(run)
    predictor = Predictor(run)
    found = asked_adjustment(predictor, "auto")
    tried = found.chosen_on["tried"]
    best = [n for n, v in tried.items() if v == max(tried.values())]
    assert best[0] == str(found)
    assert len(tried) == 42
    # Labels and logits alone decide: other test images change nothing.
    assert asked_adjustment(Predictor(run), "auto") == found
    write_arrays(
        run / "val_predictions.npz",
        labels=[0, 1],
        logits=np.array([[99.0, 0, 0, 0], [0, 99, 0, 0]], "float32"),
        ids=["a", "b"],
    )
    # Where nothing is wrong, nothing is changed.
    found = asked_adjustment(predictor, "auto")
    assert (found.kind, found.tau) == ("logit", 0.0)


def test_heads_that_have_no_such_weights(tmp_path):
    config = fitting({**OPTIONS, "loss.name": "sigmoid"})
    run = untrained(config, tmp_path / "run")
    with pytest.raises(ValueError, match="without its bias.*logit:1"):
        evaluate(run.path, adjust="tau-norm:1", reporter=SILENT)
    keep_validation(run)
    tried = asked_adjustment(Predictor(run), "auto").chosen_on["tried"]
    assert {name.partition(":")[0] for name in tried} == {"logit"}


@pytest.mark.slow
def test_an_embedding_has_no_class_logits(tmp_path):
    config = fitting({**OPTIONS, "method.name": "triplet", "method.dim": 4})
    run = untrained(config, tmp_path / "run")
    for more in ({"adjust": "logit:1"}, {"views": "mirror"}, {"groups": "9"}):
        with pytest.raises(ValueError, match="--method triplet"):
            evaluate(run.path, **more, reporter=SILENT)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "bias"},
        {"tau": "1"},
        {"tau": -1},
        {"tau": True},
        {"chosen_on": "test"},
    ],
)
def test_a_damaged_file_is_refused_by_name(run, change):
    kept = {"kind": "logit", "tau": 1.0, "chosen_on": None, **change}
    (run / "adjustment.json").write_text(json.dumps(kept))
    with pytest.raises(ValueError, match=r"adjustment.json, which is damaged"):
        Predictor(run)


def test_damaged_validation_predictions_are_refused(run):
    count = len(counts_of(run))
    for labels, shape in (([0, 9], (2, count)), ([0, 1], (2, count + 1))):
        write_arrays(
            run / "val_predictions.npz",
            labels=labels,
            logits=np.zeros(shape, "float32"),
            ids=np.array(["a", "b"]),
        )
        with pytest.raises(ValueError, match="val_predictions.npz.*damaged"):
            asked_adjustment(Predictor(run), "auto")


@pytest.mark.slow
def test_groups_and_adjustment_by_the_command_line(run, capsys):
    keep_validation(run)
    limit = int(np.median(counts_of(run)))
    arguments = ["evaluate", str(run.path), "--adjust", "auto", "--json"]
    assert main([*arguments, "--quiet", "--groups", str(limit)]) == 0
    metrics = json.loads(capsys.readouterr().out)
    assert list(metrics["groups"]) == ["head", "tail"]
    assert metrics["group_limits"] == [limit]
    assert metrics["adjustment"]["chosen_on"]["num_images"] == 100
    assert main(["evaluate", str(run.path), str(run.path)]) == 1
    assert "--ensemble FOLDER" in capsys.readouterr().err


def test_an_evaluation_that_fails_leaves_the_run_as_it_was(run, tmp_path):
    with pytest.raises(ValueError, match="nowhere"):
        evaluate(
            run.path,
            f"folder:{tmp_path / 'nowhere'}",
            adjust="logit:1",
            reporter=SILENT,
        )
    assert not (run / "adjustment.json").exists()


@pytest.mark.slow
def test_an_adjustment_is_kept_once_it_was_measured(run, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fgkeras.runs.outcome.run_report", full)
    with pytest.raises(OSError, match="No space"):
        evaluate(run.path, adjust="logit:1", reporter=SILENT)
    assert not (run / "adjustment.json").exists()
