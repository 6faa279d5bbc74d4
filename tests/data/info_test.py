import json
import pathlib

import numpy as np
import pytest
from PIL import Image

from fgkeras.cli.main import main
from fgkeras.data.info import describe
from fgkeras.data.open import open as open_source
from fgkeras.data.sources.folder import FolderSource
from fgkeras.data.sources.images import ImagesSource
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split
from fgkeras.data.sources.zip import ZipSource
from tests.data import pictures

REAL = pathlib.Path(__file__).parents[3] / "shared" / "data"


def test_faults_of_a_folder_are_found(tmp_path):
    pictures.write_tree(
        tmp_path,
        ["train/a/1.jpg", "train/a/2.jpg", "train/b/1.jpg", "test/b/2.jpg"],
    )
    jpeg = pictures.jpeg(0)
    for name, data in {
        "train/a/same.jpg": jpeg,
        "test/b/leak.jpg": jpeg,
        "test/a/turned.jpg": pictures.rotated_jpeg(6, pictures.pixels(10, 50)),
        "test/a/cut.jpg": pictures.jpeg(7)[:-200],
        "test/a/huge.png": pictures.huge_png(),
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    found = json.loads(json.dumps(describe(FolderSource(tmp_path))))
    assert found["splits"]["train"] == {
        "images": 4,
        "classes": 2,
        "counts": [3, 1],
        "unlabelled": 0,
        "columns": [],
    }
    images = found["images"]
    assert {row["id"] for row in images["bad"]} == {
        "test/a/cut.jpg",
        "test/a/huge.png",
    }
    assert images["rotated"] == 1
    assert images["formats"] == {"jpeg": 7}
    assert images["width"] == {"min": 10, "median": 32.0, "max": 32}
    assert images["height"]["max"] == 50
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert images["bytes"] == sum(p.stat().st_size for p in files)
    groups = images["duplicates"]
    for kind in ("within_splits", "between_splits", "with_different_labels"):
        (group,) = groups[kind]
        assert {row["id"] for row in group} == {
            "train/a/1.jpg",
            "train/a/same.jpg",
            "test/b/leak.jpg",
        }
    assert {row["class"] for row in group} == {"a", "b"}


def test_kinds_of_duplicates_are_told_apart(tmp_path):
    jpeg = pictures.jpeg
    for name, seed in {
        "train/a/1.jpg": 1,
        "train/a/2.jpg": 1,
        "train/b/3.jpg": 2,
        "test/b/4.jpg": 2,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(seed))
    groups = describe(FolderSource(tmp_path))["images"]["duplicates"]
    assert {k: len(v) for k, v in groups.items()} == {
        "within_splits": 1,
        "between_splits": 1,
        "with_different_labels": 0,
    }


def test_balance_of_the_training_split():
    counts = [500, 101, 100, 20, 19, 1, 0]
    labels = np.repeat(np.arange(7), counts)
    split = Split(tuple(map(str, range(len(labels)))), labels)
    test = Split(("t",), np.array([6]))
    names = [f"c{n}" for n in counts]
    source = Source(
        "x", names, {"train": split, "test": test}, {"p": "uvuvuvu"}
    )
    found = describe(source, check_images=False)
    assert found["images"] is None
    assert found["hierarchy"] == {"p": 2}
    assert found["balance"] == {
        "split": "train",
        "largest": 500,
        "smallest": 1,
        "imbalance_factor": 500.0,
        "head": ["c500", "c101"],
        "medium": ["c100", "c20"],
        "tail": ["c19", "c1"],
        "absent": ["c0"],
    }


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason="needs the shared data")
def test_known_duplicates_of_cifar100():
    source = ZipSource(REAL / "cifar100" / "cifar100.zip")
    duplicates = describe(source)["images"]["duplicates"]
    assert len(duplicates["between_splits"]) == 10


def test_pictures_without_classes_are_described(tmp_path, capsys):
    pictures.write_tree(tmp_path, ["trip/1.jpg", "trip/day/2.jpg", "3.jpg"])
    (tmp_path / "4.jpg").write_bytes(pictures.jpeg(0))
    assert main(["data", "info", f"images:{tmp_path}"]) in (0, None)
    shown = " ".join(capsys.readouterr().out.split())
    assert "all images 4 in 0 classes, 4 without one" in shown
    assert "class sizes" not in shown
    assert "duplicates within splits 1" in shown
    found = describe(ImagesSource(tmp_path))
    assert found["splits"]["all"] == {
        "images": 4,
        "classes": 0,
        "counts": [],
        "unlabelled": 4,
        "columns": [],
    }
    (group,) = found["images"]["duplicates"]["within_splits"]
    assert [row["class"] for row in group] == [None, None]
    assert not found["images"]["duplicates"]["with_different_labels"]


def test_columns_and_notes_are_shown(tmp_path, capsys):
    for name, table in (("a", "family"), ("b", "order")):
        pictures.write_tree(tmp_path / name, ["elm/1.jpg", "oak/1.jpg"])
        text = f"class,{table}\nelm,u\noak,v\n"
        (tmp_path / name / "classes.csv").write_text(text)
    (tmp_path / "list.csv").write_text(
        "path,label,licence,ymin,xmin,ymax,xmax\na/elm/1.jpg,elm,CC0,0,0,1,1\n"
    )
    main(["data", "info", f"csv:{tmp_path}/list.csv"])
    assert "licence, boxes" in capsys.readouterr().out
    main(["data", "info", f"{tmp_path}/a+{tmp_path}/b"])
    shown = capsys.readouterr().out
    assert "note: The parents `family` of the classes are left out: b" in shown
    assert "hierarchy" not in shown


def test_a_copy_without_a_class_has_no_other_label(tmp_path):
    for name in ("photos/elm/1.jpg", "photos/oak/2.jpg", "more/1.jpg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pictures.jpeg("2" in name))
    source = open_source(
        f"folder:{tmp_path}/photos+images:{tmp_path}/more", needs=("images",)
    )
    groups = describe(source)["images"]["duplicates"]
    (group,) = groups["within_splits"]
    assert [row["class"] for row in group] == ["elm", None]
    assert groups["with_different_labels"] == []


def test_transparent_pictures_are_counted(tmp_path, capsys):
    pictures.write_tree(tmp_path, ["a/1.jpg", "b/1.jpg"])
    for alpha in (254, 255):
        image = Image.new("RGBA", (8, 8), (1, 2, 3, alpha))
        data = pictures.encoded(image, "PNG")
        (tmp_path / "a" / f"{alpha}.png").write_bytes(data)
    found = describe(FolderSource(tmp_path))["images"]
    assert found["transparent"] == 1
    assert main(["data", "info", f"folder:{tmp_path}"]) == 0
    assert "1, laid on white" in capsys.readouterr().out
