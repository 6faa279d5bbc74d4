"""What a run reads is what is declared used; all else, set, is refused.

Tiny trainings are given a config that notes which options are read.
"""

import types

import keras
import pytest

from fgkeras.config import AUTO
from fgkeras.config import OPTIONS
from fgkeras.config import Config
from fgkeras.config import kinds
from fgkeras.jobs import train
from fgkeras.runs.classifier.sources import training_source
from fgkeras.runs.embedding.sources import embedding_sources
from fgkeras.runs.embedding.training_data import TrainingImages
from fgkeras.training.reporter import SILENT
from tests.data.pictures import jpeg

TINY = {
    "data.size": 16,
    "model.pooled_layer": "block1_bn",
    "train.epochs": 1,
    "evaluation.resamples": 0,
}
_KERNEL = {"model.pooling": "kernel", "pooling.dim": 16, "pooling.order": 2}
_ARRAYS = {"data.input": "arrays", "data.augmentation": "none"}
FROZEN = {"train.mode": "frozen"}
# One training each; those of DEFAULT in the fast tests.
RUNS = {
    "frozen": FROZEN,
    "logistic": {**FROZEN, "train.head_solver": "logistic"},
    "batches": {**FROZEN, "method.name": "multi-similarity"},
    "listed": {**FROZEN, "method.name": "triplet-m", "method.triplets": 4},
    "finetune": {"data.batch_size": 8},
    "head first, kernel, sgd in steps": {
        **_KERNEL,
        "train.head_epochs": 1,
        "train.optimizer": "sgd",
        "train.schedule": "step",
        "train.boundaries": "0.5",
        "train.factors": "0.1",
        "train.weight_decay": 1e-4,
        "data.augmentation": "random_resized_crop",
    },
    "logistic head first, compact, rmsprop, decaying": {
        "model.pooling": "compact_bilinear",
        "pooling.dim": 16,
        "train.head_solver": "logistic",
        "train.optimizer": "rmsprop",
        "train.schedule": "exponential",
        "data.augmentation": "none",
        "evaluation.views": "mirror",
    },
    "arrays, focal": {
        **_ARRAYS,
        "data.augmentation": "pad_crop",
        "model.pooling": "fully_connected",
        "pooling.units": 8,
        "loss.name": "focal",
        "loss.beta": 0.9,
    },
    "cosines with margins, inverse": {
        **FROZEN,
        "loss.name": "ldam",
        "loss.weighting": "inverse",
        "loss.smoothing": 0.1,
    },
    "logit-adjusted": {**FROZEN, "loss.name": "logit-adjusted"},
    "disk, measured kernel": {
        **_KERNEL,
        **FROZEN,
        "pooling.gamma": "data",
        "pooling.normalize": False,
        "data.input": "disk",
    },
    "given kernel": {**_KERNEL, **FROZEN, "pooling.coefficients": "1,0.5,0.2"},
    "proxies": {**FROZEN, "method.name": "proxy-anchor"},
    "proxies, images drawn one by one, measured kernel": {
        **_KERNEL,
        "method.name": "proxy-nca",
        "pooling.gamma": "data",
        "pooling.normalize": False,
        "pooling.learn": True,
    },
    "joint": {
        **FROZEN,
        "method.name": "triplet-a",
        "method.triplets": 4,
        "loss.name": "focal",
    },
    "joint, finetune": {"method.name": "triplet-a", "method.triplets": 4},
    "hdc": {**FROZEN, "method.name": "hdc", "method.dim": 6},
    "hdml": {
        **FROZEN,
        "method.name": "hdml-npair",
        "method.options": "hidden=8",
    },
    "dvml": {
        **FROZEN,
        "method.name": "dvml-npair",
        "method.options": "hidden=8,first_steps=1,num_samples=2",
    },
    "embedding of arrays, no group": {
        **_ARRAYS,
        "method.name": "proxy-anchor",
        "method.images_per_class": "none",
        "data.flip": False,
    },
}
STAGES = {
    "stages of a classifier": {
        "stages.first.tune": "head",
        "stages.first.train.head_solver": "logistic",
        "stages.second.tune": "all",
        "stages.second.train.optimizer": "sgd",
        "stages.second.loss.beta": 0.9,
        "stages.third.tune": "head",
        "stages.third.data.batch_size": 8,
    },
    "stages of an embedding": {
        "method.name": "proxy-anchor",
        "stages.first.tune": "head",
        "stages.second.tune": "all",
        "stages.second.data.cut": "cap:3",
        "stages.second.train.optimizer": "sgd",
    },
}
RUNS.update(STAGES)
DEFAULT = ("frozen",)


