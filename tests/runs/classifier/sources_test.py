"""Tests for fgkeras.runs.classifier.sources."""

import types

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
        Config.read(changes={"data.source": spec, **overrides}).resolved()
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


def test_a_share_of_train_is_held_back_where_there_is_no_test(tmp_path):
    names = [f"{c}/{i}.jpg" for c in ("coot", "crow") for i in range(10)]
    train = [f"train/{name}" for name in names]
    val = [f"val/{c}/{i}.jpg" for c in ("coot", "crow") for i in range(3)]
    both = source_of(write(tmp_path / "both", train + val))
    assert both.counts("train").tolist() == [8, 8]
    assert both.counts("test").tolist() == [2, 2]
    assert both.counts("val").tolist() == [3, 3]
    assert set(both.split("train").ids + both.split("test").ids) == set(train)
    alone = source_of(write(tmp_path / "alone", train), holdout=0.5)
    assert alone.counts("test").tolist() == [5, 5]
    # What is asked for by name is taken.
    asked = source_of(f"folder:{tmp_path}/both", test_split="val")
    assert asked.counts("train").tolist() == [10, 10]
    with pytest.raises(ValueError, match="no test split"):
        source_of(f"folder:{tmp_path}/both", test_split="val", holdout=0.5)
    joined = source_of(f"folder:{tmp_path}/both", train_split="train+val")
    assert joined.counts("train+val").tolist() == [11, 11]


def test_numbered_folders_are_in_number_order(tmp_path):
    names = [f"{c}/{i}.jpg" for c in range(12) for i in range(4)]
    spec = write(tmp_path / "x", names)
    source = source_of(spec)
    assert source.class_names == tuple(map(str, range(12)))
    before = tuple(sorted(map(str, range(12))))
    kept = types.SimpleNamespace(class_names=before, test_class_names=before)
    config = Config.read(
        changes={"data.source": spec, "data.cut": "exponential:3"}
    )
    again = training_source(config.resolved(), kept)
    assert again.class_names == before
    assert again.counts("train").argmax() == 0
    assert again.counts("train")[before.index("9")] == 1
    for name in ("train", "test"):
        part = again.split(name)
        for image_id, label in zip(part.ids, part.labels, strict=True):
            assert image_id.split("/")[0] == before[label]


def test_a_cut_that_empties_classes_says_so(tmp_path):
    spec = write(
        tmp_path / "x",
        [f"{c}/{i}.jpg" for c in "abcdefgh" for i in range(5)],
    )
    with pytest.raises(ValueError, match="without one: .*") as caught:
        source_of(spec, cut="exponential:20", holdout=0.2)
    text = str(caught.value)
    assert "The cut exponential leaves" in text
    assert "exponential:4." in text
    assert "Remove these" not in text
    assert source_of(spec, cut="exponential:4").counts("train").min() == 1


def test_a_column_that_looks_like_a_split_is_not_passed_over(tmp_path):
    write(tmp_path, [f"{i}.jpg" for i in range(8)])
    rows = [f"{i}.jpg,{'ab'[i % 2]},{int(i < 6)}" for i in range(8)]
    (tmp_path / "l.csv").write_text("\n".join(["path,label,is_train", *rows]))
    with pytest.raises(ValueError, match="'is_train' looks like one"):
        source_of(f"csv:{tmp_path}/l.csv")
    named = source_of(f"csv:{tmp_path}/l.csv?split=is_train")
    assert named.counts("train").tolist() == [3, 3]
    assert named.counts("test").tolist() == [1, 1]
    none = source_of(f"csv:{tmp_path}/l.csv?split=none", holdout=0.5)
    assert none.counts("train").tolist() == [2, 2]
