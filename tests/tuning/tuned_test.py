"""Whole sweeps: what is chosen, by what, and what is tested."""

import json
import shutil

import pytest
from PIL import Image

import fgkeras.data
from fgkeras.cli.main import main
from fgkeras.config import Config
from fgkeras.runs.folder import RunFolder
from fgkeras.training.reporter import SILENT
from fgkeras.training.reporter import Reporter
from fgkeras.tuning import trial_run
from fgkeras.tuning import tune
from fgkeras.tuning import winner
from fgkeras.tuning.plan import plan
from fgkeras.tuning.sweep import Sweep

FLORA = "flora:species=3,test=2,size=32,images=8"
OVER = ("loss=softmax,focal", "beta=0,0.9", "gamma=1,2")


def asked(**more):
    changes = {"data.source": FLORA, "train.epochs": 9, **more}
    return Config.read(
        changes={n: v for n, v in changes.items() if v is not None}
    )


def entry(value):
    return {"value": value, "low": value - 0.1, "high": value + 0.1}


def value_of(config, epochs):
    """Better with beta and gamma, worse with later seeds, up to 9 epochs."""
    gamma = config.loss.gamma if config.loss.name == "focal" else 0
    return (
        0.2 * config.loss.beta
        + 0.1 * gamma
        + 0.01 * epochs
        - 0.05 * config.seed
    )


@pytest.fixture
def trainings(monkeypatch):
    """Puts what only counts in the place of a training; a list of its calls."""
    calls = []

    def fake_train(config, out, *, until=None, reporter=None):
        config = config.resolved()
        reporter.say("the test images are at 1 %")
        folder = RunFolder(out)
        folder.path.mkdir(parents=True, exist_ok=True)
        calls.append((config, folder.path, until))
        epochs = until[1] if until else config.train.epochs
        folder.write_history(
            [
                {
                    "stage": "all",
                    "epoch": e,
                    "val_accuracy": value_of(config, e) / 2,
                    "val_mean_per_class": value_of(config, e),
                    "seconds": 0.5,
                }
                for e in range(1, epochs + 1)
            ]
        )
        if until:
            return folder, None
        tail = {"tail": {"class_mean": entry(value_of(config, epochs) / 4)}}
        val = {
            "top1": entry(value_of(config, epochs) / 2),
            "mean_per_class": entry(value_of(config, epochs)),
            "groups": tail,
        }
        metrics = {
            # What must not be looked at: it says the reverse.
            "top1": entry(1 - value_of(config, epochs)),
            "mean_per_class": entry(1 - value_of(config, epochs)),
            "top5": None,
            "groups": None,
            "num_images": 6,
            "val": val if config.data.val_share else None,
        }
        (folder / "metrics.json").write_text(json.dumps(metrics))
        return folder, metrics

    monkeypatch.setattr(trial_run, "train", fake_train)
    monkeypatch.setattr(winner, "train", fake_train)
    return calls


def tuned(out, over=OVER, config=None, **more):
    return tune(config or asked(), over, out, reporter=SILENT, **more)


def test_the_winner_is_trained_on_all_and_tested_once(tmp_path, trainings):
    found = tuned(tmp_path / "a", config=asked(**{"train.keep": "best"}))
    values = {"loss.name": "focal", "loss.beta": 0.9, "loss.gamma": 2.0}
    assert found.winner.values == values
    assert len(trainings) == 6 + 1
    assert all(c.data.val_share == 0.1 for c, _, _ in trainings[:6])
    config, path, until = trainings[-1]
    assert (config.data.val_share, config.train.keep) == (0.0, "last")
    # Flora has a val split of its own, which the trials were chosen by.
    assert config.data.train_split == "train+val"
    assert path.name == "winner-006"
    assert until is None
    assert found.tested["mean_per_class"]["value"] == 1 - value_of(config, 9)
    assert "--data flora:" in found.report.facts["command"]
    again = tuned(tmp_path / "a", config=asked(**{"train.keep": "best"}))
    assert len(trainings) == 7
    assert again.tested == found.tested
    facts = json.loads((tmp_path / "a/report.json").read_text())
    assert facts == json.loads(json.dumps(found.report.as_json()))
    assert b"winner-006" not in (tmp_path / "a/report.html").read_bytes()


