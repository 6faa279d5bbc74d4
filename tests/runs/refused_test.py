"""Images that skip_bad leaves out are listed, whatever left them out."""

import pytest

from fgkeras.runs.classifier.task import ClassifierTask
from fgkeras.runs.embedding.task import EmbeddingTask
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.roles import Roles
from fgkeras.training.reporter import SILENT
from tests.data import pictures
from tests.runs.fitting import fitting


@pytest.fixture
def tree(tmp_path):
    folder = pictures.write_tree(
        tmp_path / "birds",
        [f"{c}/{i}.jpg" for c in ("wren", "robin") for i in range(6)],
    )
    whole = (folder / "wren" / "1.jpg").read_bytes()
    (folder / "wren" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "robin" / "1.exe").write_text("mine")
    return folder


def config(tree, way, **options):
    return fitting(
        {
            "data.source": f"folder:{tree}",
            "data.skip_bad": True,
            "data.holdout": 0.5,
            "data.size": 32,
            "data.input": way,
            "model.backbone": "small_cnn",
            **options,
        }
    )


def run_folder(path):
    path.mkdir()
    return RunFolder(path)


@pytest.mark.parametrize("way", ["tfdata", "disk", "arrays"])
def test_a_classifier_lists_what_opening_left_out(tree, tmp_path, way):
    chosen = config(tree, way, **{"data.augmentation": "none"})
    run = ClassifierTask(
        chosen,
        run_folder(tmp_path / "run"),
        Roles.opened(chosen),
        reporter=SILENT,
    )
    names = [name for name, _ in run.train.refused + run.test.refused]
    assert sorted(names) == ["robin/1.exe", "wren/cut.jpg"]
    assert len(run.train) + len(run.test) == 12


@pytest.mark.parametrize("other", [False, True])
def test_an_embedding_lists_those_of_each_source_once(tree, tmp_path, other):
    options = {"method.name": "triplet"}
    expected = ["robin/1.exe", "wren/cut.jpg"]
    if other:
        second = pictures.write_tree(
            tmp_path / "others", [f"tit/{i}.jpg" for i in range(3)]
        )
        for i in range(3):
            (second / "tit" / f"{i}.jpg").write_bytes(pictures.jpeg(90 + i))
        (second / "tit" / "text.jpg").write_text("hello")
        options["data.test_source"] = f"folder:{second}"
        options["data.test_split"] = "all"
        expected.append("tit/text.jpg")
    chosen = config(tree, "tfdata", **options)
    run = EmbeddingTask(
        chosen,
        run_folder(tmp_path / "run"),
        Roles.opened(chosen),
        reporter=SILENT,
    )
    names = [name for name, _ in run.train.refused + run.test.refused]
    assert sorted(names) == sorted(expected)
