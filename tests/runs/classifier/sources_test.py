"""Tests for fgkeras.runs.classifier.sources."""

import pytest

from fgkeras.config import Config
from fgkeras.runs.classifier.sources import training_source

TABLE = "class,family\ncoot,rails\ncrow,crows\nrook,crows\n"


@pytest.fixture
def birds(tmp_path):
    for split in ("train", "test"):
        for name in ("coot", "crow", "rook"):
            path = tmp_path / split / name / "1.jpg"
            path.parent.mkdir(parents=True)
            path.write_bytes(b"not read here")
    (tmp_path / "classes.csv").write_text(TABLE)
    return f"folder:{tmp_path}"


def source_of(spec, **data):
    overrides = {f"data.{k}": v for k, v in data.items()}
    return training_source(
        Config.read(changes={"data.source": spec, **overrides})
    )


def test_classes_are_the_folders_or_a_column(birds):
    assert source_of(birds).class_names == ("coot", "crow", "rook")
    families = source_of(birds, label_column="family")
    assert families.class_names == ("crows", "rails")
    assert families.split("test").labels.tolist() == [1, 0, 0]
    with pytest.raises(ValueError, match="column='genus'"):
        source_of(birds, label_column="genus")


def test_sets_too_small_to_test_on_are_refused(birds, tmp_path):
    with pytest.raises(ValueError, match="images to test on.*data.holdout"):
        source_of(f"{birds}/train")
    one = tmp_path / "one" / "coot"
    one.mkdir(parents=True)
    for i in range(5):
        (one / f"{i}.jpg").write_bytes(b"not read here")
    with pytest.raises(ValueError, match="two classes.*with 1: coot"):
        source_of(f"folder:{one.parent}")
