"""What documents tell one to type: the README's example runs, verbs parse."""

import pathlib
import re
import shlex

import pytest

from fgkeras.cli.main import parser
from fgkeras.cli.options import pairs
from fgkeras.config import OPTIONS

ROOT = pathlib.Path(__file__).parents[1]
README = ROOT / "README.md"
DOCUMENTS = [README, *ROOT.glob("docs/*.md"), *ROOT.glob("experiments/**/*.md")]


def test_the_twenty_line_example_runs():
    code = re.search(r"```python\n(.*?)```", README.read_text(), re.S)[1]
    lines = [x for x in code.splitlines() if x and not x.startswith("import")]
    assert len(lines) <= 20
    space = {}
    exec(compile(code, "README.md", "exec"), space)
    losses = space["model"].history.history["loss"]
    assert len(losses) == 2
    assert losses[1] < losses[0]


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
            found = parser().parse_args(words)
        except SystemExit:
            raise AssertionError(
                f"{' '.join(words)}: {capsys.readouterr().err}"
            ) from None
        unknown = set(pairs(getattr(found, "set", []))) - set(OPTIONS)
        assert not unknown, words


def test_commands_are_found():
    assert len(list(commands(README))) > 10
