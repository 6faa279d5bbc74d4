"""The sources of an embedding: no image twice, none of the trained ones."""

import pytest

from fgkeras.config import Config
from fgkeras.data.open import open as open_source
from fgkeras.runs.embedding.sources import embedding_sources

TABLE = "class,family\ncoot,rails\ncrow,crows\nrook,crows\nrail,rails\n"
NAMES = ("coot", "crow", "rail", "rook")


@pytest.fixture(params=["folder", "splits", "csv"])
def photos(request, tmp_path):
    """Four classes of five images, with and without split folders."""
    root = tmp_path / "set"
    lines = ["path,label"]
    for name in NAMES:
        for i in range(5):
            split = "test" if i > 2 else "train"
            inner = f"{split}/{name}" if request.param == "splits" else name
            path = root / "photos" / inner / f"{name}{i}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"not read here")
            lines.append(f"photos/{inner}/{name}{i}.jpg,{name}")
    (root / "classes.csv").write_text(TABLE)
    if request.param == "csv":
        (root / "list.csv").write_text("\n".join(lines))
        return f"csv:{root}/list.csv"
    (root / "photos" / "classes.csv").write_text(TABLE)
    return f"folder:{root}/photos"


def opened(spec, **data):
    config = Config.read(
        changes={
            "data.source": spec,
            "method.name": "contrastive",
            **{f"data.{k}": v for k, v in data.items()},
        }
    )
    return embedding_sources(config)


@pytest.mark.parametrize("train_split", ["train", "*"])
def test_no_image_is_tested_twice(photos, train_split):
    train, test, closed = opened(
        photos,
        classes="0:2",
        test_classes="2:4",
        test_split="*",
        train_split=train_split,
    )
    assert not closed
    ids = test.split("*").ids
    assert len(ids) == len(set(ids)) == 10
    ids = train.split(train_split).ids
    assert len(ids) == len(set(ids))
    assert len(ids) == (10 if train_split == "*" else len(ids))


def test_a_closed_set_is_not_tested_on_what_it_trained_on(photos):
    train, test, closed = opened(photos, test_split="*")
    assert closed
    trained = set(train.split("train").ids)
    assert trained
    assert not trained & set(test.split("*").ids)
    assert len(trained) + len(test.split("*")) == 20
    with pytest.raises(ValueError, match="all trained on.*--test-split"):
        opened(photos, train_split="*", test_split="*")
    with pytest.raises(ValueError, match="all trained on.*--test-split"):
        opened(photos, train_split="train", test_split="train")


def test_another_source_is_tested_whole(photos, tmp_path):
    for name in ("auk", "gull"):
        for i in range(2):
            path = tmp_path / "more" / name / f"{i}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"not read here")
    _, test, closed = opened(
        photos, test_source=f"folder:{tmp_path}/more", test_split="*"
    )
    assert not closed
    assert len(test.split("*")) == 4


def test_labels_of_a_column_or_an_error(photos, tmp_path):
    train, _, _ = opened(photos, label_column="family")
    assert train.class_names == ("crows", "rails")
    with pytest.raises(ValueError, match="column='genus'"):
        opened(photos, label_column="genus")
    path = tmp_path / "more" / "auk"
    path.mkdir(parents=True)
    (path / "1.jpg").write_bytes(b"")
    with pytest.raises(ValueError, match="column='family'"):
        opened(
            photos,
            label_column="family",
            test_source=f"folder:{tmp_path}/more",
            test_split="*",
        )


def test_images_without_a_class_are_refused():
    spec = "flora:species=3,images=4,test=2,size=16,distractors=5"
    for split in ("train_split", "test_split"):
        with pytest.raises(ValueError, match=f"needs a class.*{split}=.[*]"):
            opened(spec, **{split: "*"})
    # A choice of classes leaves them out.
    train, test, _ = opened(
        spec, classes="0:2", test_classes="2:3", test_split="*"
    )
    assert "distractors" not in str(test.split("*").ids)
    assert test.class_names not in train.class_names


def test_several_splits_are_one():
    spec = "flora:species=3,images=4,val=2,test=2,size=16,imbalance=1"
    train, test, closed = opened(spec, train_split="train+val", cut="cap:5")
    assert closed
    assert train.counts("train+val").tolist() == [5, 5, 5]
    assert test.counts("test").tolist() == [2, 2, 2]


def test_all_images_stand_in_the_order_of_the_source(photos):
    # Also where a share was held out of them, which names them twice.
    _, test, _ = opened(
        photos, train_split="train", classes="0:2", test_classes="2:4",
        test_split="*",
    )  # fmt: skip
    found = test.split("*").ids
    whole = open_source(photos).split("*").ids
    assert list(found) == [i for i in whole if i in set(found)]


def test_classes_are_chosen_by_name_too(photos):
    train, test, closed = opened(
        photos, classes="rail,0", test_classes="crow,rook", test_split="*"
    )
    assert set(train.class_names) == {"coot", "rail"}
    assert set(test.class_names) == {"crow", "rook"}
    assert not closed
    with pytest.raises(ValueError, match="'coott'.*perhaps 'coot'"):
        opened(photos, classes="coott,crow")


def test_train_alone_is_held_back_for_a_closed_test(tmp_path):
    for name in NAMES:
        for i in range(10):
            path = tmp_path / "train" / name / f"{i}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"not read here")
    train, test, closed = opened(f"folder:{tmp_path}")
    assert closed
    assert train.counts("train").tolist() == [8] * 4
    assert test.counts("test").tolist() == [2] * 4
    with pytest.raises(ValueError, match="data.test_split='test'"):
        opened(f"folder:{tmp_path}", classes="0:2", test_classes="2:4")
