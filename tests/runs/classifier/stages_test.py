"""Two-stage training: other images, sizes and heads in a stage."""

import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.jobs import evaluate
from fgkeras.jobs import train
from fgkeras.models import load_model
from fgkeras.runs.classifier.sources import training_source
from fgkeras.runs.classifier.stage_parts import stage_images
from fgkeras.runs.classifier.stage_parts import stage_source
from fgkeras.runs.inputs import SplitImages
from fgkeras.training.reporter import SILENT
from tests.data.pictures import jpeg

BASE = {
    "data.source": "flora:species=4,images=20,test=5,imbalance=5,size=32",
    "data.size": 32,
    "data.batch_size": 8,
    "evaluation.resamples": 0,
    "stages.first.tune": "head",
    "stages.first.train.epochs": 3,
}
CRT = {
    "stages.second.tune": "head",
    "stages.second.restart": True,
    "stages.second.data.sampler": "class_balanced",
    "stages.second.train.epochs": 3,
}
LWS = {
    "stages.second.tune": "scale",
    "stages.second.data.sampler": "class_balanced",
    "stages.second.train.epochs": 3,
}
LARGER = {
    "stages.second.tune": "all",
    "stages.second.data.size": 48,
    "stages.second.data.cut": "cap:3",
    "stages.second.train.epochs": 3,
    "stages.second.train.learning_rate": 1e-3,
}


def run(path, changes, **how):
    config = Config.read(changes={**BASE, **changes})
    return train(config, path, reporter=SILENT, **how).folder


def weights(folder):
    return load_model(folder / "model.keras").get_weights()


def head(folder):
    return load_model(folder / "model.keras").get_layer("head").get_weights()


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes", [CRT, LWS, LARGER], ids=["crt", "lws", "larger"]
)
def test_stopped_in_each_stage_it_ends_with_the_same_weights(tmp_path, changes):
    through = run(tmp_path / "through", changes)
    for until in (("first", 2), ("second", 1), ("second", 2)):
        run(tmp_path / "parts", changes, until=until)
    parts = run(tmp_path / "parts", changes)
    for a, b in zip(weights(through), weights(parts), strict=True):
        np.testing.assert_array_equal(a, b)
    assert through.metrics()["stages"] == parts.metrics()["stages"]
    worth = through.metrics()["stages"]
    assert [w["stage"] for w in worth] == ["first", "second"]
    alone = run(tmp_path / "alone", {}).metrics()
    assert worth[0]["top1"] == pytest.approx(alone["top1"]["value"])
    assert worth[1]["top1"] == pytest.approx(through.metrics()["top1"]["value"])
    model = load_model(through / "model.keras")
    assert model.input_shape[1:3] == (32, 32)
    tail = alone["groups"]["tail"]["class_mean"]["value"]
    assert worth[0]["groups"]["tail"]["top1"] == pytest.approx(tail)