def recording():
    """Returns a class of configs that note in `read` what they are asked."""

    class Recording(Config):
        read_names, quiet = set(), 0

        def __getitem__(self, name):
            kind = type(self)
            if not kind.quiet and name not in getattr(self, "given", ()):
                kind.read_names.add(name)
            return super().__getitem__(name)

        def _of(self, stage):
            config = super()._of(stage)
            # These are the stage's own, not the run's.
            config.given = {"train.mode", *stage.own} if stage.own else ()
            return config

    def quietly(name):
        def method(self, *args, **kwargs):
            Recording.quiet += 1
            try:
                return getattr(Config, name)(self, *args, **kwargs)
            finally:
                Recording.quiet -= 1

        return method

    # Checks, files and comparisons look at everything.
    for name in ("resolved", "used", "flat", "as_dict", "as_json", "__eq__"):
        setattr(Recording, name, quietly(name))
    return Recording


def changes_of(name, source):
    """The options of one of `RUNS`, and the tiny ones that it uses."""
    changes = {**TINY, "data.source": source, "method.dim": 4, **RUNS[name]}
    # Not `resolved`, which refuses.
    whole = Config.of_run({"resolved": Config.read(changes=changes).flat()})
    return {
        option: value
        for option, value in changes.items()
        if option in RUNS[name]
        or (option in OPTIONS and OPTIONS[option].used(whole))
    }


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """A folder without splits, so that a share of it is held back."""
    root = tmp_path_factory.mktemp("photos")
    for c, label in enumerate(("ash", "elm", "fir")):
        (root / label).mkdir()
        for i in range(5):
            (root / label / f"{i}.jpg").write_bytes(jpeg(10 * c + i))
    return f"folder:{root}"


@pytest.fixture
def eager():
    """Without graphs a training of two steps takes a third of the time."""
    if keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(before)


@pytest.mark.filterwarnings("ignore:Even though the `tf.config.exp")
@pytest.mark.filterwarnings("ignore:Even though the `tf.config.run_func")
@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(n, marks=() if n in DEFAULT else pytest.mark.slow)
        for n in RUNS
    ],
)
def test_what_is_read_is_what_is_declared_used(
    photos, tmp_path, monkeypatch, name
):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    kind = recording()
    changes = {**changes_of(name, photos), "data.holdout": 0.4}
    config = kind.read(changes=changes).resolved()
    kind.read_names.clear()
    train(config, tmp_path / "run", reporter=SILENT)
    used = set(config.used())
    assert kind.read_names - used == set(), "read, and declared unused"
    assert used - kind.read_names == set(), "declared used, and never read"


def another(name):
    """A value of an option that is neither its default nor `auto`."""
    option = OPTIONS[name]
    texts = {
        "data.classes": "0:2",
        "data.test_classes": "2:4",
        "data.test_source": "flora:",
        "evaluation.groups": "100",
        "method.levels": "block_3_add,block_6_expand_relu",
        "method.options": "margin=3",
        "method.positives": "parent",
        "method.rejected": "flora:",
        "model.embedding": "16",
        "model.head": "cosine:9",
        "model.pooled_layer": "block1_bn",
        "model.head_start": "class-mean",
        "loss.beta": "0.37",
        "train.boundaries": "3",
        "train.factors": "0.5",
        "pooling.coefficients": "1,2,3",
    }
    if name in texts:
        return texts[name]
    kind = option.kind
    if isinstance(kind, kinds.OneOf):
        kind = kind.kinds[-1]
    if isinstance(kind, kinds.Flag):
        return option.default is not True
    if isinstance(kind, kinds.Choice):
        return next(n for n in kind.all() if n != option.default)
    if isinstance(kind, kinds.Int):
        return 7 if option.default != 7 else 8
    assert isinstance(kind, kinds.Float), name
    return 0.37


