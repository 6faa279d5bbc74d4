"""The documentation: its commands run, its pages hold all that there is."""

import importlib
import inspect
import pathlib
import re
import shlex
import shutil

import pytest

import fgkeras
from fgkeras.bootstrap.project import Project
from fgkeras.cli.main import VERBS
from fgkeras.cli.main import main
from fgkeras.config import OPTIONS
from tests.jobs.bootstrapping.world import label_all

DOCS = pathlib.Path(__file__).parents[1] / "docs"
GUIDE = DOCS / "own_photos.md"
GROWING = DOCS / "growing_a_set.md"
SERVING = DOCS / "serving.md"
SURE = DOCS / "sure_answers.md"


def blocks(path, language):
    text = path.read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def page_of(monkeypatch):
    """Imports a module of the folder as the build does."""
    monkeypatch.syspath_prepend(str(DOCS))
    return importlib.import_module


def draw(folder, spec):
    """Writes the flowers of a set's one split as a folder of classes."""
    source = fgkeras.data.open(f"flora:{spec},size=48")
    split = source.split("train")
    for i, (name, label) in enumerate(
        zip(split.ids, split.labels, strict=True)
    ):
        path = folder / source.class_names[label] / f"{i}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source.read(name))
    return path


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with the photos, sets and weights that documents speak of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    # A server would wait for its end.
    monkeypatch.setattr(fgkeras.web, "serve", lambda app, **options: None)
    last = draw(
        tmp_path / "photos", "species=3,images=14,val=0,test=0,imbalance=3"
    )
    (last.parent / "text.jpg").write_text("no")
    few = "images=5,val=0,test=0,imbalance=1"
    photo = draw(
        tmp_path / "more_photos",
        "species=3,seed=0,images=19,val=0,test=0,imbalance=1",
    )
    known = {path.read_bytes() for path in tmp_path.glob("photos/*/*.jpg")}
    for path in tmp_path.glob("more_photos/*/*.jpg"):
        if path.read_bytes() in known:  # A pool of copies would be none.
            path.unlink()
    for name in ("photo.jpg", "bird.jpg"):
        (tmp_path / name).write_bytes(photo.read_bytes())
    for name, species in (("birds", 100), ("cars", 4)):
        draw(tmp_path / name, f"species={species},seed=1,{few}")
        shutil.make_archive(name, "zip", tmp_path / name)
    body = fgkeras.models.backbone("small_cnn", (32, 32, 3))
    for name in ("body", "birds"):
        body.save_weights(tmp_path / f"{name}.weights.h5")
    return tmp_path


def small(text):
    """The same with a small body, whose weights need no network."""
    text = text.replace("mobilenet_v2", "small_cnn")
    text = text.replace("block_12_add", "block4_relu")
    return text.replace("imagenet", "body.weights.h5")


SMALLER = {
    "train": ["--size", "32"],
    "audit": ["--backbone", "small_cnn", "--size", "32"],
    "granularity": ["--backbone", "small_cnn", "--size", "32"],
    "similarity": ["--backbone", "small_cnn", "--size", "32"],
    # A sweep has tests of its own, and takes minutes.
    "tune": ["--size", "32", "--dry"],
    "reality-check": ["--size", "32", "--epochs", "1"]
    + ["--folds", "2", "--repeats", "2"],
}


STEP = {
    "filter": ["--", "--epochs", "2", "--size", "32"],
    "train": ["--epochs", "2", "--size", "32"],
    # Two epochs make nothing sure, and to random weights all look alike.
    "score": ["--threshold", "0.05", "--copies", "0"],
}


def run_step(words):
    """Types a verb of a project; what is labelled is answered by lot."""
    verb, place = words[:2]
    if verb == "demo":  # Has a test of its own.
        return
    if verb == "label":
        project = Project(place)
        label_all(project, {})
        return
    assert main(["bootstrap", *words, *STEP.get(verb, [])]) == 0, words


