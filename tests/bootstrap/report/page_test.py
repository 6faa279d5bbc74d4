"""The page: whole, offline, readable without pictures, and no trap."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.report import report_numbers
from fgkeras.bootstrap.report import report_page
from fgkeras.bootstrap.report.round_chart import round_chart
from fgkeras.bootstrap.report.shown_negatives import shown_negatives
from fgkeras.report.canvas import percent_axis
from tests.bootstrap.scripted_project import CLASSES
from tests.bootstrap.scripted_project import HOSTILE
from tests.bootstrap.scripted_project import empty_project
from tests.bootstrap.scripted_project import label_all
from tests.bootstrap.scripted_project import open_scripted_round
from tests.bootstrap.scripted_project import scripted_project


def picture(image):
    pixels = np.random.default_rng(image).integers(0, 255, (96, 96, 3), "uint8")
    return Image.fromarray(pixels)


def write(path, found, **changes):
    options = {"title": HOSTILE, "read_picture": picture, **changes}
    return report_page(path, found, **options).read_text("utf-8")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    project = scripted_project(folder / "p", rounds=2, overlap=2)
    with project.store.writing() as db:
        facts = {"accepted": 5, "rejected": 1, "rounds": [{}]}
        db.execute(
            "INSERT INTO applied VALUES (1, 0, ?, '')", (json.dumps(facts),)
        )
        db.execute("UPDATE labeller SET paused = 'Look!' WHERE id = 2")
    project.run(1).mkdir(parents=True)
    share = {"value": 0.5, "low": 0.25, "high": 0.75}
    (project.run(1) / "metrics.json").write_text(
        json.dumps({"num_images": 9, "top1": share, "mean_per_class": share})
    )
    project.store.set(
        "filter",
        {"threshold": 0.5, "kept": 71, "left_out": 29, "held_back": 40,
         "precision": share, "recall": share},
    )  # fmt: skip
    return report_numbers(project)


def test_the_page_holds_what_was_found(found, tmp_path):
    text = write(tmp_path / "r.html", found)
    last = found["growth"][-1]
    cut = found["cuts"][-1]
    for said in (
        "3 classes, 60 candidates in the pool, 2 of 3 rounds",
        f"<strong>{last['accepted']}</strong>",
        f"<strong>{last['rejected']}</strong>",
        f"<strong>{found['work']['decisions']}</strong>",
        f"{100 * cut['recall']['value']:.1f} %",
        "is paused: Look!",
        "29 candidates left out",
        "Drawn by lot",
        "Highest scores",
        "Cohen’s kappa, mean",
    ):
        assert said in text, said
    # Every class, in its order.
    table = text[text.index('id="class-table"') :]
    places = [table.index(name) for name in ("élan", "onerror", "elm")]
    assert places == sorted(places)


def test_names_that_look_like_markup_are_shown_as_they_are(found, tmp_path):
    text = write(tmp_path / "r.html", found)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;" in text
    assert "<img onerror" not in text
    assert CLASSES[1] not in text
    # Nothing but pictures inside of the page is allowed to load.
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
    assert "default-src &#39;none&#39;" in policy
    assert "unsafe" not in policy
    assert set(re.findall(r'src="(data:image/jpeg|[^"]{0,12})', text)) == {
        "data:image/jpeg"
    }
    assert not re.search(r'(?:href|src)="(?!#|data:)', text)
    assert "javascript:" not in text
    assert "style=" not in text


def test_every_figure_has_words_and_a_table(found, tmp_path):
    text = write(tmp_path / "r.html", found)
    figures = re.findall(r"<figure.*?</figure>", text, re.DOTALL)
    assert len(figures) == 7
    for figure in figures:
        alt = re.search(r'role="img" aria-label="([^"]{20,})"', figure)
        assert alt, figure[:200]
        assert "<table>" in figure
        assert figure.count('<th scope="row">') > 0
    for image in re.findall(r"<img [^>]*>", text):
        assert re.search(r'alt="[^"]+"', image)


def test_the_same_numbers_are_the_same_bytes(found, tmp_path):
    first = write(tmp_path / "a.html", found)
    assert write(tmp_path / "b.html", json.loads(json.dumps(found))) == first


def test_a_page_without_pictures_and_without_decisions(found, tmp_path):
    text = write(tmp_path / "r.html", found, read_picture=lambda image: None)
    assert "no picture" in text
    project = empty_project(tmp_path / "p")
    text = write(tmp_path / "e.html", report_numbers(project))
    assert "Hard negatives</h2>" not in text
    assert "Threshold</h2>" not in text
    open_scripted_round(project)
    text = write(tmp_path / "e.html", report_numbers(project))
    assert "20 candidates are open or disputed" in text


def test_two_hundred_classes_stay_small(tmp_path):
    project = empty_project(
        tmp_path / "p",
        pool=600,
        names=[f"Genus species {i}" for i in range(200)],
    )
    for number in (1, 2):
        open_scripted_round(project, number)
        label_all(project, ["Ada"], seed=number, steps=60)
    text = write(tmp_path / "r.html", report_numbers(project))
    assert len(text) < 10e6
    assert text.count("Genus species 199") >= 1


def test_a_page_without_cut_audit(tmp_path):
    project = empty_project(tmp_path / "p")
    open_scripted_round(project)
    with project.store.writing() as db:
        db.execute("DELETE FROM candidate WHERE kind = 'audit'")
    label_all(project, ["Ada"])
    found = report_numbers(project)
    assert found["cuts"][-1]["recall"]["value"] is None
    assert found["cuts"][-1]["precision"]["value"] is not None
    text = write(tmp_path / "r.html", found)
    assert "No recall is known" in text


def test_a_line_leaves_out_what_is_not_known():
    entries = [{"value": 0.5, "low": 0.4, "high": 0.6}, None, {"value": None}]
    drawn = round_chart(
        "T", ["1", "2", "3"], [("a", entries), ("b", [None] * 3)],
        percent_axis(), columns=["Round"], rows=[["1"]], say=str,
    )  # fmt: skip
    assert drawn.alt == "T. a: 1 0.5. b: nothing."
    assert drawn.svg.count("<circle") == 1
    assert drawn.svg.count("whisker") == 3


def test_no_picture_is_no_choice(tmp_path):
    project = Project(empty_project(tmp_path / "p").path)
    with pytest.raises(ValueError, match="count=0"):
        shown_negatives(project, count=0)
