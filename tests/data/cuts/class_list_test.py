"""A choice of classes by name, as a file."""

import pytest

from fgkeras.data.cuts.class_list import load_class_list
from fgkeras.data.cuts.class_list import save_class_list
from fgkeras.data.cuts.class_subset import chosen_again
from fgkeras.data.cuts.class_subset import chosen_classes
from tests.data.cuts.class_subset_test import source

NAMES = ("3", "a, b", "été", "#x")


def test_what_was_written_is_read_and_taken_by_name(tmp_path):
    path = tmp_path / "list.txt"
    save_class_list(path, NAMES[::-1])
    assert load_class_list(path) == [*NAMES[::-1]]
    # "3" is a name there, as are those with a comma.
    assert chosen_classes(f"@{path}", ["0", *NAMES]).tolist() == [1, 2, 3, 4]
    # By hand, as some editors save it.
    path.write_bytes(b"\xef\xbb\xbfa, b \r\n\r\n#x\r\n")
    assert load_class_list(path) == ["a, b", "#x"]


@pytest.mark.parametrize("names", [[], ["a", ""], ["a\nb"], [" a"], ["a\x85b"]])
def test_names_that_would_not_come_back_are_not_written(tmp_path, names):
    with pytest.raises(ValueError, match="a name a line"):
        save_class_list(tmp_path / "list.txt", names)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n \n", "no name in"),
        (b"a\nb\na\n", "'a' twice"),
        (b"\xff\xfe\x00", "no text"),
        (None, "No such file"),
    ],
)
def test_files_that_are_no_list(tmp_path, content, message):
    path = tmp_path / "list.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load_class_list(path)


def test_a_list_of_other_classes_is_refused(tmp_path):
    path = tmp_path / "list.txt"
    save_class_list(path, ["oak", "ellm"])
    with pytest.raises(ValueError, match="1 of 2 .*'ellm', meant is .*'elm'"):
        chosen_classes(f"@{path}", ["ash", "elm", "oak"])


def test_a_class_that_is_called_like_a_file_comes_first():
    assert chosen_classes("@oak", ["ash", "@oak"]).tolist() == [1]


def test_a_run_that_goes_on_holds_its_list_against_what_it_recorded(tmp_path):
    """Classes without an image in the split were never recorded."""
    path, text = tmp_path / "list.txt", f"@{tmp_path / 'list.txt'}"
    save_class_list(path, ["a", "c"])
    begun = chosen_again(source(), text, "train", None)
    assert begun.class_names == ("a", "c")
    assert chosen_again(source(), text, "train", ("c", "a")).class_names == (
        "c",
        "a",
    )
    # Of the test images all are of class c.
    assert chosen_again(source(), text, "test", ("c",)).num_classes == 1
    # A class whose images are gone is no change of the list.
    bare = source().select("train", [1, 2])
    assert chosen_again(bare, text, "train", ("a", "c")).num_classes == 2
    for names, changed in (
        (["a"], "c"),
        (["a", "b", "c"], "b"),
        (["a", "c", "no class"], "no class"),
    ):
        save_class_list(path, names)
        with pytest.raises(ValueError, match=f"another list.*'{changed}'"):
            chosen_again(source(), text, "train", ("a", "c"))
    path.unlink()
    assert chosen_again(source(), text, "train", ("a", "c")).num_classes == 2
    with pytest.raises(ValueError, match="1 of 2 are gone: d"):
        chosen_again(source(), text, "train", ("a", "d"))
