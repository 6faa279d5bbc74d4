"""Who is told how far a job is."""

import contextlib
import io

import pytest
import rich.console

from fgkeras.cli.show import print_metrics
from fgkeras.cli.show import print_rows
from fgkeras.config import Config
from fgkeras.jobs import train
from fgkeras.training import CONSOLE
from fgkeras.training import SILENT
from fgkeras.training import Reporter


def test_without_a_terminal_a_bar_is_one_line_at_its_end(capsys):
    with CONSOLE.bar("reading [x]", 4) as note:
        note(2)
        assert capsys.readouterr().err == ""
        note(4)
    assert capsys.readouterr().err.endswith(": 4 of 4\n")
    CONSOLE.say("a sentence")
    assert capsys.readouterr().err == "a sentence\n"


def test_nobody_is_told(capsys):
    with SILENT.bar("reading", 4) as note:
        note(4)
    SILENT.say("a sentence")
    assert SILENT.epochs("train", 2) == []
    out = capsys.readouterr()
    assert out.out + out.err == ""


class Noting(Reporter):
    """A reporter of one's own."""

    def __init__(self):
        self.told = []

    @contextlib.contextmanager
    def bar(self, title, total=None):
        done = []
        yield lambda n, total=None: done.append(n)
        self.told.append((title, done[-1] if done else 0))

    def epochs(self, title, epochs, every=1):
        self.told.append((title, epochs))
        return []


@pytest.mark.slow
def test_a_training_tells_a_reporter_of_ones_own(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    config = Config.read(
        changes={
            "data.source": "flora:species=3,images=6,test=2,size=16",
            "data.size": 16,
            "model.backbone": "small_cnn",
            "model.pooled_layer": "block1_bn",
            "train.mode": "frozen",
            "train.epochs": 2,
            "evaluation.resamples": 0,
        }
    )
    reporter = Noting()
    train(config, tmp_path / "run", reporter=reporter)
    told = dict(reporter.told)
    assert told["head"] == 2
    assert told["reading test images"] == 6
    assert told["features of test images"] == 6
    assert capsys.readouterr().err == ""


NAME = "a [/x] :smile: [red]"


@pytest.fixture(params=[False, True])
def terminal(request, monkeypatch):
    """What is printed, on a terminal and in a file."""
    out = io.StringIO()
    made = rich.console.Console

    def console(**options):
        options.pop("stderr", None)
        return made(
            file=out, force_terminal=request.param, width=200, **options
        )

    monkeypatch.setattr(rich.console, "Console", console)
    return out


def test_no_name_is_markup(terminal):
    CONSOLE.say(f"say {NAME}")
    with CONSOLE.bar(f"bar {NAME}", total=2) as bar:
        bar(1)
        bar(2)
    lines = CONSOLE.epochs(f"epoch {NAME}", 1)[0]
    lines.set_params({"steps": 1})
    lines.on_epoch_begin(0)
    lines.on_train_batch_end(0)
    lines.on_epoch_end(0, {"loss": 1.0})
    print_rows([{"class": f"cell {NAME}"}])
    metrics = {"num_images": 1, "notes": [f"note {NAME}"]}
    print_metrics(metrics, f"folder {NAME}")
    text = terminal.getvalue()
    for word in ("say", "bar", "epoch", "cell", "note", "folder"):
        assert f"{word} {NAME}" in text


@pytest.fixture
def clock(monkeypatch):
    """A clock that is moved by hand."""
    now = [100.0]
    monkeypatch.setattr("fgkeras.training.pace.time.monotonic", lambda: now[0])
    return now


def plain_lines(monkeypatch):
    out, made = io.StringIO(), rich.console.Console

    def console(**options):
        options.pop("stderr", None)
        return made(file=out, force_terminal=False, width=200, **options)

    monkeypatch.setattr(rich.console, "Console", console)
    return lambda: out.getvalue().splitlines()


def test_a_bar_without_a_terminal_says_pace_and_time_left(monkeypatch, clock):
    lines = plain_lines(monkeypatch)
    with CONSOLE.bar("features", total=1000) as bar:
        for done in range(10, 1010, 10):
            clock[0] += 1.0
            bar(done)
    found = lines()
    assert found[0] == "features: 300 of 1000, 10 a second, 1:10 left"
    assert found[1] == "features: 600 of 1000, 10 a second, 0:40 left"
    assert found[-1] == "features: 1000 of 1000"
    assert len(found) == 4


def test_a_short_bar_says_its_end_alone(monkeypatch, clock):
    lines = plain_lines(monkeypatch)
    with CONSOLE.bar("features") as bar:
        clock[0] += 5
        bar(3, 3)
    assert lines() == ["features: 3 of 3"]


def test_long_epochs_say_pace_and_time_left(monkeypatch, clock):
    lines = plain_lines(monkeypatch)
    told = CONSOLE.epochs("train", 3)[0]
    told.set_params({"steps": 100})
    for epoch in (1, 2):
        told.on_epoch_begin(epoch)
        for step in range(100):
            clock[0] += 0.5
            told.on_train_batch_end(step)
        told.on_epoch_end(epoch, {"loss": 1.0})
    found = lines()
    # 60 steps after the first, of which 139 are to come.
    assert found[0] == (
        "train epoch 2/3  step 161 of 300, 2 steps a second, 1:10 left"
    )
    assert found[1] == "train epoch 2/3  loss 1"
    assert sum("left" in line for line in found) == 3
