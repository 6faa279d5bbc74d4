"""What can be added: each is one module and one line.

The line is here that of a user's own, for as long as the process lives; one of
the library's own is the same in `fgkeras/registries`.
"""

import sys
import textwrap

import numpy as np
import pytest

from fgkeras import registries
from fgkeras.cli.main import main
from fgkeras.config import Config
from fgkeras.models import backbone
from fgkeras.models import classifier
from fgkeras.registry import Registry
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.train import train
from fgkeras.training.reporter import SILENT

FLORA = "flora:species=3,images=6,test=3,imbalance=1,size=32"
TINY = {
    "data.source": FLORA,
    "data.size": 16,
    "data.input": "arrays",
    "model.pooled_layer": "block1_bn",
    "train.mode": "frozen",
    "train.epochs": 2,
    "evaluation.resamples": 0,
}

LOSS = """
    import keras

    @keras.saving.register_keras_serializable(package="mine")
    class Squared(keras.losses.Loss):
        used = False

        def call(self, y_true, y_pred):
            Squared.used = True
            classes = keras.ops.shape(y_pred)[-1]
            truth = keras.ops.one_hot(y_true, classes)
            return keras.ops.sum((y_pred - truth) ** 2, axis=-1)
"""
WEIGHTED = """
    import keras

    class Weighted(keras.losses.Loss):
        def __init__(self, class_counts, *, beta, gamma, **kwargs):
            super().__init__(**kwargs)
            self.given = (class_counts, beta, gamma)
"""
BODY = """
    import keras

    def body(shape):
        x = inputs = keras.Input(shape)
        x = keras.layers.Rescaling(1 / 255)(x)
        x = keras.layers.Conv2D(6, 3, strides=4, activation="relu")(x)
        return keras.Model(inputs, x)
"""
POOLING = """
    import keras

    @keras.saving.register_keras_serializable(package="mine")
    class Corner(keras.layers.Layer):
        def call(self, x):
            return x[:, 0, 0]

        def compute_output_shape(self, shape):
            return shape[0], shape[-1]
"""
SAMPLER = """
    from fgkeras.data.batches.samplers import UniformSampler

    class First(UniformSampler):
        def _make_epoch(self, epoch):
            return super()._make_epoch(epoch) * 0
"""
METHOD = """
    import keras

    @keras.saving.register_keras_serializable(package="mine")
    class Far(keras.losses.Loss):
        def __init__(self, *, scale=1.0, **kwargs):
            super().__init__(**kwargs)
            self.scale = scale

        def call(self, y_true, y_pred):
            near = keras.ops.matmul(y_pred, keras.ops.transpose(y_pred))
            return self.scale * keras.ops.mean(near, axis=1)
"""
FORMAT = """
    import pathlib

    def write(served, directory, *, overwrite=False):
        path = pathlib.Path(directory) / "names.txt"
        path.write_text(" ".join(served.class_names))
        return path
"""
VERB = '''
    """Say hello: fgkeras hello NAME"""

    def add_arguments(parser):
        parser.add_argument("name")
        parser.set_defaults(run=run)

    def run(arguments):
        print(f"hello, {arguments.name}")
        return 0
'''


@pytest.fixture(autouse=True)
def lists(monkeypatch):
    """What a test adds is gone with it."""
    for name in registries.__all__:
        registry = getattr(registries, name)
        if isinstance(registry, Registry):
            entries = dict(registry._entries)
            monkeypatch.setattr(registry, "_entries", entries)


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Writes a module that can be imported."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        monkeypatch.delitem(sys.modules, name, raising=False)

    return write


def test_a_loss(module, tmp_path, capsys):
    module("squares", LOSS)
    registries.LOSSES.register("squared", "squares:Squared")
    out = tmp_path / "run"
    named = [f"{k}={v}" for k, v in TINY.items() if k != "data.source"]
    options = [word for pair in named for word in ("--set", pair)]
    options += ["--data", FLORA, "--loss", "squared", "--quiet"]
    assert main(["train", *options, "--out", str(out)]) == 0
    assert sys.modules["squares"].Squared.used
    predictor = Predictor(out)
    assert predictor.config.loss.name == "squared"
    assert predictor.activation == "softmax"
    for option in ("--gamma", "--beta"):
        assert main(["train", *options, option, "0.5"]) == 1
        assert "does nothing in this run" in capsys.readouterr().err


