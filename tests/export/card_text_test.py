from fgkeras.export.card import card_facts
from fgkeras.export.card_text import card_text

INFO = {"input": {"size": 96, "resize": None}, "versions": {"fgkeras": "7"}}


def text(names=("elm", "oak"), **said):
    return card_text(card_facts(INFO, said, names))


def test_it_starts_with_what_it_is():
    lines = text(name="Birds").splitlines()
    assert lines[0] == "# Birds"
    assert lines[2].startswith("An image classifier of 2 classes, exported on")
    assert lines[2].endswith("by fgkeras 7.")


def test_nobody_reads_none_or_keys_with_dots():
    page = text(
        data={"source": "folder:x", "images": {"train": 1200}, "sha256": None},
        training={"loss": {"name": "softmax", "tau": None}, "weights": ""},
        views=None,
    )
    assert "None" not in page
    assert "| images: train | 1,200 |" in page
    assert "| loss: name | softmax |" in page
    assert "tau" not in page
    assert "| input: size | 96 |" in page


def test_metrics_with_their_intervals_and_groups():
    score = {"value": 0.81234, "low": 0.7, "high": 0.9}
    page = text(
        metrics={
            "num_images": 12,
            "top1": score,
            "macro_f1": {"value": 0.25},
            "retrieval": {"recall_at_1": score},
            "groups": {
                "tail": {
                    "range": "under 20",
                    "num_classes": 2,
                    "num_images": 12,
                    "class_mean": score,
                }
            },
        }
    )
    assert "| top1 | 0.812 | 0.700 to 0.900 |" in page
    assert "| macro f1 | 0.250 |  |" in page
    assert "| retrieval: recall at 1 | 0.812 | 0.700 to 0.900 |" in page
    assert "| tail: under 20 | 2 | 12 | 0.812 | 0.700 to 0.900 |" in page
    assert "| num images | 12 |" in page


def test_without_measurements_it_says_so():
    assert "No measurements were given." in text()
    assert "Nobody has said." in text()


def test_classes_by_their_images_and_no_more_than_fit():
    names = [f"kind {i}" for i in range(40)]
    page = text(names, train_counts=list(range(40)))
    assert page.index("| kind 39 | 39 |") < page.index("| kind 10 | 10 |")
    assert "kind 9 |" not in page
    assert "And 10 more" in page


def test_how_sure_answers_are():
    page = text(
        calibration={"temperature": 1.5},
        sets={"level": 0.9},
        known={"keep": 0.95},
    )
    assert "| temperature | 1.5 |" in page
    assert "| level | 0.9 |" in page
    assert "| keep | 0.95 |" in page
    assert "How sure" not in text()


def test_markup_in_names_is_shown_as_text():
    page = text(
        ["<img src=x>", "[a](javascript:b)"],
        name="<script>",
        purpose="*a* `b` &",
        licences=["x|y\nz"],
        **{"a|b": "x\ny"},
    )
    assert "<script>" not in page
    assert "<img" not in page
    assert "\\[a](javascript:b)" in page
    assert "\\*a\\* \\`b\\` &amp;" in page
    assert "x\\|y z" in page
    assert "| a\\|b | x y |" in page


def test_intervals_are_one_cell_and_groups_a_table():
    score = {"value": 0.5, "low": 0.25, "high": 0.75}
    group = {
        "range": "under 20",
        "num_images": 4,
        "coverage": score,
        "macro_coverage": score,
        "mean_size": 2.5,
    }
    page = text(
        sets={
            "level": 0.9,
            "coverage": score,
            "allowed": {"low": 0.8, "high": 0.9},
            "groups": {"tail": group, "head": {"num_images": 0}},
        }
    )
    assert "| coverage | 0.500 (0.250 to 0.750) |" in page
    assert "| allowed | 0.800 to 0.900 |" in page
    cells = "0.500 (0.250 to 0.750) | 0.500 (0.250 to 0.750) | 2.5 |"
    assert f"| tail: under 20 | 4 | {cells}" in page
    assert "| head" not in page
