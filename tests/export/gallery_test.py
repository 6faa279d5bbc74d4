import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgkeras.export import gallery as module
from fgkeras.export.gallery import Gallery
from fgkeras.export.gallery import read_gallery
from fgkeras.export.gallery import write_gallery


def unit(rng, *shape):
    rows = rng.normal(size=shape)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def gallery_of(vectors, classes=3):
    count = len(vectors)
    names = [f"class {i}" for i in range(classes)]
    labels = np.arange(count) % classes
    return Gallery(vectors, labels, names, [f"{i}.jpg" for i in range(count)])


@given(
    st.integers(0, 99), st.integers(1, 40), st.integers(1, 9), st.integers(1, 7)
)
def test_nearest_are_those_of_a_full_sort(seed, count, k, block):
    rng = np.random.default_rng(seed)
    # Few values, so that many cosines are equal.
    vectors = np.eye(4)[rng.integers(0, 4, count)]
    asked = unit(rng, 3, 4)
    module._BLOCK, before = block, module._BLOCK
    try:
        indices, found = gallery_of(vectors).nearest(asked, k)
    finally:
        module._BLOCK = before
    cosines = np.asarray(asked, "float32") @ vectors.T.astype("float32")
    expected = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    np.testing.assert_array_equal(indices, expected)
    np.testing.assert_array_equal(
        found, np.take_along_axis(cosines, expected, 1)
    )


def test_a_row_without_numbers_still_has_rows():
    vectors = unit(np.random.default_rng(0), 9, 4)
    indices, _ = gallery_of(vectors).nearest(np.full((1, 4), np.nan), 3)
    assert indices.shape == (1, 3)


def test_what_does_not_fit_is_named():
    rows = np.eye(2)
    for vectors, labels, ids, words in (
        (rows[0], [0], ["a"], "shape"),
        (rows, [0], ["a", "b"], "2 vectors"),
        (rows, [0, 1], ["a", "b"], "beyond the 1 classes"),
        (rows, [0, -1], ["a", "b"], "beyond"),
        (rows * 2, [0, 0], ["a", "b"], "row 0 of length 2"),
        (rows * np.nan, [0, 0], ["a", "b"], "row 0 of length nan"),
    ):
        with pytest.raises(ValueError, match=words):
            Gallery(vectors, labels, ["elm"], ids)
    with pytest.raises(ValueError, match="2 columns"):
        gallery_of(rows).nearest(np.eye(3), 1)
    with pytest.raises(ValueError, match="k=0"):
        gallery_of(rows).nearest(rows, 0)


def test_it_grows_by_known_and_by_new_classes():
    before = gallery_of(np.eye(3), 3)
    after = before.extended(np.eye(3)[:2], ["class 1", "云雀"], ["x", "y"])
    assert len(before) == 3
    assert after.class_names == (*before.class_names, "云雀")
    assert after.labels.tolist() == [0, 1, 2, 1, 3]
    assert after.ids[-2:] == ("x", "y")
    assert len(before.extended([], [], [])) == 3


def test_what_is_written_is_read(tmp_path):
    gallery = gallery_of(unit(np.random.default_rng(1), 5, 4))
    write_gallery(tmp_path, gallery)
    found = read_gallery(tmp_path)
    np.testing.assert_array_equal(found.vectors, gallery.vectors)
    assert found.labels.tolist() == gallery.labels.tolist()
    assert (found.class_names, found.ids) == (gallery.class_names, gallery.ids)
    assert found.vectors.dtype == np.float32


def test_a_damaged_one_is_named(tmp_path):
    write_gallery(tmp_path, gallery_of(np.eye(3)))
    path = tmp_path / "gallery" / "vectors.npy"
    whole = path.read_bytes()
    path.write_bytes(whole[:-8])
    with pytest.raises(ValueError, match="gallery"):
        read_gallery(tmp_path)
    path.write_bytes(whole)
    (tmp_path / "gallery" / "gallery.json").write_text('{"classes": []}')
    with pytest.raises(ValueError, match="gallery"):
        read_gallery(tmp_path)


def test_thumbnails_are_kept_of_the_rows_they_are_of(tmp_path):
    ids = ["a", "b", "c"]
    gallery = Gallery(np.eye(3), [0, 0, 0], ["elm"], ids, [b"one", b"two"])
    write_gallery(tmp_path, gallery)
    found = read_gallery(tmp_path)
    found = found.extended(np.eye(3)[:1], ["oak"], ["d"])
    shown = [found.thumbnail(name) for name in (*ids, "d", "e")]
    assert shown == [b"one", b"two", None, None, None]
    with pytest.raises(ValueError, match="4 thumbnails of 3 pictures"):
        Gallery(np.eye(3), [0, 0, 0], ["elm"], ids, [b"x"] * 4)
    path = tmp_path / "gallery" / "thumbnails.npz"
    np.savez(path, content=np.zeros(3, "uint8"), lengths=np.array([2, 2]))
    with pytest.raises(ValueError, match="those of its pictures"):
        read_gallery(tmp_path)
    path.write_bytes(b"cut")
    with pytest.raises(ValueError, match="gallery"):
        read_gallery(tmp_path)
