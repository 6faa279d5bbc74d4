import base64
import hashlib
import html.parser
import re
import time

import numpy as np
import pytest
from PIL import Image

from fgkeras.evaluation import classification_report
from fgkeras.ops import effective_number_curves
from fgkeras.report import run_report

EVIL = '"><img src=x onerror=alert(1)>'
SCRIPT = "<script>alert(2)</script>"


def arguments(classes=12, per_class=10, seed=0, names=None, counts=True):
    generator = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), per_class)
    logits = generator.normal(size=(len(labels), classes)).astype(np.float32)
    logits[np.arange(len(labels)), labels] += 2
    names = names or [f"species {index}" for index in range(classes)]
    train_counts = generator.integers(3, 300, classes) if counts else None
    return {
        "title": "a run",
        "config": {"loss": {"name": "focal", "beta": 0.999}, "seed": 0},
        "environment": {"keras": "3.15.1", "gpu": None},
        "metrics": classification_report(
            labels,
            logits,
            train_counts=train_counts,
            class_names=names,
            num_bootstrap=50,
        ),
        "history": [
            {
                "epoch": epoch + 1,
                "loss": 2.0 / (epoch + 1),
                "val_loss": 2.5 / (epoch + 1),
                "accuracy": epoch / 5,
                "learning_rate": 0.1 * 0.1**epoch,
            }
            for epoch in range(4)
        ],
        "class_names": names,
        "train_counts": train_counts,
        "labels": labels,
        "logits": logits,
        "thumbnail": thumbnail,
    }


def thumbnail(index):
    # Noise, so that a JPEG of it is as large as they come.
    noise = np.random.default_rng(index).integers(0, 256, (150, 120, 3))
    return Image.fromarray(noise.astype(np.uint8))


