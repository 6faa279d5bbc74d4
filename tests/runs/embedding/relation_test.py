"""Tests for fgkeras.runs.embedding.relation."""

import keras
import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.jobs import train
from fgkeras.mining import SameParent
from fgkeras.mining import SharedAncestors
from fgkeras.runs.embedding.feature_training import train_on_features
from fgkeras.runs.embedding.relation import pair_relation_of
from fgkeras.runs.embedding.relation import sampled_parents
from fgkeras.runs.embedding.relation import used_parents
from fgkeras.runs.roles import Roles
from fgkeras.training.reporter import SILENT

TREE = {"family": list("xxyy"), "genus": list("aabc")}
TINY = {
    "train.mode": "frozen",
    "train.epochs": 2,
    "method.dim": 4,
    "data.batch_size": 8,
}


def config_of(positives, method="lifted", **changes):
    names = {"method.name": method, "method.positives": positives}
    return Config.read(changes={**TINY, **names, **changes}).resolved()


def photos_in(folder):
    """Four classes of pictures, without parents."""
    pixels = np.random.default_rng(0).integers(0, 256, (16, 32, 32, 3))
    for i, image in enumerate(pixels):
        place = folder / f"class{i % 4}" / f"{i}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        keras.utils.save_img(place, image, scale=False)
    return folder


def put(folder, genera):
    """Says which genus each class is of."""
    rows = [f"class{i},{genus}" for i, genus in enumerate(genera)]
    text = "\n".join(["class,genus", *rows])
    (folder / "classes.csv").write_text(text, "utf-8")


def config_of_photos(folder, **option):
    changes = {
        **TINY,
        "data.source": str(folder),
        "data.size": 32,
        "data.holdout": 0.5,
        "model.backbone": "small_cnn",
        "method.name": "contrastive",
        "evaluation.resamples": 0,
        **option,
    }
    return Config.read(changes=changes).resolved()


def test_words_and_columns():
    assert pair_relation_of(config_of("class"), TREE) is None
    for word, column in (("parent", "genus"), ("family", "family")):
        relation = pair_relation_of(config_of(word), TREE)
        assert isinstance(relation, SameParent)
        assert relation.parents == TREE[column]
    graded = pair_relation_of(config_of("graded"), TREE)
    assert isinstance(graded, SharedAncestors)
    assert graded.levels == list(TREE.values())


def test_parents_that_are_used_by_any_stage():
    assert used_parents(config_of("class"), TREE) == {}
    assert used_parents(config_of("graded"), TREE) == TREE
    both = config_of("family", **{"data.sampler": "pk_parents"})
    expected = {"family": TREE["family"], "parent": TREE["genus"]}
    assert used_parents(both, TREE) == expected


def test_what_there_is_not_is_refused():
    with pytest.raises(
        ValueError, match="order; the training .* family, genus"
    ):
        pair_relation_of(config_of("order"), TREE)
    for word in ("parent", "graded", "genus"):
        with pytest.raises(
            ValueError, match=f"positives={word} with classes th"
        ):
            pair_relation_of(config_of(word), {})
    with pytest.raises(ValueError, match="triplet-hard chooses its positives"):
        config_of("graded", method="triplet-hard")
    for method in ("proxy-nca", "triplet-m", "hdml-npair", "softmax"):
        with pytest.raises(ValueError, match="positives` does nothing"):
            Config.read(
                changes={"method.name": method, "method.positives": "parent"}
            ).resolved()


@pytest.mark.slow
def test_a_training_by_parents_pulls_them_together():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), 8)
    features = np.eye(6)[labels] + 0.1 * rng.normal(size=(32, 6))

    def apart(positives):
        config = config_of(
            positives,
            method="contrastive",
            **{"method.start": "random", "train.learning_rate": 0.02},
        ).with_options({"train.epochs": 30})
        found = train_on_features(features, labels, config, hierarchy=TREE)
        centers = [found.embed(features[labels == c]).mean(0) for c in range(3)]
        cousins = np.linalg.norm(centers[0] - centers[1])
        return cousins / np.linalg.norm(centers[0] - centers[2])

    by_class, graded, by_parent = map(apart, ("class", "graded", "genus"))
    assert by_parent < graded < by_class
    assert by_parent < 0.5 * by_class


@pytest.mark.slow
def test_a_run_of_classes_with_parents(tmp_path, monkeypatch):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    source = "flora:species=6,images=8,test=4,imbalance=1,size=32,seed=3"
    changes = {**TINY, "data.source": source, "data.size": 32}
    changes |= {"method.name": "multi-similarity", "evaluation.resamples": 0}
    folders = {}
    for positives in ("class", "genus", "graded"):
        config = Config.read(
            changes={**changes, "method.positives": positives}
        ).resolved()
        out = tmp_path / positives
        folders[positives], metrics = train(config, out, reporter=SILENT)
        assert metrics["retrieval"]["num_queries"] == 24
    embeddings = [
        np.load(f / "embeddings.npz")["embeddings"] for f in folders.values()
    ]
    assert not np.allclose(embeddings[0], embeddings[1], atol=1e-4)
    assert not np.allclose(embeddings[0], embeddings[2], atol=1e-4)


@pytest.mark.parametrize(
    ("option", "match"),
    [
        ({"method.positives": "tribe"}, "positives=tribe; the training .* gen"),
        ({"method.positives": "genus"}, "positives=genus with classes that h"),
        ({"data.sampler": "pk_parents"}, "pk_parents with classes that have"),
    ],
)
def test_missing_parents_are_refused_before_images_are_read(
    tmp_path, monkeypatch, option, match
):
    def read(*args):
        raise AssertionError("images were read")

    monkeypatch.setattr(Roles, "read", read)
    photos = photos_in(tmp_path / "photos")
    if "tribe" in option.values():
        put(photos, "aabb")
    with pytest.raises(ValueError, match=match):
        train(config_of_photos(photos, **option), tmp_path / "run")


@pytest.mark.slow
@pytest.mark.parametrize(
    "option", [{"method.positives": "genus"}, {"data.sampler": "pk_parents"}]
)
def test_a_run_goes_on_with_its_own_parents_alone(tmp_path, option):
    photos, out = photos_in(tmp_path / "photos"), tmp_path / "run"
    put(photos, "aabb")
    config = config_of_photos(photos, **option)
    train(config, out, until=("embedding", 1), reporter=SILENT)
    put(photos, "abab")
    with pytest.raises(
        ValueError, match=r"parents: 2 of another parent \(class1, class2\)"
    ):
        train(config, out, reporter=SILENT)
    put(photos, "aabb")
    assert train(config, out, reporter=SILENT)[1]["num_images"] > 0
    (photos / "classes.csv").unlink()
    with pytest.raises(ValueError, match="with classes that have none"):
        train(config, out, reporter=SILENT)


def test_parents_of_a_sampler():
    config = config_of("class", **{"data.sampler": "pk_parents"})
    assert sampled_parents(config, TREE) == TREE["genus"]
    assert sampled_parents(config_of("class"), TREE) is None
    with pytest.raises(ValueError, match="sampler=pk_parents with classes th"):
        sampled_parents(config, {})
    for changes in (
        {"method.name": "softmax", "data.sampler": "pk_parents"},
        {"method.name": "triplet-m", "data.sampler": "pk_parents"},
        {"method.name": "lifted", "data.sampler": "square_root"},
        {"method.name": "proxy-nca", "data.sampler": "pk_parents"},
    ):
        with pytest.raises(ValueError, match="sampler` does nothing"):
            Config.read(changes=changes).resolved()
