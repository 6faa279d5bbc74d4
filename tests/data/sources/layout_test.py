import unicodedata

import pytest

from fgkeras.data.sources.layout import layout


def test_splits_may_have_other_classes():
    found = layout(
        "x",
        [
            "Validation/b/2.jpg",
            "train/b/1.png",
            "train/a/1.jpg",
            "test/c/1.JPG",
        ],
    )
    assert found.class_names == ("a", "b", "c")
    assert list(found.splits) == ["train", "val", "test"]
    assert found.splits["train"].ids == ("train/a/1.jpg", "train/b/1.png")
    assert found.splits["val"].labels.tolist() == [1]
    assert found.splits["test"].labels.tolist() == [2]


def test_a_class_may_be_called_train():
    found = layout("x", ["train/1.jpg", "bus/1.jpg"])
    assert found.class_names == ("bus", "train")
    assert list(found.splits) == ["all"]


def test_clutter_and_an_outer_folder_are_seen_through():
    found = layout(
        "x",
        [
            "birds/train/a/1.jpg",
            "birds/train/a/.DS_Store",
            "birds/train/a/Thumbs.db",
            "birds/README.txt",
            "birds/classes.csv",
            "__MACOSX/birds/train/a/._1.jpg",
        ],
        ["birds", "birds/train", "birds/train/a", "__MACOSX", "birds/.git"],
    )
    assert found.splits["train"].ids == ("birds/train/a/1.jpg",)
    assert found.refused == []


@pytest.mark.parametrize(
    ("files", "folders", "message"),
    [
        ([], [], "Received: no file"),
        ([], ["a", "b"], r"only the folders \['a', 'b'\]"),
        (["a/x.txt"], ["a"], "Received: no file"),
        (["1.jpg"], [], "outside any class folder"),
        (["a/1.jpg", "b/c/1.jpg"], [], "b/c/1.jpg: it lies too deep"),
        (["a/1.jpg", "a/2.heic"], [], "a/2.heic: HEIC and AVIF are not"),
        (["a/1.jpg", "a/script.exe"], [], "a/script.exe"),
        (["a/1.jpg"], ["a", "b"], "Received: b: .* without an image"),
        (
            ["train/a/1.jpg"],
            ["train/a", "test/b"],
            "test/b: .* without",
        ),
        (["train/1.jpg", "test/1.jpg"], [], "images without a class"),
        (["train/a/1.jpg", "extra/1.jpg"], [], r"\['train'\] beside"),
        (["val/a/1.jpg", "valid/a/1.jpg"], [], r"\['val', 'valid'\]"),
        (["Oak/1.jpg", "oak/1.jpg"], [], "'Oak' and 'oak'"),
        (["train/Oak/1.jpg", "test/oak/1.jpg"], [], "'Oak' and 'oak'"),
        (["straße/1.jpg", "STRASSE/1.jpg"], [], "'STRASSE' and 'straße'"),
        (["a/1.jpg", "a/\udcff.jpg"], [], "not valid UTF-8"),
    ],
)
def test_other_layouts_are_refused(files, folders, message):
    with pytest.raises(ValueError, match=message):
        layout("x", files, folders)


def test_one_name_in_two_unicode_forms_is_refused():
    names = [unicodedata.normalize(form, "é") for form in ("NFC", "NFD")]
    with pytest.raises(ValueError, match=r"'\\xe9', 'e\\u0301'|'e\\u0301'"):
        layout("x", [f"{name}/1.jpg" for name in names])


def test_skipping_lists_what_is_left_out():
    found = layout(
        "x",
        ["a/1.jpg", "a/2.heic", "c/1.exe", "loose.jpg", "a/b/deep.jpg"],
        ["a", "a/b", "b", "c"],
        skip_bad=True,
    )
    assert found.class_names == ("a",)
    reasons = dict(found.refused)
    assert set(reasons) == {
        "a/2.heic",
        "c/1.exe",
        "loose.jpg",
        "a/b/deep.jpg",
        "b",
        "c",
    }
    assert "without an image" in reasons["b"]
    with pytest.raises(ValueError, match="none among 1 files"):
        layout("x", ["a/1.exe"], ["a"], skip_bad=True)
