"""A classifier of some classes of its source."""

import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.jobs import evaluate
from fgkeras.jobs import train
from fgkeras.models import load_model
from fgkeras.runs.classifier.from_run import changes_from
from fgkeras.runs.classifier.sources import training_source
from fgkeras.training.reporter import SILENT
from tests.data.pictures import jpeg


def pictures(path, classes, start=0):
    for split in ("train", "test"):
        for name in classes:
            for i in range(4):
                place = path / split / name / f"{i}.jpg"
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(
                    jpeg(
                        seed=start + 31 * len(name) + 7 * (split == "test") + i
                    )
                )
    return f"folder:{path}"


@pytest.mark.slow
def test_a_classifier_of_listed_classes(tmp_path):
    names = ("a", "bb", "ccc", "dddd")
    (tmp_path / "list.txt").write_text("dddd\nbb\n")
    changes = {
        "data.source": pictures(tmp_path / "all", names),
        "data.classes": f"@{tmp_path / 'list.txt'}",
        "data.size": 16,
        "data.batch_size": 4,
        "evaluation.resamples": 0,
        "stages.first.tune": "head",
        "stages.first.train.epochs": 2,
        "stages.second.tune": "head",
        # The classes are those of the run there, too.
        "stages.second.data.source": pictures(tmp_path / "more", names, 900),
        "stages.second.train.epochs": 1,
    }
    config = Config.read(changes=changes)

    def run(path, **how):
        return train(config, tmp_path / path, reporter=SILENT, **how).folder

    through = run("through")
    assert through.classes()["class_names"] == ["bb", "dddd"]
    run("parts", until=("first", 1))
    # A class that is new since changes no number.
    pictures(tmp_path / "all", ["b"])
    parts = run("parts")
    for a, b in zip(
        load_model(through / "model.keras").get_weights(),
        load_model(parts / "model.keras").get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)
    (tmp_path / "list.txt").unlink()
    found, _ = evaluate(through.path, reporter=SILENT)
    assert (found["num_images"], found["num_classes"]) == (8, 2)
    assert found["top1"]["value"] == through.metrics()["top1"]["value"]
    # The very set, by its name, and what all else is said of.
    again, _ = evaluate(
        through.path,
        data=f"folder:{tmp_path / 'all'}",
        split="test",
        reporter=SILENT,
    )
    assert again["top1"] == found["top1"]
    assert "12 images of 3 classes" in again["notes"][0]
    with pytest.raises(ValueError, match="a run of some .*--classes @"):
        changes_from(through.path, {"data.source": "folder:more"})


def test_one_class_is_none_to_tell_apart(tmp_path):
    changes = {
        "data.source": "flora:species=3,images=4,size=16",
        "data.classes": "0:1",
    }
    with pytest.raises(ValueError, match="--classes 0:1 of .*Choose two or mo"):
        training_source(Config.read(changes=changes).resolved())
    # Where nothing was chosen, it is the folders that are missing.
    changes = {"data.source": pictures(tmp_path, ["a"])}
    with pytest.raises(ValueError, match="Expected one folder per class"):
        training_source(Config.read(changes=changes).resolved())
