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


def write(root, names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"not read here")
    return f"folder:{root}"


@pytest.fixture
def split_birds(tmp_path):
    """Two classes with three splits: four, two and two images of each."""
    return write(
        tmp_path / "birds",
        [
            f"{split}/{name}/{i}.jpg"
            for split, count in (("train", 4), ("val", 2), ("test", 2))
            for name in ("coot", "crow")
            for i in range(count)
        ],
    )


def test_several_splits_are_trained_on(split_birds):
    source = source_of(split_birds, train_split="train+val")
    assert source.counts("train+val").tolist() == [6, 6]
    assert source.counts("test").tolist() == [2, 2]
    with pytest.raises(ValueError, match="split='dev' in 'train.dev'"):
        source_of(split_birds, train_split="train+dev")
    with pytest.raises(ValueError, match="data.test_split='dev'"):
        source_of(split_birds, test_split="dev")


def test_what_is_trained_on_is_not_tested_on(split_birds):
    source = source_of(split_birds, test_split="*")
    trained = set(source.split("train").ids)
    assert len(trained) == 8
    assert len(source.split("*")) == 8
    assert not trained & set(source.split("*").ids)
    with pytest.raises(ValueError, match="all trained on"):
        source_of(split_birds, train_split="*")


def test_a_cut_takes_nothing_from_the_test(split_birds):
    source = source_of(split_birds, test_split="val+test", cut="cap:1")
    assert source.counts("train").tolist() == [1, 1]
    assert source.counts("val+test").tolist() == [4, 4]
    # What is cut away from the training may be tested on.
    source = source_of(split_birds, test_split="*", cut="cap:1")
    assert source.counts("*").tolist() == [7, 7]


def test_a_list_of_ids_is_trained_on(split_birds, tmp_path):
    listed = ["train/crow/3.jpg", "train/coot/0.jpg", "train/crow/0.jpg"]
    (tmp_path / "ids.txt").write_text("\n".join(listed))
    source = source_of(split_birds, cut=f"ids:{tmp_path}/ids.txt")
    assert source.split("train").ids == tuple(listed)
    assert source.counts("train").tolist() == [1, 2]


def test_images_without_a_class_are_refused(tmp_path):
    spec = "flora:species=3,images=4,test=2,size=16,distractors=5"
    for split, named in (
        ("train+distractors", {"train_split": "train+distractors"}),
        ("distractors", {"test_split": "distractors"}),
    ):
        with pytest.raises(ValueError, match="needs a class") as error:
            source_of(spec, **named)
        assert f"{split!r}" in str(error.value)
        assert "5 images without one" in str(error.value)
    write(tmp_path / "pictures", ["a/1.jpg"])
    with pytest.raises(ValueError, match="no class.*CLASS folders"):
        source_of(f"images:{tmp_path}/pictures")


def test_joined_sources_all_have_splits_or_say_so(split_birds, tmp_path):
    more = write(
        tmp_path / "more", [f"crow/{i}.jpg" for i in range(3)] + ["rook/0.jpg"]
    )
    both = f"{split_birds}+{more}"
    with pytest.raises(ValueError, match="`all` would not be used.*train.all"):
        source_of(both)
    source = source_of(both, train_split="train+all")
    assert source.class_names == ("coot", "crow", "rook")
    assert source.counts("train+all").tolist() == [4, 7, 1]
    # Without splits in any a share of every class is held back.
    other = write(tmp_path / "other", [f"coot/{i}.jpg" for i in range(5)])
    source = source_of(f"{more}+{other}")
    assert source.counts("train").tolist() == [2, 1, 4]
    assert source.counts("test").tolist() == [1, 0, 1]
