import numpy as np
import pytest

from fgkeras.export import load_exported
from fgkeras.serving.served_version import ServedVersion
from fgkeras.serving.served_version import UndecodedPicture
from fgkeras.serving.served_version import encoded_rows
from fgkeras.serving.served_version import pixels_of
from tests.export.conftest import picture
from tests.serving.conftest import NAMES

# An export is made and loaded; `rest_test.py` asks one by default.
pytestmark = pytest.mark.slow


def test_a_version_embeds_and_says_what_it_does_not_decode(
    versions, gallery_export
):
    version = versions.get()
    pictures = [picture(0), picture(1)]
    expected = load_exported(gallery_export).run("embed", pictures)
    found = version.embed(pictures)
    np.testing.assert_allclose(found, expected["embedding"], atol=1e-6)
    assert version.embed([]).shape == (0, 6)
    with pytest.raises(UndecodedPicture, match="picture 1"):
        version.embed([pictures[0], b"x", b"y"])


def test_it_knows_its_classes_signatures_and_gallery(versions):
    version = versions.get()
    assert version.class_names == tuple(NAMES)
    assert set(version.signatures) == {
        "serving_default",
        "probabilities",
        "embed",
        "serve_tensor",
        "serve_uint8",
    }
    assert version.gallery.class_names == ("elm", "oak")


def test_a_changed_file_is_not_loaded(copy):
    path = copy / "saved_model" / "1"
    with open(path / "gallery" / "gallery.json", "a") as file:
        file.write(" ")
    with pytest.raises(ValueError, match=r"gallery\.json \(changed\)"):
        ServedVersion(path, 1)


def test_pixels_are_those_of_the_header():
    assert pixels_of(picture(0, width=60, height=45)) == 2700
    assert pixels_of(picture(0, "PNG")) == 2700
    assert pixels_of(picture(0, "GIF")) == 2700
    assert pixels_of(picture(0)[:20]) == 0
    assert encoded_rows([b"a\0", b""]).tolist() == [b"a\0", b""]