class Elements(html.parser.HTMLParser):
    """Every element with its attributes, and the text of the page."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def named(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def write(tmp_path, **changes):
    path = run_report(tmp_path / "report.html", **{**arguments(), **changes})
    return path.read_text("utf-8")


def test_headline_numbers_and_their_intervals_are_shown(tmp_path):
    given = arguments()
    page = write(tmp_path, **given)
    metrics = given["metrics"]
    entries = [metrics["top1"], metrics["top5"], metrics["mean_per_class"]]
    entries += [group["class_mean"] for group in metrics["groups"].values()]
    for entry in entries:
        if entry:
            assert f"{100 * entry['value']:.1f} %" in page
            assert f"{100 * entry['low']:.1f} – " in page


def test_a_class_without_a_test_image_to_show_is_shown_from_training(tmp_path):
    given = arguments(classes=4, per_class=1)
    # One test image each, all taken for the next class.
    given["logits"] = np.roll(np.eye(4, dtype="float32"), 1, axis=1)
    given["metrics"] = classification_report(
        given["labels"],
        given["logits"],
        train_counts=given["train_counts"],
        class_names=given["class_names"],
        num_bootstrap=0,
    )
    asked = []

    def example(label):
        asked.append(label)
        return thumbnail(100 + label) if label else None

    page = run_report(tmp_path / "a.html", **given).read_text("utf-8")
    pairs = page.split('id="confused"')[1].split("</section>")[0]
    assert "from the training" not in pairs
    assert (pairs.count("<img "), pairs.count("no picture")) == (8, 4)
    page = run_report(tmp_path / "b.html", **given, examples=example).read_text(
        "utf-8"
    )
    pairs = page.split('id="confused"')[1].split("</section>")[0]
    assert "from the training" in pairs
    # Class 0 has none there either.
    assert (pairs.count("<img "), pairs.count("no picture")) == (11, 1)
    assert sorted(asked) == [0, 1, 2, 3]


def test_how_answers_came_about_is_said(tmp_path):
    given = arguments()
    plain = run_report(tmp_path / "a.html", **given).read_text("utf-8")
    assert "Logits were adjusted" not in plain
    assert "several views" not in plain
    given["metrics"] = classification_report(
        given["labels"],
        given["logits"],
        train_counts=given["train_counts"],
        class_names=given["class_names"],
        num_bootstrap=0,
        group_limits=[100],
    ) | {
        "views": "12-crop",
        "adjustment": {
            "kind": "logit",
            "tau": 1.5,
            "chosen_on": {
                "num_images": 40,
                "class_mean": 0.7,
                "class_mean_before": 0.6,
                "tried": {"logit:0": 0.6, "logit:1.5": 0.7},
            },
        },
    }
    page = run_report(tmp_path / "b.html", **given).read_text("utf-8")
    assert "mean over several views of an image: 12-crop" in page
    assert "logit, tau 1.5, chosen on 40 validation images" in page
    assert "from 60.0 % to 70.0 %" in page
    assert ">logit:1.5<" in page
    assert "Head: at least 100 training images" in page
    assert ">medium<" not in page
    row = given["metrics"]["per_class"][3]
    shown = f"{100 * row['low']:.1f} – {100 * row['high']:.1f} %"
    assert shown in page
    assert "Macro F1" in page


def test_same_arguments_same_bytes(tmp_path):
    assert write(tmp_path) == write(tmp_path)
    assert write(tmp_path) != write(tmp_path, seed=1)


def test_hostile_names_are_shown_as_they_are_written(tmp_path):
    names = [f"species {index}" for index in range(12)]
    names[2], names[5] = EVIL, SCRIPT
    page = write(
        tmp_path,
        **{
            **arguments(names=names),
            "title": SCRIPT,
            "notes": [EVIL],
            "config": {EVIL: SCRIPT},
            "comparison": [{EVIL: SCRIPT}],
            "history": [{"epoch": 1, EVIL: 1.0, "stage": SCRIPT}],
        },
    )
    parsed = Elements(page)
    assert len(parsed.named("script")) == 1
    for tag, attrs in parsed.elements:
        assert not any(name.startswith("on") for name in attrs), tag
    assert all(i["src"].startswith("data:image/") for i in parsed.named("img"))
    assert EVIL in parsed.text
    assert SCRIPT in parsed.text


def test_nothing_is_requested(tmp_path):
    parsed = Elements(write(tmp_path))
    for tag, attrs in parsed.elements:
        for name in ("src", "href", "srcset", "action", "data"):
            value = attrs.get(name)
            assert value is None or value.startswith(("data:", "#")), tag
        assert "style" not in attrs  # the policy would block it
    page = write(tmp_path)
    assert not re.search(r"https?://|url\(|@import", page)


def test_policy_allows_the_pages_own_style_and_script_by_hash(tmp_path):
    page = write(tmp_path)
    policy = next(
        attrs["content"]
        for attrs in Elements(page).named("meta")
        if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        text = re.search(f"<{tag}>(.*?)</{tag}>", page, re.S)[1]
        digest = hashlib.sha256(text.encode()).digest()
        code = base64.b64encode(digest).decode()
        assert f"{tag}-src 'sha256-{code}'" in policy


def test_every_picture_has_words_and_every_figure_a_table(tmp_path):
    page = write(tmp_path)
    parsed = Elements(page)
    assert all(attrs["alt"] for attrs in parsed.named("img"))
    assert all(
        attrs["role"] == "img" and attrs["aria-label"]
        for attrs in parsed.named("svg")
    )
    figures = re.findall(r"<figure.*?</figure>", page, re.S)
    assert len(figures) == len(parsed.named("svg")) == 6
    for figure in figures:
        assert figure.count("<tr>") > 1


def test_the_most_confident_errors_come_first(tmp_path):
    given = arguments()
    asked = []

    def asked_for(index):
        asked.append(index)
        return thumbnail(index)

    write(tmp_path, **{**given, "thumbnail": asked_for})
    logits, labels = given["logits"].astype("float64"), given["labels"]
    scores = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    wrong = np.flatnonzero(scores.argmax(1) != labels)
    worst = wrong[np.argsort(-scores.max(1)[wrong], kind="stable")]
    assert set(worst[:16]) <= set(asked)
    assert len(asked) == len(set(asked))


def test_saturated_sigmoids_are_ranked_by_their_logits(tmp_path):
    given = arguments(3, 1, names=["oak", "elm", "ash"])
    # 1 / (1 + exp(-40)) and 1 / (1 + exp(-50)) are the same number.
    given["logits"] = np.array([[50.0, 40, 0], [40, 50, 0], [0, 40, 50]])
    given["metrics"] = classification_report(
        given["labels"],
        given["logits"],
        train_counts=given["train_counts"],
        class_names=given["class_names"],
        activation="sigmoid",
    )
    assert given["metrics"]["top1"]["value"] == 1
    page = write(tmp_path, **given, activation="sigmoid")
    assert "✗</b>" not in page
    assert page.count("✓</b>") == 3


@pytest.mark.parametrize("classes", [1, 2, 4])
def test_few_classes_without_anything_else(tmp_path, classes):
    given = arguments(classes, 3, counts=False)
    page = write(
        tmp_path,
        **{
            **given,
            "history": [],
            "config": {},
            "environment": {},
            "thumbnail": lambda index: None,
        },
    )
    assert "no picture" in page
    assert 'id="training"' not in page
    assert 'id="sizes"' not in page


def test_optional_parts(tmp_path):
    sheet = Image.new("RGBA", (3000, 500), "green")
    sheet.save(tmp_path / "sheet.png")
    pages = [
        write(
            tmp_path,
            sample_sheet=given,
            comparison=[
                {"method": "softmax", "overall": 71.31, "tail": None},
                {"method": "focal", "overall": 74.0, "tail": 40.0},
            ],
            notes=["A note."],
        )
        for given in (
            sheet,
            tmp_path / "sheet.png",
            str(tmp_path / "sheet.png"),
        )
    ]
    assert pages[0] == pages[1] == pages[2]
    assert "71.3" in pages[0]
    assert "A note." in pages[0]
    assert 'width="1600" height="267"' in pages[0]


def test_a_class_without_test_images(tmp_path):
    given = arguments()
    keep = given["labels"] != 4
    labels, logits = given["labels"][keep], given["logits"][keep]
    given["metrics"] = classification_report(
        labels,
        logits,
        train_counts=given["train_counts"],
        class_names=given["class_names"],
    )
    page = write(tmp_path, **{**given, "labels": labels, "logits": logits})
    assert "110 test images of 11 among 12 classes" in page


def test_two_hundred_classes_stay_below_ten_megabytes(tmp_path):
    path = run_report(tmp_path / "r.html", **arguments(200, 5))
    assert path.stat().st_size < 3e6
    assert path.read_text("utf-8").count("data:image/jpeg") > 90


@pytest.mark.slow
def test_eight_thousand_classes(tmp_path):
    given = arguments(8142, 1)
    start = time.perf_counter()
    path = run_report(tmp_path / "r.html", **given)
    assert time.perf_counter() - start < 30
    assert path.stat().st_size < 20e6


@pytest.mark.parametrize("max_bytes", [150_000, 400_000])
def test_shows_less_rather_than_growing(tmp_path, max_bytes):
    path = run_report(tmp_path / "r.html", **arguments(60), max_bytes=max_bytes)
    assert path.stat().st_size <= max_bytes
    assert "shows fewer" in path.read_text("utf-8")


def test_refuses_a_limit_that_nothing_fits(tmp_path):
    with pytest.raises(ValueError, match="max_bytes=1000"):
        run_report(tmp_path / "r.html", **arguments(), max_bytes=1000)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_old_report(tmp_path, monkeypatch):
    write(tmp_path)
    before = (tmp_path / "report.html").read_bytes()

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write(tmp_path, title="new")
    assert (tmp_path / "report.html").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"logits": np.ones((3, 12))}, r"logits.shape=\(3, 12\)"),
        ({"logits": np.full((120, 12), np.inf)}, "logits must be finite"),
        ({"class_names": ["a"]}, r"len\(class_names\)=1"),
        ({"train_counts": [1]}, r"len\(train_counts\)=1"),
    ],
)
def test_refuses_what_does_not_fit(tmp_path, change, match):
    with pytest.raises(ValueError, match=match):
        write(tmp_path, **change)


def test_names_that_are_not_unicode_do_not_stop_the_report(tmp_path):
    names = [f"s{index}" for index in range(12)]
    names[3] = "caf\udce9"
    assert "caf?" in write(tmp_path, **arguments(names=names))


def stage(name, top5=0.75, **groups):
    return {
        "stage": name,
        "top1": 0.5,
        "top5": top5,
        "mean_per_class": 0.25,
        "groups": {k: {"top1": v, "top5": top5} for k, v in groups.items()},
    }


def test_what_stages_were_worth_is_a_table(tmp_path):
    given = arguments()
    page = run_report(tmp_path / "a.html", **given).read_text()
    assert "After each stage" not in page
    given["metrics"]["stages"] = [
        stage("all", head=0.9, tail=0.125),
        stage("balanced", head=0.8, tail=None),
    ]
    page = run_report(tmp_path / "b.html", **given).read_text()
    section = page.split("After each stage")[1].split("</table>")[0]
    for text in ("balanced", "50.0 %", "25.0 %", "12.5 %", "Tail, top-5", "–"):
        assert text in section, text
    given["metrics"]["stages"] = [stage("all", top5=None, tail=0.125)] * 2
    page = run_report(tmp_path / "c.html", **given).read_text()
    section = page.split("After each stage")[1].split("</table>")[0]
    assert "12.5 %" in section
    assert "top-5" not in section


def test_effective_numbers_are_drawn_where_classes_are_weighted(tmp_path):
    given = arguments()
    assert "What images are worth" not in (
        run_report(tmp_path / "a.html", **given).read_text()
    )
    counts = given["train_counts"]
    worth = effective_number_curves([0.99], int(counts.max()))
    page = run_report(tmp_path / "b.html", worth=worth, **given).read_text()
    section = page.split("What images are worth")[1]
    expected = (1 - 0.99 ** float(counts.max())) / 0.01
    assert f"{expected:.1f}" in section