def test_a_loss_is_given_what_it_lists(module):
    from fgkeras.runs.loss import activation_of
    from fgkeras.runs.loss import make_loss

    module("weighted", WEIGHTED)
    registries.LOSSES.register(
        "weighted",
        "weighted:Weighted",
        ("beta", "gamma"),
        counts=True,
        activation="sigmoid",
    )
    changes = {"loss.name": "weighted", "loss.beta": 0.9, "loss.gamma": 2}
    config = Config.read(changes=changes).resolved()
    loss = make_loss(config, np.array([3, 1]))
    assert loss.given == ([3, 1], 0.9, 2.0)
    assert activation_of(config) == "sigmoid"


def test_a_backbone_and_a_pooling(module, tmp_path):
    module("mybody", BODY)
    module("corner", POOLING)
    registries.BACKBONES.register("mybody", "mybody:body", side=24)
    registries.POOLINGS.register("corner", "corner:Corner", higher_order=True)
    more = {"model.backbone": "mybody", "model.pooling": "corner"}
    own = ("data.size", "model.pooled_layer")
    changes = {k: v for k, v in TINY.items() if k not in own}
    config = Config.read(changes={**changes, **more})
    folder, _ = train(config, tmp_path / "run", reporter=SILENT)
    config = folder.config()
    assert config.data.size == 24
    # What belongs behind a pooling of higher order.
    assert config.model.embedding == "unit:10"
    model = Predictor(folder).model
    assert type(model.get_layer("pooling")).__name__ == "Corner"
    assert model.get_layer("square_root").output.shape == (None, 6)


def test_a_pooling_by_its_name_alone(module):
    module("corner", POOLING)
    registries.POOLINGS.register("corner", "corner:Corner")
    model = classifier(backbone("small_cnn", (32, 32, 3)), 3, pooling="corner")
    names = [layer.name for layer in model.layers]
    assert names == ["images", "backbone", "pooling", "head"]


def test_a_sampler(module):
    from fgkeras.data import make_sampler

    module("first", SAMPLER)
    registries.SAMPLERS.register("first", "first:First")
    config = Config.read(changes={"data.sampler": "first"}).resolved()
    sampler = make_sampler(config.data.sampler, [0, 1, 1], 2)
    assert sampler.epoch(0).tolist() == [[0, 0], [0, 0]]


@pytest.mark.slow
def test_a_method(module, tmp_path):
    module("far", METHOD)
    registries.METHODS.register(
        "far", "far:Far", {"scale": 1.0}, images_per_class=2
    )
    more = {"method.name": "far", "method.options": "scale=3"}
    config = Config.read(changes={**TINY, **more})
    folder, metrics = train(config, tmp_path / "run", reporter=SILENT)
    assert folder.config().method.images_per_class == 2
    assert 0 <= metrics["retrieval"]["map_at_r"]["value"] <= 1
    with pytest.raises(ValueError, match="far may set scale"):
        Config.read(changes={**more, "method.options": "size=3"}).resolved()


def test_a_format(module, tmp_path, capsys):
    module("names", FORMAT)
    registries.EXPORTS.register("names", "names:write")
    folder, _ = train(
        Config.read(changes=TINY), tmp_path / "run", reporter=SILENT
    )
    run = str(folder.path)
    assert main(["export", run, "--format", "names"]) == 0
    written = folder.path / "names.txt"
    assert capsys.readouterr().out.strip() == str(written)
    assert len(written.read_text().split()) >= 3
    assert main(["export", run, "--format", "names", "--top-k", "2"]) == 1
    assert "top_k=2, format='names'" in capsys.readouterr().err
    assert main(["export", run, "--format", "name"]) == 1
    assert "Did you mean names?" in capsys.readouterr().err


def test_a_verb(module, capsys):
    module("hello_verb", VERB)
    registries.VERBS.register(
        "hello", "hello_verb:add_arguments", help="say hello", light=True
    )
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "say hello" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["hello", "--help"])
    assert "fgkeras hello NAME" in capsys.readouterr().out
    assert main(["hello", "Ann"]) == 0
    assert capsys.readouterr().out == "hello, Ann\n"
