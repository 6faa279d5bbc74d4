"""Examples in docstrings are typed by users: they do what they say."""

import doctest
import importlib
import pathlib

import numpy as np
import pytest

PACKAGE = pathlib.Path(__file__).parents[1] / "fgkeras"


@pytest.mark.slow
@pytest.mark.parametrize(
    "package", sorted(p.name for p in PACKAGE.iterdir() if p.is_dir())
)
def test_examples(package, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    attempted, failed = 0, []
    for path in sorted((PACKAGE / package).rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        module = importlib.import_module(
            ".".join(parts).removesuffix(".__init__")
        )
        result = doctest.testmod(
            module,
            extraglobs={"np": np},
            optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS,
        )
        attempted += result.attempted
        if result.failed:
            failed.append(module.__name__)
    assert not failed
    if package not in ("cli", "report", "tuning"):
        assert attempted > 0
