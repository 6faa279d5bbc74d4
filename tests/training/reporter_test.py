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