def test_what_a_training_says_of_test_images_is_not_told(tmp_path, trainings):
    class Heard(Reporter):
        said: list = []

        def say(self, text):
            self.said.append(text)

    tune(asked(), ["beta=0,0.9"], tmp_path, reporter=Heard())
    told = [text for text in Heard.said if "test images" in text]
    # Of the winner alone, which was chosen by then.
    assert told == Heard.said[-1:]
    assert len(Heard.said) == 2 * 2 + 1


def test_the_report_is_there_after_each_trial(tmp_path, trainings, monkeypatch):
    inner, seen = trial_run.train, []

    def looking(config, out, **more):
        path = tmp_path / "report.json"
        if path.exists():
            facts = json.loads(path.read_text())
            seen.append([t["score"] for t in facts["trials"]])
            assert facts["winner"] is None
            assert (tmp_path / "report.html").exists()
        return inner(config, out, **more)

    monkeypatch.setattr(trial_run, "train", looking)
    tuned(tmp_path, ["beta=0,0.9,0.99"])
    assert [len(scores) for scores in seen] == [1, 2]


def test_without_refit_it_is_tested_as_it_is(tmp_path, trainings):
    found = tuned(tmp_path, refit=False)
    assert len(trainings) == 6
    assert found.tested["folder"] == "trials/006/run"
    assert found.tested["mean_per_class"]["value"] == 1 - found.winner.score


@pytest.mark.parametrize("objective", ["top-1", "class-mean", "tail"])
def test_objectives_are_those_of_validation(tmp_path, trainings, objective):
    found = tuned(tmp_path, objective=objective)
    share = {"top-1": 2, "class-mean": 1, "tail": 4}[objective]
    best = value_of(trainings[5][0], 9) / share
    assert found.winner.number == 6
    assert found.winner.score == pytest.approx(best)


def test_seeds_are_averaged_with_an_interval(tmp_path, trainings):
    found = tuned(tmp_path, ["beta=0,0.9"], seeds=3)
    assert [c.seed for c, _, _ in trainings] == [0, 1, 2, 0, 1, 2, 0]
    row = found.report.facts["trials"][1]
    # Of 0.27, 0.22 and 0.17: t(0.975, 2) = 4.303, s = 0.05.
    assert row["score"] == pytest.approx(0.22)
    assert row["high"] - row["score"] == pytest.approx(
        4.303 * 0.05 / 3**0.5, rel=1e-3
    )
    assert row["repeats"]["seed-2"]["class-mean"] == pytest.approx(0.17)


def test_folds_are_parts_of_the_training_images(tmp_path, trainings):
    tuned(tmp_path, ["beta=0,0.9"], folds=3)
    found = [(c.data.val_share, c.data.val_fold) for c, _, _ in trainings]
    assert found == [(1 / 3, k) for k in range(3)] * 2 + [(0.0, "none")]
    # The val split of flora was not chosen by, and is not trained on.
    assert trainings[-1][0].data.train_split == "train"


def test_hyperband_stops_trials_and_goes_on(tmp_path, trainings):
    found = tuned(tmp_path, search="hyperband")
    stops = {until for _, _, until in trainings}
    assert stops == {("all", 1), ("all", 3), None}
    assert all(c.train.epochs == 9 for c, _, _ in trainings)
    ended = [t for t in found.report.facts["trials"] if t["stopped"] is None]
    assert found.winner.number in [t["trial"] for t in ended]
    assert 0 < len(ended) < 6
    best = found.report.best_first()[0]
    assert best["trial"] == found.winner.number


