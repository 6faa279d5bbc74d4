"""Panels, maps and their sections."""

import importlib.resources
import re

import numpy as np
import pytest
from PIL import Image

from fgkeras.evaluation import clustering_scores
from fgkeras.evaluation import relevant_ranks
from fgkeras.report import neighbor_page
from fgkeras.report import retrieval_sections
from fgkeras.report.embedding_map import embedding_map
from fgkeras.report.picture import Thumbnails
from fgkeras.report.retrieval_panels import retrieval_panels

NAMES = ["daisy", "<b>aster</b>", "rose"]


def example(n=45, spread=1.0):
    generator = np.random.default_rng(0)
    y = np.arange(n) % 3
    x = np.eye(3)[y] + spread * generator.normal(size=(n, 3))
    return x, y


def color(index):
    return Image.new("RGB", (32, 32), (index * 5 % 256, 90, 90))


def panels(x, y, **options):
    return retrieval_panels(
        x,
        y,
        class_names=NAMES,
        pictures=Thumbnails(color),
        **{"count": 4, "top": 3, **options},
    )


def test_worst_rows_are_those_found_latest():
    x, y = example()
    ranks = relevant_ranks(x, y)
    rows = panels(x, y)
    latest = sorted(ranks.first_rank.tolist(), reverse=True)[:4]
    assert [row["note"] for row in rows["worst"]] == [
        f"first right one: place {rank}" for rank in latest
    ]
    for row, rank in zip(rows["worst"], latest, strict=True):
        right = [cell["right"] for cell in row["found"]]
        assert len(right) == 3
        assert right.index(True) + 1 == rank if rank <= 3 else not any(right)
    assert len(rows["random"]) == 4


def test_no_worst_rows_where_all_are_right():
    x, y = example(spread=0.01)
    rows = panels(x, y)
    assert rows["worst"] == []
    assert all(c["right"] for row in rows["random"] for c in row["found"])


def test_separate_gallery_keeps_what_equals_the_query():
    x, y = example()
    rows = panels(
        x,
        y,
        gallery=x,
        gallery_labels=y,
        gallery_pictures=Thumbnails(color),
    )
    assert all(row["found"][0]["score"] == "1.000" for row in rows["random"])


def test_unknown_classes_are_neither_right_nor_wrong():
    from fgkeras.report.retrieval_panels import panel_rows

    x, y = example()
    rows = panel_rows(
        np.arange(2),
        x[:2],
        None,
        x,
        y,
        class_names=["a.jpg", "b.jpg"],
        gallery_names=NAMES,
        pictures=Thumbnails(color),
        gallery_pictures=Thumbnails(color),
    )
    assert [row["name"] for row in rows] == ["a.jpg", "b.jpg"]
    assert rows[1]["found"][0] == {
        "name": NAMES[1],
        "picture": rows[1]["picture"],
        "right": None,
        "score": "1.000",
    }


@pytest.mark.parametrize("method", ["pca", "t-sne"])
def test_map_shows_every_drawn_image_once(method):
    x, y = example()
    figure = embedding_map(
        x,
        y,
        class_names=NAMES,
        pictures=Thumbnails(color),
        method=method,
        num_images=40,
        num_pictures=5,
    )
    assert figure.svg.count("<image ") == 5 == len(figure.rows)
    assert figure.svg.count("<circle ") == 35
    assert "<b>" not in figure.svg
    assert "style=" not in figure.svg


def test_pca_keeps_a_plane_up_to_turning():
    plane = np.random.default_rng(1).normal(size=(30, 2)) * [3.0, 1.0]
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(5, 5)))[0][:2]
    figure = embedding_map(
        plane @ turn,
        np.zeros(30, int),
        class_names=NAMES,
        pictures=Thumbnails(color),
    )
    assert "100 % of the spread" in figure.note


def test_small_and_flat_sets():
    assert (
        embedding_map(
            np.eye(4), np.zeros(4, int), class_names=NAMES, pictures=None
        )
        is None
    )
    figure = embedding_map(
        np.ones((6, 1)),
        np.zeros(6, int),
        class_names=NAMES,
        pictures=Thumbnails(color),
    )
    assert figure.svg.count("<image ") == 1
    with pytest.raises(ValueError, match="method='umap'"):
        embedding_map(
            np.eye(4),
            np.zeros(4, int),
            class_names=NAMES,
            pictures=None,
            method="umap",
        )


