"""What the experiments share; that each says how it is tried."""

import pathlib
import re
import sys

import pytest

from experiments import plots
from experiments import results

ROOT = pathlib.Path(__file__).parents[1] / "experiments"
SCRIPTS = [
    p
    for p in sorted(ROOT.glob("*/*.py"))
    if '__name__ == "__main__"' in p.read_text(encoding="utf-8")
]


def test_results_lie_beside_a_script_or_elsewhere(monkeypatch, tmp_path):
    script = str(ROOT / "audit" / "resolution.py")
    monkeypatch.delenv("FGKERAS_RESULTS", raising=False)
    assert results.result_path(script) == ROOT / "audit" / "resolution.json"
    monkeypatch.setenv("FGKERAS_RESULTS", str(tmp_path / "tried"))
    found = results.result_path(script, ".md")
    assert found == tmp_path / "tried" / "audit" / "resolution.md"
    assert found.parent.is_dir()


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(SystemExit, match=r"-e \"\.\[experiments\]\""):
        plots.pyplot()


def test_matplotlib_is_asked_for_in_one_place():
    asking = [
        p.relative_to(ROOT.parent).as_posix()
        for folder in ("experiments", "fgkeras", "tests", "tfrecords")
        for p in (ROOT.parent / folder).rglob("*.py")
        if re.search(r"^ *(import|from) matplotlib", p.read_text(), re.M)
    ]
    assert asking == ["experiments/plots.py"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_readme_says_how_a_script_is_tried(script):
    text = (script.parent / "README.md").read_text(encoding="utf-8")
    section = text.partition("## To try it\n")[2].partition("\n## ")[0]
    module = ".".join(script.relative_to(ROOT.parent).with_suffix("").parts)
    assert f"python -m {module}" in section
    assert "FGKERAS_RESULTS" in section