def run_commands(path):
    """Types the commands of a document, and returns their verbs."""
    text = "".join(blocks(path, "bash")).replace("\\\n", " ")
    lines = [shlex.split(x, comments=True) for x in text.splitlines()]
    lines = [words[1:] for words in lines if words and words[0] == "fgkeras"]
    for verb, *words in lines:
        words = [*map(small, words), *SMALLER.get(verb, [])]
        if verb == "bootstrap":
            run_step(words)
            continue
        if words[:1] in (["suspects"], ["subset"]):
            words += SMALLER["audit"]
        if words[:1] == ["subset"]:
            words = ["2" if word in ("10", "50") else word for word in words]
        # Nearest class means have no epochs.
        if verb == "train" and "ncm" not in words:
            words += ["--epochs", "2"]
        assert main([verb, *words]) == 0, (verb, words)
    return [verb for verb, *_ in lines]


@pytest.mark.slow
def test_the_guide_runs(home, capsys):
    verbs = run_commands(GUIDE)
    assert len(verbs) == sum(
        len(b.split("\nfgkeras")) for b in blocks(GUIDE, "bash")
    )
    assert "bad image" in capsys.readouterr().out
    (code,) = blocks(GUIDE, "python")
    exec(compile(small(code), GUIDE.name, "exec"), {})
    for name in (
        "audits/photos/audit.html",
        "runs/first/report.html",
        "runs/tuned/evaluations",
        "runs/tuned/saved_model/1",
        "runs/python/saved_model/1",
    ):
        assert (home / name).exists(), name


@pytest.mark.slow
def test_the_commands_of_the_readme_run(home):
    for path in home.glob("photos/*/text.jpg"):
        path.unlink()
    verbs = run_commands(DOCS.parent / "README.md")
    # All but the demo, which has a test of its own, and what needs no images.
    assert set(verbs) == set(VERBS) - {"demo", "cache"}
    assert (home / "neighbours.html").exists()


@pytest.mark.slow
def test_the_guide_to_growing_a_set_runs(home):
    for path in home.glob("photos/*/text.jpg"):
        path.unlink()
    assert "bootstrap" in run_commands(GROWING)
    assert (home / "settled" / "sets" / "0001" / "edited.csv").exists()


@pytest.mark.slow
def test_the_guide_to_serving_runs(home):
    for path in home.glob("photos/*/text.jpg"):
        path.unlink()
    assert run_commands(SERVING).count("serve") == 4
    assert (home / "exports/photos/saved_model/1").is_dir()
    assert (home / "exports/photos/gallery_additions/pictures").is_dir()
    assert not (home / "runs/first/saved_model").exists()


@pytest.mark.slow
def test_the_guide_to_sure_answers_runs(home, capsys):
    for path in home.glob("photos/*/text.jpg"):
        path.unlink()
    names = sorted(path.name for path in home.glob("photos/*/"))
    rows = [f"{name},{name.split()[0]}\n" for name in names]
    (home / "photos/classes.csv").write_text("class,genus\n" + "".join(rows))
    (about,) = blocks(SURE, "json")
    (home / "about.json").write_text(about, "utf-8")
    run_commands(SURE)
    printed = capsys.readouterr().out
    assert re.search(r"photo.jpg: .*; set of \d: ", printed)
    assert re.search(r"photo.jpg: .* \((class|genus|root), ", printed)
    assert (home / "runs/sure/saved_model/1").is_dir()
    for name in ("Prediction sets", "Unknown pictures"):
        page = (home / "runs/sure/report.html").read_text("utf-8")
        assert name in page


def test_the_guide_names_headings_of_the_report():
    page = DOCS.parent / "fgkeras/report/templates/run.html"
    headings = re.findall(r"<h[23][^>]*>([^<{]+)<", page.read_text("utf-8"))
    text = GUIDE.read_text("utf-8")
    section = text.partition("## Read the report")[2].partition("\n## ")[0]
    named = re.findall(r"^- \*\*(.+?)\*\*", section, re.MULTILINE)
    assert len(named) > 3
    assert set(named) <= set(headings)


@pytest.mark.parametrize(
    "package",
    ["fgkeras"]
    + [
        f"fgkeras.{name}"
        for name in fgkeras.__all__
        if inspect.ismodule(getattr(fgkeras, name))
    ],
)
def test_each_public_name_has_an_entry(package, page_of):
    text = page_of("api").page(package)
    module = importlib.import_module(package)
    for name in getattr(module, "__all__", ()):
        if not inspect.ismodule(getattr(module, name)):
            assert f"{package}.{name}" in text or name == "__version__"
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
