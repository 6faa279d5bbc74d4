"""A run on two sources at once is a run like another."""

import json

import pytest

from fgkeras.config import Config
from fgkeras.data.spec import absolute_spec
from fgkeras.jobs import evaluate
from fgkeras.jobs import train
from fgkeras.models import load_model
from fgkeras.runs.classifier.sources import training_source
from fgkeras.runs.evaluation_sources import opened_again
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.run_data import RunData
from fgkeras.training.reporter import SILENT
from tests.data import pictures

FLORA = "flora:species=3,images=4,val=1,test=2,imbalance=1,size=32"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Two classes of the flora's splits, in the folder where one stands."""
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    pictures.write_tree(
        tmp_path / "photos+more",
        [
            f"{split}/{name}/{i}.jpg"
            for split in ("train", "test")
            for name in ("coot", "crow")
            for i in range(3)
        ],
    )
    return tmp_path


def config_of(**options):
    return Config.read(
        changes={
            "data.source": f"{FLORA}+folder:photos+more",
            "data.size": 32,
            "data.batch_size": 8,
            "model.backbone": "small_cnn",
            "train.mode": "frozen",
            "train.epochs": 2,
            "evaluation.resamples": 0,
            **options,
        }
    )


@pytest.mark.slow
@pytest.mark.parametrize("method", ["softmax", "contrastive"])
def test_it_is_trained_goes_on_and_is_evaluated(place, monkeypatch, method):
    options = {"method.name": method, "data.train_split": "train+val"}
    if method == "softmax":
        del options["data.train_split"]
    through = train(config_of(**options), place / "a", reporter=SILENT)
    stage = "head" if method == "softmax" else "embedding"
    config = config_of(**options)
    train(config, place / "b", until=(stage, 1), reporter=SILENT)
    folder, metrics = train(config, place / "b", reporter=SILENT)
    for one, two in zip(
        load_model(folder / "model.keras").get_weights(),
        load_model(through[0] / "model.keras").get_weights(),
        strict=True,
    ):
        assert (one == two).all()
    # Its data are recorded, of both sources.
    data = json.loads((folder / "data.json").read_text())
    assert data["sources"]["source"] == {
        "typed": f"{FLORA}+folder:photos+more",
        "absolute": f"{FLORA}+folder:{place}/photos+more",
    }
    assert data["class_names"][3:] == ["coot", "crow"]
    trained = data["images"]["train"]["ids"]
    number = 18 if method == "softmax" else 21
    assert len(trained) == number
    assert sum(i.startswith("photos+more/train/") for i in trained) == 6
    assert None not in data["images"]["train"]["sha256"]
    # It is evaluated from elsewhere, on its own images.
    monkeypatch.chdir("/")
    found, _ = evaluate(folder.path, reporter=SILENT)
    assert found["num_images"] == metrics["num_images"]
    # Of one of them alone, its images are known by their contents.
    part = f"folder:{place}/photos+more"
    with pytest.raises(ValueError, match="all copies of images"):
        evaluate(folder.path, data=part, split="train", reporter=SILENT)
    found, _ = evaluate(folder.path, data=part, split="*", reporter=SILENT)
    assert found["num_images"] == 6
    # The same command gives the finished run, and misses what went.
    monkeypatch.chdir(place)
    assert train(config, place / "b", reporter=SILENT)[1] == metrics
    (place / "photos+more" / "train" / "coot" / "0.jpg").unlink()
    with pytest.raises(ValueError, match="1 went .photos.more/train/coot/0"):
        train(config, place / "b", reporter=SILENT)


def test_a_part_that_went_is_missed(place, monkeypatch):
    config = config_of()
    folder = RunFolder(place / "run")
    folder.start(config)
    RunData.of(config, training_source(config.resolved())).write(folder)
    kept = RunData.read(folder)
    monkeypatch.chdir("/")
    assert opened_again(kept, config, "train").num_classes == 5
    (place / "photos+more").rename(place / "moved")
    with pytest.raises(ValueError, match="lie where they were.*photos.more"):
        opened_again(kept, config, "train")


def test_the_place_is_the_same_from_elsewhere(place, monkeypatch):
    spec = absolute_spec(f"{FLORA}+folder:photos+more")
    monkeypatch.chdir("/")
    assert absolute_spec(spec) == spec