def test_a_failing_trial_does_not_stop_the_others(tmp_path, trainings):
    inner = trial_run.train

    def failing(config, out, **more):
        if config["loss.gamma"] == 2.0 and config["loss.name"] == "focal":
            raise ValueError("A rule. Received: 2.")
        return inner(config, out, **more)

    trial_run.train = failing
    found = tuned(tmp_path)
    assert found.winner.values["loss.gamma"] == 1.0
    failed = [t for t in found.report.facts["trials"] if t["failed"]]
    assert [t["failed"] for t in failed] == ["A rule. Received: 2."] * 2
    assert found.report.said()[0].startswith("2 of 6 trials failed: A rule.")


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"search": "best"}, "`search` is one of"),
        ({"objective": "loss"}, "`objective` is one of"),
        ({"search": "hyperband", "objective": "tail"}, "each epoch is meas"),
        ({"search": "hyperband", "trials": 3}, "Leave it out"),
        ({"trials": 0}, "at least one trial"),
        ({"seeds": 0}, "at least once"),
        ({"seeds": 2, "folds": 2}, "over seeds or over folds"),
        ({"config": {"data.val_share": 0}}, "data.val_share=0"),
        ({"config": {"method.name": "proxy-anchor"}}, "compares classifiers"),
        ({"config": {"data.source": "folder:nowhere"}}, "nowhere"),
        (
            {
                "search": "hyperband",
                "over": ["train.epochs=1,2"],
                "config": {"train.epochs": None},
            },
            "how long",
        ),
        ({"config": {"loss.beta": 0.9}}, "set for all trials or gone over"),
        (
            {
                "objective": "tail",
                "config": {
                    "data.source": FLORA.replace(
                        "images=8", "images=40,imbalance=1"
                    )
                },
            },
            "whose classes have.* class-mean, or say what is a tail",
        ),
        (
            {"objective": "tail", "config": {"evaluation.groups": "1,4"}},
            "fewer than 1 training images.* 0 such",
        ),
    ],
)
def test_what_cannot_be_is_refused_before(tmp_path, trainings, more, match):
    config = asked(**more.pop("config", {}))
    with pytest.raises(ValueError, match=match):
        tuned(tmp_path / "a", config=config, **more)
    assert not trainings
    assert not (tmp_path / "a").exists()


def test_another_sweep_is_refused_before(tmp_path, trainings):
    tuned(tmp_path, ["beta=0,0.9"])
    count = len(trainings)
    with pytest.raises(ValueError, match="differs in over"):
        tuned(tmp_path, ["beta=0,0.99"])
    with pytest.raises(ValueError, match="differs in asked"):
        tuned(tmp_path, ["beta=0,0.9"], asked(**{"train.clip": 1.0}))
    assert len(trainings) == count


def test_images_that_come_or_go_are_no_trial_of_this_sweep(tmp_path, trainings):
    draw(tmp_path / "photos")
    config = asked(**{"data.source": f"folder:{tmp_path / 'photos'}"})
    tuned(tmp_path / "a", ["beta=0,0.9"], config)
    oak = tmp_path / "photos/train/oak"
    (oak / "0.png").rename(oak / "new.png")
    with pytest.raises(ValueError, match="differs in images.*train"):
        tuned(tmp_path / "a", ["beta=0,0.9"], config)
    inner = trial_run.train

    def gone(config, out, **more):
        shutil.rmtree(tmp_path / "photos")
        raise ValueError("No image. Received: none.")

    trial_run.train = gone
    with pytest.raises(ValueError, match="photos"):
        tuned(tmp_path / "b", ["beta=0,0.9"], config)
    journal = (tmp_path / "b/journal.jsonl").read_text()
    assert '"failed"' not in journal
    # With the images back it goes on.
    trial_run.train = inner
    draw(tmp_path / "photos")
    (oak / "0.png").rename(oak / "new.png")
    assert tuned(tmp_path / "b", ["beta=0,0.9"], config).winner.number == 2


