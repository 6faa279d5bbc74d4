"""The README's example runs as it stands there."""

import pathlib
import re

README = pathlib.Path(__file__).parents[1] / "README.md"


def test_the_twenty_line_example_runs():
    code = re.search(r"```python\n(.*?)```", README.read_text(), re.S)[1]
    lines = [x for x in code.splitlines() if x and not x.startswith("import")]
    assert len(lines) <= 20
    space = {}
    exec(compile(code, "README.md", "exec"), space)
    losses = space["model"].history.history["loss"]
    assert len(losses) == 2
    assert losses[1] < losses[0]