def test_sections_say_the_numbers_and_are_repeatable():
    x, y = example()
    arguments = {
        "class_names": NAMES,
        "thumbnail": color,
        "clustering": clustering_scores(y, y),
        "num_bootstrap": 20,
    }
    html = retrieval_sections(x, y, **arguments)
    assert html == retrieval_sections(x, y, **arguments)
    assert "<b>aster" not in html
    assert "&lt;b&gt;aster" in html
    for text in ("Recall@1", "MAP@R", "Found latest", "t-SNE", "Purity"):
        assert text in html
    assert not re.search(r'(src|href)="(?!data:)', html)


def test_templates_use_styles_that_exist():
    folder = importlib.resources.files("fgkeras.report") / "templates"
    style = (folder / "style.css").read_text("utf-8")
    text = (folder / "panels.html").read_text("utf-8")
    for name in re.findall(r'class="([a-z]+)"', text):
        assert f".{name}" in style


def test_neighbor_page(tmp_path):
    x, y = example()
    path = neighbor_page(
        tmp_path / "found.html",
        title="birds",
        rows=panels(x, y)["random"],
        gallery="45 images",
    )
    text = path.read_text("utf-8")
    assert "Content-Security-Policy" in text
    assert text.count('class="asked"') == 4


def test_pictures_are_framed_and_dots_filled_by_the_colour_of_their_class():
    x, y = example()
    figure = embedding_map(
        x, y, class_names=NAMES, pictures=Thumbnails(color), num_pictures=9
    )
    kinds = {name: kind for kind, name in figure.legend}
    assert sorted(kinds) == sorted(NAMES)
    marks = re.findall(
        r'<(rect|circle) class="(?:edge|dot) (k\d)"[^>]*><title>([^<]*)<',
        str(figure.svg),
    )
    assert len(marks) == 45
    assert sum(tag == "rect" for tag, _, _ in marks) == 9
    for _, kind, name in marks:
        assert kinds[name.replace("&lt;", "<").replace("&gt;", ">")] == kind


def test_a_picture_keeps_its_shape_within_its_frame():
    x, y = example()
    figure = embedding_map(
        x,
        y,
        class_names=NAMES,
        pictures=Thumbnails(lambda i: Image.new("RGB", (64, 32))),
        num_pictures=1,
    )
    for tag in ("image", "rect"):
        (found,) = re.findall(rf"<{tag} [^>]*>", str(figure.svg))
        assert 'width="44" height="22"' in found


def test_the_central_space_has_no_classes_left():
    """Of images that differ from their classes by one of two ways."""
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 6
    ways = np.arange(60) // 6 % 2
    centers = 30 * rng.normal(size=(6, 8))
    # Two more of classes of one image, which have no way of their own.
    x = centers[labels] + np.where(ways, 1, -1)[:, None] * np.eye(8)[0]
    x = np.concatenate([x, 50 + rng.normal(size=(2, 8))])
    labels = np.concatenate([labels, [6, 7]])
    seen = []
    figure = embedding_map(
        x,
        labels,
        class_names=[f"c{i}" for i in range(8)],
        pictures=lambda i: seen.append(i),
        centered=True,
    )
    assert max(seen) < 60
    assert len(seen) == 60
    # All differences lie on one line, at two places.
    assert "The plane holds 100 % of the spread. 0 % of" in figure.note
    across = set(re.findall(r'cx="([^"]*)"', str(figure.svg)))
    assert len(across) == 2
    assert figure.title == "Principal components, class means taken off"
    # Against the definition in loops.
    means = {c: x[labels == c].mean(axis=0) for c in range(6)}
    inside = sum(np.sum((x[i] - means[labels[i]]) ** 2) for i in range(60))
    whole = np.sum((x[:60] - x[:60].mean(axis=0)) ** 2)
    assert f"{100 * inside / whole:.0f} % of the spread are" in figure.note


def test_single_images_have_no_central_space():
    x = np.random.default_rng(0).normal(size=(9, 3))
    options = {"class_names": list("abcdefghi"), "pictures": None}
    assert embedding_map(x, np.arange(9), centered=True, **options) is None


@pytest.mark.slow
def test_a_page_of_many_pictures_stays_small():
    """Three maps of 120 pictures each, and panels."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(400, 6)), np.arange(400) % 40
    noise = rng.integers(0, 256, (400, 96, 96, 3), "uint8")
    page = retrieval_sections(
        x,
        y,
        class_names=[f"class {i}" for i in range(40)],
        thumbnail=lambda i: Image.fromarray(noise[i]),
        clusters=y[::-1],
        num_bootstrap=0,
    )
    assert page.count("<figure") == 3
    assert "20 other classes" in page
    # Noise takes four times what photographs do.
    assert len(page) < 12e6