def draw(folder):
    for split, count in (("train", 6), ("test", 2)):
        for name in ("oak", "elm"):
            place = folder / split / name
            place.mkdir(parents=True)
            for i in range(count):
                picture = Image.new("RGB", (8, 8), (i, 0, len(name)))
                picture.save(place / f"{i}.png")


def test_the_plan_of_a_new_sweep_trains_an_epoch(tmp_path, trainings):
    sweep = Sweep.of(asked(), OVER, tmp_path)
    found = plan(sweep, SILENT)
    assert [until for _, _, until in trainings] == [("all", 1)]
    assert (found.total, found.ended, len(found.trials)) == (6, 0, 6)
    # 6 trials of 9 epochs of 0.5 s.
    assert 24 <= found.seconds <= 33
    tuned(tmp_path)
    after = plan(sweep, SILENT)
    assert (after.ended, after.seconds) == (6, 0)


@pytest.mark.slow
def test_the_plan_of_hyperband_is_what_it_does(tmp_path, trainings):
    sweep = Sweep.of(asked(), OVER, tmp_path, search="hyperband")
    found = plan(sweep, SILENT)
    assert found.rungs[0] == (6, 0, 1)
    assert found.total == 6
    del trainings[:]
    tuned(tmp_path, search="hyperband", refit=False)
    assert sum(size for size, _, _ in found.rungs) >= len(trainings)


def test_the_verb_prints_and_refuses(tmp_path, trainings, capsys):
    words = ["tune", "--data", FLORA, "--epochs", "9", "--quiet"]
    words += ["--over", "beta=0,0.9", "--out", str(tmp_path / "a")]
    assert main([*words, "--dry"]) == 0
    assert "2 trials, 0 ended; about" in capsys.readouterr().out
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "winner: trial 2: fgkeras train --data flora:" in said
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["winner"] == 2
    assert main([*words[:-2]]) == 1
    assert "no --out" in capsys.readouterr().err
    assert main([*words, "--trials", "1", "--search", "random"]) == 1
    assert "search: 'grid' there" in capsys.readouterr().err


@pytest.mark.slow
def test_permuted_test_labels_give_the_same_winner(tmp_path):
    """Nothing is chosen on test images."""
    spec = "flora:species=3,images=12,val=0,test=4,imbalance=2,size=32"
    source = fgkeras.data.open(spec)
    for split in ("train", "test"):
        part = source.split(split)
        for i, (name, label) in enumerate(
            zip(part.ids, part.labels, strict=True)
        ):
            folder = tmp_path / "right" / split / source.class_names[label]
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{split}{i}.png").write_bytes(source.read(name))
    shutil.copytree(tmp_path / "right", tmp_path / "wrong")
    names = list(source.class_names)
    for name in names:
        (tmp_path / "wrong/test" / name).rename(tmp_path / f"{name}-moved")
    for name, other in zip(names, [*names[1:], names[0]], strict=True):
        (tmp_path / f"{name}-moved").rename(tmp_path / "wrong/test" / other)
    found = []
    for name in ("right", "wrong"):
        config = Config.read(
            changes={
                "data.source": f"folder:{tmp_path / name}",
                "data.size": 32,
                "data.val_share": 0.3,
                "train.epochs": 1,
                "evaluation.resamples": 0,
            }
        )
        found.append(
            tune(
                config,
                ["beta=0,0.9"],
                tmp_path / f"{name}-sweep",
                seeds=1,
                objective="top-1",
                reporter=SILENT,
            )
        )
    first, second = found
    scores = [[t["score"] for t in f.report.facts["trials"]] for f in found]
    assert scores[0] == scores[1]
    assert first.winner.values == second.winner.values
    curves = [[t["curve"] for t in f.report.facts["trials"]] for f in found]
    assert curves[0] == curves[1]
    one, other = (f.tested["top1"]["value"] for f in found)
    assert one != other
    ids = {
        path.read_text()
        for sweep in ("right-sweep", "wrong-sweep")
        for path in (tmp_path / sweep).glob("trials/*/run/val_ids.txt")
    }
    assert len(ids) == 1
