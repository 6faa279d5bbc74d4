"""What there is to say of a run's data is said before it trains on them."""

import pytest
import tensorflow as tf

from fgkeras.config import Config
from fgkeras.data.images.image import BadImage
from fgkeras.jobs import evaluate
from fgkeras.jobs import train
from fgkeras.runs import inputs
from fgkeras.runs.inputs import SplitImages
from fgkeras.runs.roles import Roles
from fgkeras.runs.views import bad_images_named
from fgkeras.training.reporter import SILENT
from fgkeras.training.reporter import Reporter
from tests.data.images.depth_test import png16
from tests.data.images.depth_test import ramp
from tests.data.pictures import write_tree
from tests.runs.inputs_test import Pictures
from tests.runs.inputs_test import config_of

BROKEN = png16(ramp(255))[:60]


class Listener(Reporter):
    """Keeps what it is told."""

    def __init__(self):
        self.said = []

    def say(self, text):
        self.said.append(text)


@pytest.fixture
def photos(tmp_path):
    """12-bit pictures, one class of two labels, and a split not trained on."""
    for split in ("train", "val", "test"):
        for name in ("cat", "dog", "cat|dog"):
            for i in range(2):
                path = tmp_path / "set" / split / name / f"{i}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                largest = 4095 - len(f"{split}{name}") - i
                path.write_bytes(png16(ramp(largest)))
    return tmp_path / "set"


def config_for(photos, **more):
    return Config.read(
        changes={
            "data.source": f"folder:{photos}",
            "data.ignore": "*.mvo",
            "data.size": 16,
            "data.batch_size": 2,
            "model.backbone": "small_cnn",
            "train.epochs": 1,
            "evaluation.resamples": 0,
            **more,
        }
    )


def is_all_said(notes):
    text = "\n".join(notes)
    assert "'cat|dog' looks like several labels" in text
    assert "'*.mvo' meets nothing of" in text
    assert "pictures of 16 bits use 12 of them at most" in text
    assert len(notes) == 3


@pytest.mark.parametrize("skip_bad", [False, True])
def test_a_run_knows_what_to_say_of_its_data(photos, skip_bad):
    config = config_for(photos, **{"data.skip_bad": skip_bad}).resolved()
    roles = Roles.opened(config)
    if skip_bad:
        kept = [data for _, data in roles.train.sound.values() if data]
        assert len(kept) == 18
    roles.read(config, SILENT)
    is_all_said(roles.notes)
    # The bytes of `val`, at which nobody looks, are let go of.
    assert not any(data for _, data in roles.train.sound.values())


def test_nothing_is_kept_for_images_that_stay_on_the_disk(photos):
    more = {"data.skip_bad": True, "data.input": "disk"}
    roles = Roles.opened(config_for(photos, **more).resolved())
    assert len(roles.train.sound) == 18
    assert not any(data for _, data in roles.train.sound.values())


def test_classes_that_a_cut_empties_are_named_for_embeddings_too(tmp_path):
    counts = {"elm": 4, "fir": 4, "oak": 3, "yew": 2}
    root = write_tree(
        tmp_path,
        [f"train/{c}/{i}.jpg" for c, n in counts.items() for i in range(n)]
        + [f"test/{c}/{i}.jpg" for c in counts for i in range(2)],
    )
    config = config_for(root, **{
        "method.name": "contrastive",
        "data.cut": "exponential:8",
        "data.ignore": "",
    })  # fmt: skip
    (text,) = Roles.opened(config.resolved()).notes
    assert "leaves 1 of 4 classes without an image: yew." in text
    assert "exponential:" in text


class Crops:
    """Images of which one does not decode."""

    ids, encoded, split = ("a", "b", "c"), (1, 0, 1), "train"

    def crop(self, i):
        if not self.encoded[i]:
            raise BadImage("its data are cut")


def test_what_tensorflow_ended_at_is_looked_for():
    invalid = tf.errors.InvalidArgumentError(None, None, "Invalid PNG data")
    with (
        pytest.raises(ValueError, match="Received: 'b' of the split 'train'"),
        bad_images_named(Crops()),
    ):
        raise invalid
    for other in (
        KeyError("b"),
        tf.errors.ResourceExhaustedError(None, None, ""),
    ):
        with pytest.raises(type(other)), bad_images_named(Crops()):
            raise other
    with pytest.raises(tf.errors.InvalidArgumentError), bad_images_named():
        raise invalid


@pytest.mark.slow
@pytest.mark.parametrize("way", ["tfdata", "disk"])
def test_an_image_that_changed_after_the_check_is_named(way):
    source = Pictures()
    images = SplitImages(source, "train", config_of(way=way), reporter=SILENT)
    if way == "disk":
        source.data["3.png"] = BROKEN
    else:
        images.encoded[3] = BROKEN
    with (
        pytest.raises(ValueError, match="must decode. Received: '3.png'"),
        bad_images_named(images),
    ):
        list(images.evaluation())


@pytest.mark.slow
@pytest.mark.parametrize("way", ["tfdata", "disk"])
def test_a_training_says_it_at_the_start_and_in_its_metrics(
    photos, tmp_path, way
):
    heard = Listener()
    config = config_for(photos, **{"data.input": way})
    folder, metrics = train(config, tmp_path / "run", reporter=heard)
    is_all_said([n for n in metrics["notes"] if n in heard.said])
    assert "looks like several labels" in (folder / "report.html").read_text()
    found, _ = evaluate(folder.path, reporter=SILENT)
    is_all_said(found["notes"])


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["frozen", "finetune"])
def test_a_training_that_tensorflow_ends_names_the_file(
    photos, tmp_path, monkeypatch, mode
):
    read = inputs.load_encoded

    def passed(source, split, **options):
        encoded, chosen, refused = read(source, split, **options)
        encoded[chosen.ids.index(f"{split}/dog/1.png")] = BROKEN
        return encoded, chosen, refused

    monkeypatch.setattr(inputs, "load_encoded", passed)
    config = config_for(photos, **{"train.mode": mode})
    with pytest.raises(ValueError, match=r"Received: '\w+/dog/1.png' of the"):
        train(config, tmp_path / "run", reporter=SILENT)
