"""The documentation: its commands run, its pages hold all that there is."""

import importlib
import pathlib
import re
import shlex

import pytest

import fgkeras
from fgkeras.cli.main import VERBS
from fgkeras.cli.main import main
from fgkeras.config import OPTIONS

DOCS = pathlib.Path(__file__).parents[1] / "docs"
GUIDE = (DOCS / "own_photos.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def page_of(monkeypatch):
    """Imports a module of the folder as the build does."""
    monkeypatch.syspath_prepend(str(DOCS))
    return importlib.import_module


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """The folders that the guide speaks of, of drawn flowers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    source = fgkeras.data.open(
        "flora:species=3,images=14,val=0,test=4,imbalance=3,size=48"
    )
    for split, folder in (("train", "photos"), ("test", "more_photos")):
        one = source.split(split)
        for i, (name, label) in enumerate(
            zip(one.ids, one.labels, strict=True)
        ):
            path = tmp_path / folder / source.class_names[label] / f"{i}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(source.read(name))
    (tmp_path / "photo.jpg").write_bytes(path.read_bytes())
    (tmp_path / "photos" / source.class_names[0] / "text.jpg").write_text("no")
    body = fgkeras.models.backbone("small_cnn", (32, 32, 3))
    body.save_weights(tmp_path / "body.weights.h5")
    return tmp_path


def small(text):
    """The same with a small body, whose weights need no network."""
    text = text.replace("mobilenet_v2", "small_cnn")
    return text.replace("imagenet", "body.weights.h5")


@pytest.mark.slow
def test_the_guide_runs(photos, capsys):
    commands = "".join(blocks("bash")).replace("\\\n", " ").splitlines()
    commands = [shlex.split(small(line)) for line in commands]
    assert {line[0] for line in commands} == {"fgkeras"}
    for _, verb, *rest in commands:
        if verb == "audit":
            rest += ["--backbone", "small_cnn", "--size", "32"]
        assert main([verb, *rest]) == 0, (verb, rest)
    said = capsys.readouterr().out
    assert "bad image" in said
    (code,) = blocks("python")
    exec(compile(small(code), "own_photos.md", "exec"), {})
    for name in (
        "audits/photos/audit.html",
        "runs/first/report.html",
        "runs/tuned/evaluations",
        "runs/tuned/saved_model/1",
        "runs/python/saved_model/1",
    ):
        assert (photos / name).exists(), name


def test_the_guide_names_headings_of_the_report():
    page = DOCS.parent / "fgkeras/report/templates/run.html"
    headings = re.findall(r"<h[23][^>]*>([^<{]+)<", page.read_text("utf-8"))
    section = GUIDE.partition("## Read the report")[2].partition("\n## ")[0]
    named = re.findall(r"^- \*\*(.+?)\*\*", section, re.MULTILINE)
    assert len(named) > 3
    assert set(named) <= set(headings)


@pytest.mark.parametrize(
    "package", [n for n in fgkeras.__all__ if not n.startswith("__")]
)
def test_each_public_name_has_an_entry(package, page_of):
    text = page_of("api").page(package)
    for name in getattr(getattr(fgkeras, package), "__all__", ()):
        assert f"fgkeras.{package}.{name}" in text
    # A section that was not understood would stand as it was written.
    assert not re.search(r"^ *(Args|Returns|Raises|Example):$", text, re.M)


def test_each_option_and_verb_has_an_entry(page_of):
    options = page_of("reference").options_page()
    for name, option in OPTIONS.items():
        entry = options.partition(f"{{confval}} {name}\n")[2].partition("```")
        meaning = option.meaning[1:].replace("*", r"\*")
        assert meaning in entry[0], name
        assert option.flag in entry[0]
    verbs = page_of("reference").verbs_page()
    for verb in VERBS:
        assert f"## fgkeras {verb}\n" in verbs
    assert "### fgkeras data convert" in verbs


def test_docstrings_become_markdown(page_of):
    markdown = page_of("docstrings").markdown
    text = (
        "Adds.\n\n    y = a + b\n\nArgs:\n    a: Int.\n        Not 0.\n"
        "    b: Int.\n\nReturns:\n    Int: the sum.\n\nExample:\n>>> f(1)\n2\n"
        "\nReference:\n\n- [A](b)"
    )
    assert markdown(text) == (
        "Adds.\n\n    y = a + b\n\n**Args**\n\n- `a`: Int. Not 0.\n- `b`: Int."
        "\n\n**Returns**\n\nInt: the sum.\n\n**Example**\n\n```pycon\n>>> f(1)"
        "\n2\n```\n\n**Reference**\n\n- [A](b)"
    )
