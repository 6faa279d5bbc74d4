"""What the experiments share; that each says how it is tried."""

import pathlib
import re
import sys

import numpy as np
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


@pytest.mark.slow
def test_heads_trained_at_once_are_those_trained_one_by_one():
    from experiments import heads

    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), [20, 10, 6, 4])
    features = rng.normal(size=(40, 8)).astype("float32")
    features[:, :4] += 0.5 * np.eye(4, dtype="float32")[labels]
    changes = [{"loss.beta": b, "train.epochs": 3} for b in (0.0, 0.99)]
    at_once = heads.train_heads(features, labels, 4, changes, seed=1)
    found = heads.logits_of(at_once, features).reshape(40, 2, 4)
    assert np.abs(found[:, 0] - found[:, 1]).max() > 1e-3
    for k, one in enumerate(changes):
        alone = heads.train_head(features, labels, 4, one, seed=1)
        expected = heads.logits_of(alone, features)
        np.testing.assert_allclose(found[:, k], expected, atol=1e-5)