@pytest.mark.parametrize(
    "name", [n for n, option in OPTIONS.items() if n not in ("seed",)]
)
def test_every_option_that_a_run_does_not_use_is_refused(name):
    for run in RUNS.keys() - STAGES:
        changes = {"train.mode": "finetune", **RUNS[run]}
        whole = Config.read(changes=changes).resolved()
        if OPTIONS[name].used(whole):
            continue
        value = OPTIONS[name].read(name, another(name))
        assert value not in (AUTO, OPTIONS[name].default)
        config = Config.read(changes={**changes, name: value})
        with pytest.raises(ValueError, match=name) as error:
            config.resolved()
        assert f"Received: {name}=" in str(error.value), run


SOFTMAX_LOGISTIC = RUNS["logistic"]
ANCHORED = {"method.name": "triplet-a"}
MINED = {"method.name": "triplet-m"}


@pytest.mark.parametrize(
    ("run", "name", "value"),
    [
        ({"method.name": "lifted"}, "data.sampler", "square_root"),
        ({"method.name": "lifted"}, "evaluation.views", "mirror"),
        ({"method.name": "lifted"}, "train.head_solver", "logistic"),
        ({"method.name": "lifted"}, "train.head_epochs", 2),
        ({"method.name": "lifted"}, "model.dropout", 0.5),
        ({"method.name": "lifted"}, "model.embedding", "16"),
        ({"method.name": "lifted"}, "train.validate_every", 2),
        ({"method.name": "lifted"}, "method.proxy_rate", 2.0),
        (MINED, "data.batch_size", 8),
        (ANCHORED, "data.batch_size", 8),
        (MINED, "method.images_per_class", 2),
        ({}, "loss.gamma", 2.0),
        ({}, "pooling.dim", 64),
        ({"model.backbone": "vgg16"}, "model.freeze_batch_norm", True),
        (FROZEN, "data.augmentation", "none"),
        (FROZEN, "data.train_resize", 90),
        (FROZEN, "data.flip", False),
        (FROZEN, "data.color", 0.5),
        (FROZEN, "data.min_area", 0.5),
        (FROZEN, "train.head_epochs", 2),
        (FROZEN, "train.head_learning_rate", 0.1),
        (FROZEN, "model.freeze_batch_norm", True),
        (SOFTMAX_LOGISTIC, "train.epochs", 3),
        (SOFTMAX_LOGISTIC, "train.learning_rate", 0.1),
        (SOFTMAX_LOGISTIC, "train.optimizer", "sgd"),
        (SOFTMAX_LOGISTIC, "train.schedule", "step"),
        (SOFTMAX_LOGISTIC, "data.sampler", "square_root"),
        (SOFTMAX_LOGISTIC, "data.batch_size", 8),
        ({}, "method.dim", 8),
        ({}, "method.omega", 0.5),
        ({}, "method.triplets", 8),
        ({}, "train.momentum", 0.5),
        ({}, "train.decay", 0.5),
        ({}, "train.replicas", 2),
    ],
)
def test_options_that_were_ignored_once_are_refused(run, name, value):
    config = Config.read(changes={**run, name: value})
    with pytest.raises(ValueError, match=f"{name}. does nothing") as error:
        config.resolved()
    assert f"Received: {name}={value!r}" in str(error.value)


@pytest.mark.parametrize("method", ["softmax", "lifted"])
def test_a_share_held_back_of_a_source_with_splits_is_refused(method):
    opened = training_source if method == "softmax" else embedding_sources
    changes = {
        "data.source": "flora:species=3,images=4,test=2,size=16",
        "method.name": method,
    }
    opened(Config.read(changes={**changes, "data.holdout": 0.2}).resolved())
    config = Config.read(changes={**changes, "data.holdout": 0.5}).resolved()
    with pytest.raises(ValueError, match="holdout. does nothing.*holdout=0.5"):
        opened(config)


def test_colour_of_arrays_is_refused_for_embeddings():
    changes = {
        "method.name": "lifted",
        "data.input": "arrays",
        "data.augmentation": "none",
        "data.flip": False,
        "data.color": 0.5,
    }
    images = types.SimpleNamespace(
        config=Config.read(changes=changes).resolved(), use_arrays=True
    )
    with pytest.raises(ValueError, match="Arrays.*Received.*data.color=0.5"):
        TrainingImages(images)
