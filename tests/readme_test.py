"""What documents tell one to type: the README's example runs, verbs parse."""

import pathlib
import re
import shlex

import numpy as np
import pytest

from fgkeras.cli.main import parsed
from fgkeras.cli.options import pairs
from fgkeras.config import OPTIONS
from fgkeras.config import Config
from tests.tuning.no_tensorboard import without_tensorboard

ROOT = pathlib.Path(__file__).parents[1]
README = ROOT / "README.md"
DOCUMENTS = [README, *ROOT.glob("docs/*.md"), *ROOT.glob("experiments/**/*.md")]


def example(first):
    """The example of the README whose first line is `first`."""
    found = re.findall(r"```python\n(.*?)```", README.read_text(), re.S)
    return next(code for code in found if code.startswith(f"{first}\n"))


def test_the_twenty_line_example_runs():
    code = example("import fgkeras.data")
    lines = [x for x in code.splitlines() if x and not x.startswith("import")]
    assert len(lines) <= 20
    space = {}
    exec(compile(code, "README.md", "exec"), space)
    losses = space["model"].history.history["loss"]
    assert len(losses) == 2
    assert losses[1] < losses[0]


@pytest.mark.slow
def test_the_example_of_a_tuner_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    without_tensorboard(monkeypatch)
    x = np.random.default_rng(0).uniform(0, 255, (12, 32, 32, 3))
    y = np.arange(12) % 3
    space = {"x": x, "y": y, "x_val": x, "y_val": y}
    code = example("import keras_tuner")
    exec(compile(code, "README.md", "exec"), space)
    assert len(space["tuner"].oracle.trials) == 2
    assert "'loss': " in capsys.readouterr().out


def commands(path):
    """Yields the words of each `fgkeras VERB ...` of a document's blocks."""
    text = path.read_text(encoding="utf-8")
    for block in re.findall(r"```bash\n(.*?)```", text, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            found = re.search(r"\bfgkeras +(?!VERB)([a-z].*)", line)
            if found and "python -m" not in line and "pytest" not in line:
                yield shlex.split(found[1], comments=True)


@pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda p: p.relative_to(ROOT).as_posix()
)
def test_commands_of_documents_are_ones(path, capsys):
    for words in commands(path):
        try:
            found = parsed(words)
        except SystemExit:
            raise AssertionError(
                f"{' '.join(words)}: {capsys.readouterr().err}"
            ) from None
        asked = pairs(getattr(found, "set", []))
        unknown = {n for n in asked if not n.startswith("stages.")}
        assert not unknown - set(OPTIONS), words
        Config.read(changes=asked)


def test_commands_are_found():
    assert len(list(commands(README))) > 10