@pytest.mark.slow
def test_a_scale_multiplies_the_head_and_a_restart_forgets_it(tmp_path):
    before = head(run(tmp_path / "alone", {}))
    kernel, bias = head(run(tmp_path / "lws", LWS))
    scale = kernel[0] / before[0][0]
    assert np.ptp(scale) > 0
    np.testing.assert_allclose(kernel, before[0] * scale, rtol=1e-5)
    np.testing.assert_allclose(bias, before[1] * scale, rtol=1e-5, atol=1e-9)
    # Anew, it does not know of a first stage however long.
    short = head(run(tmp_path / "crt", CRT))
    long = {**CRT, "stages.first.train.epochs": 6}
    for a, b in zip(short, head(run(tmp_path / "long", long)), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_statistics_are_noted_of_the_last_stage_alone(tmp_path):
    changes = {
        "stages.first.tune": "all",
        "stages.first.train.epochs": 1,
        "stages.second.tune": "all",
        "stages.second.train.epochs": 10,
    }
    metrics = run(tmp_path / "run", changes).metrics()
    # The first stage is measured with statistics that were estimated anew.
    assert "batch_statistics" not in metrics


@pytest.mark.slow
def test_a_stage_of_another_size_has_a_kernel_measured_on_data(tmp_path):
    changes = {
        "model.pooling": "kernel",
        "pooling.gamma": "data",
        "pooling.normalize": False,
        "pooling.dim": 16,
        "stages.first.data.size": 48,
        "stages.first.train.epochs": 1,
    }
    kernel = run(tmp_path / "run", changes).metrics()["kernel"]
    whole = {**changes, "stages.first.data.size": 32}
    same = run(tmp_path / "whole", whole).metrics()["kernel"]
    # It begins as the run's.
    assert kernel["before"] == same["before"]


def pictures(path, counts, start=0):
    for name, number in counts.items():
        for i in range(number):
            place = path / "train" / name / f"{i}.jpg"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(jpeg(seed=start + 31 * len(name) + i))
    return path


@pytest.mark.slow
def test_a_second_stage_on_another_source(tmp_path):
    counts = {"a": 8, "bb": 5}
    run_data = pictures(tmp_path / "run_data", counts)
    balanced = pictures(tmp_path / "balanced", {"bb": 4, "a": 4}, 1000)
    changes = {
        "data.source": f"folder:{run_data}",
        "stages.second.tune": "head",
        "stages.second.data.source": f"folder:{balanced}",
        "stages.second.train.epochs": 2,
    }
    through = run(tmp_path / "through", changes)
    run(tmp_path / "parts", changes, until=("second", 1))
    parts = run(tmp_path / "parts", changes)
    for a, b in zip(weights(through), weights(parts), strict=True):
        np.testing.assert_array_equal(a, b)
    # What the stage alone has seen is not tested on later.
    more = pictures(tmp_path / "more", {"a": 2, "bb": 3}, 5000)
    for name, number in (("a", 2), ("bb", 1)):
        for i in range(number):
            image = (balanced / "train" / name / f"{i}.jpg").read_bytes()
            (more / "train" / name / f"copy{i}.jpg").write_bytes(image)
    found, _ = evaluate(
        through.path, f"folder:{more}", "train", reporter=SILENT
    )
    assert (found["num_images"], found["trained_on_left_out"]) == (5, 3)
    # A copy of a test image is not trained on, an image changed is noticed.
    tested = str(np.load(through / "predictions.npz")["ids"][0])
    cut = [e for e in through.events() if e["event"] == "images cut"]
    assert [e["stage"] for e in cut] == ["second"]
    copy = (run_data / tested).read_bytes()
    (balanced / "train" / "a" / "9.jpg").write_bytes(copy)
    same = run(tmp_path / "copied", changes)
    for a, b in zip(weights(through), weights(same), strict=True):
        np.testing.assert_array_equal(a, b)
    run(tmp_path / "changed", changes, until=("second", 1))
    (balanced / "train" / "a" / "0.jpg").write_bytes(jpeg(seed=5))
    with pytest.raises(ValueError, match="data.source=.*now gives others"):
        run(tmp_path / "changed", changes)


def test_copies_are_left_out_of_images_that_stay_on_the_disk(tmp_path):
    data = pictures(tmp_path / "data", {"a": 6, "bb": 6})
    (tmp_path / "data/train").rename(tmp_path / "data/test")
    pictures(tmp_path / "data", {"a": 3, "bb": 3}, 500)
    own = pictures(tmp_path / "own", {"a": 3, "bb": 3}, 900)
    copy = (data / "test/a/0.jpg").read_bytes()
    (own / "train/a/9.jpg").write_bytes(copy)
    changes = {
        **BASE,
        "data.source": f"folder:{data}",
        "data.input": "disk",
        "stages.first.data.source": f"folder:{own}",
    }
    config = Config.read(changes=changes).resolved()
    run_source = training_source(config)
    stage = config.stages()[0]
    test = SplitImages(run_source, "test", config, SILENT)
    source, split = stage_source(config, stage, run_source)
    images = stage_images(source, split, stage, [test], SILENT)
    assert len(images) == 6
    assert "train/a/9.jpg" not in images.ids


def test_a_stage_on_the_source_of_the_run_sees_nothing_held_back(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    for split, seed in (("test", 900), ("val", 500), ("train", 0)):
        pictures(tmp_path / split, {"a": 6, "bb": 5}, seed)
        (tmp_path / split / "train").rename(data / split)
    changes = {
        **BASE,
        "data.source": f"folder:{data}",
        "data.train_split": "train+val",
        "data.val_share": 0.2,
        "data.cut": "cap:4",
        "stages.second.tune": "head",
        "stages.second.data.source": f"folder:{data}",
    }
    config = Config.read(changes=changes).resolved()
    source = training_source(config)
    found, split = stage_source(config, config.stages()[1], source)
    assert split == "train+val"
    seen = set(found.split(split).ids)
    # Neither the cut nor the names of the run's splits are those of a stage.
    assert seen > set(source.split(split).ids)
    held = {i for n in ("test", "val_share") for i in source.split(n).ids}
    assert not seen & held
    assert len(seen | held) == 33


def test_other_classes_in_a_stage_are_refused(tmp_path):
    source = pictures(tmp_path / "one", {"a": 6, "bb": 6})
    other = pictures(tmp_path / "two", {"a": 6, "ccc": 6})
    changes = {
        "data.source": f"folder:{source}",
        "stages.second.tune": "head",
        "stages.second.data.source": f"folder:{other}",
    }
    with pytest.raises(
        ValueError, match=r"has others, 1 \(ccc\) and lacks 1 \(bb\)"
    ):
        run(tmp_path / "run", changes)
    assert not (tmp_path / "run" / "checkpoints" / "first.npz").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"stages.second.tune": "scale", "stages.second.continues": True},
            "scale of 1",
        ),
        (
            {
                "stages.second.tune": "head",
                "stages.second.continues": True,
                "stages.second.restart": True,
            },
            "continues and restart",
        ),
        (
            {
                "method.name": "proxy-anchor",
                "stages.second.tune": "all",
                "stages.second.data.size": 48,
            },
            "data.size=48",
        ),
        (
            {"method.name": "proxy-anchor", "stages.second.tune": "scale"},
            "tune='scale'",
        ),
        (
            {"loss.name": "ldam", "stages.second.tune": "scale"},
            "tune='scale', model.head='cosine:30'",
        ),
    ],
)
def test_stages_that_cannot_be(changes, message):
    with pytest.raises(ValueError, match=message):
        Config.read(changes={**BASE, **changes}).resolved()
