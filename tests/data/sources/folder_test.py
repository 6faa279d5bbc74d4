import subprocess
import sys

import pytest

from fgkeras.data.sources.folder import FolderSource
from tests.data import pictures


def test_a_folder_is_read(tmp_path):
    names = ["train/a/1.jpg", "train/b/1.jpg", "test/b/1.jpg"]
    pictures.write_tree(tmp_path, names)
    (tmp_path / "classes.csv").write_text("class,kind\nb,x\na,y\n")
    (tmp_path / ".cache").mkdir()
    source = FolderSource(tmp_path)
    assert source.class_names == ("a", "b")
    assert source.hierarchy == {"kind": ("y", "x")}
    assert source.counts("train").tolist() == [1, 1]
    assert source.counts("test").tolist() == [0, 1]
    assert source.read("test/b/1.jpg") == pictures.jpeg(2)


def test_an_empty_class_folder_is_named_or_listed(tmp_path):
    pictures.write_tree(tmp_path, ["a/1.jpg"])
    (tmp_path / "void").mkdir()
    with pytest.raises(ValueError, match="void: it is a class folder without"):
        FolderSource(tmp_path)
    source = FolderSource(tmp_path, skip_bad=True)
    assert source.class_names == ("a",)
    assert [file for file, _ in source.refused] == ["void"]


def test_a_wrong_path_says_what_is_expected(tmp_path):
    with pytest.raises(ValueError, match="there is nothing. Expected CLASS/"):
        FolderSource(tmp_path / "nowhere")
    file = tmp_path / "a.jpg"
    file.write_bytes(b"")
    with pytest.raises(ValueError, match="there is a file"):
        FolderSource(file)


def test_two_classes_of_one_name_are_refused(tmp_path):
    pictures.write_tree(tmp_path, ["Oak/1.jpg", "oak/1.jpg"])
    with pytest.raises(ValueError, match="'Oak' and 'oak'"):
        FolderSource(tmp_path)


def test_a_link_in_a_circle_is_refused(tmp_path):
    pictures.write_tree(tmp_path, ["a/1.jpg"])
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    with pytest.raises(ValueError, match="too deep"):
        FolderSource(tmp_path)


def test_sources_open_without_tensorflow(tmp_path):
    pictures.write_tree(tmp_path / "x", ["a/1.jpg"])
    code = (
        "import sys\n"
        "for name in ('tensorflow', 'keras', 'tensorflow_datasets'):\n"
        "    sys.modules[name] = None\n"
        "from fgkeras.data.open import open\n"
        "from fgkeras.data.info import describe\n"
        "import fgkeras.data.sources.tfds, fgkeras.data.catalogue\n"
        "import fgkeras.data.sources.zip, fgkeras.data.sources.csv\n"
        f"print(describe(open({str(tmp_path / 'x')!r}))['images']['bytes'])\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert out.stdout.strip() == str(len(pictures.jpeg(0))), out.stderr
