"""One crop for whoever looks: streams of pictures and batches of a split."""

import numpy as np
import pytest

from fgkeras.runs import views
from fgkeras.runs.views import View
from tests.runs.inputs_test import INPUTS
from tests.runs.inputs_test import SIZE
from tests.runs.inputs_test import Pictures
from tests.runs.inputs_test import evaluated
from tests.runs.inputs_test import split_images


@pytest.mark.slow
@pytest.mark.parametrize("way", INPUTS)
@pytest.mark.parametrize("resize", [SIZE, 31])
def test_a_stream_sees_the_crops_that_are_evaluated(resize, way):
    images = split_images("none", resize, way)
    pictures = Pictures().data.values()
    found = [crops for crops, _ in images.view.stream(pictures, batch_size=4)]
    assert [len(crops) for crops in found] == [4, 2]
    np.testing.assert_array_equal(np.concatenate(found), evaluated(images))


def test_what_cannot_be_read_is_a_row_that_says_why(tmp_path):
    good = next(iter(Pictures().data.values()))
    pictures = [good, b"text", (tmp_path / "gone.png").read_bytes, good]
    ((crops, reasons),) = View(SIZE, SIZE).stream(pictures)
    assert len(crops) == 2
    assert reasons[0] is reasons[3] is None
    assert "text" in reasons[1]
    assert "No such file" in reasons[2]


def test_nothing_but_bad_pictures_is_an_empty_batch():
    ((crops, reasons),) = View(SIZE, SIZE).stream([b"text"])
    assert crops.shape == (0, SIZE, SIZE, 3)
    assert len(reasons) == 1


def test_batches_hold_about_as_many_pixels_at_any_size():
    sizes = (32, 96, 160, 224, 2000)
    found = [View(size, size).batch_size for size in sizes]
    assert found == [32, 16, 5, 2, 1]


@pytest.mark.parametrize(
    ("backend", "installed", "pillow"),
    [
        ("tensorflow", True, {"arrays"}),
        ("jax", True, {"arrays", "auto"}),
        ("jax", False, {"arrays", "auto", "tfdata", "disk"}),
    ],
)
def test_who_decodes(monkeypatch, backend, installed, pillow):
    monkeypatch.setattr(views.keras.backend, "backend", lambda: backend)
    monkeypatch.setattr(
        views.importlib.util, "find_spec", lambda name: installed or None
    )
    ways = ("auto", "tfdata", "arrays", "disk")
    assert {w for w in ways if views.decodes_by_pillow(w)} == pillow
