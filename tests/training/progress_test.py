"""Names of files and classes are said as they are, whatever they hold."""

import io

import pytest
import rich.console

from fgkeras.cli.show import print_metrics
from fgkeras.cli.show import print_rows
from fgkeras.training import progress

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
    progress.say(f"say {NAME}")
    with progress.progress_bar(f"bar {NAME}", total=2) as bar:
        bar(1)
        bar(2)
    lines = progress.EpochLines(f"epoch {NAME}", 1)
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
