"""Tests for fgkeras.models.weight_decay."""

import keras
import numpy as np
import pytest

from fgkeras.models import apply_weight_decay
from fgkeras.models import backbone
from fgkeras.models import classifier
from tests import harness

DECAY = 0.02


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    return classifier(backbone("small_cnn", (16, 16, 3)), 3, head_bias=-1.0)


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    return (
        rng.uniform(0, 255, (4, 16, 16, 3)).astype("float32"),
        np.array([0, 1, 2, 0]),
    )


def is_batch_norm(variable):
    return variable.path.rsplit("/", 1)[-1] in ("gamma", "beta")


def half_square(variables):
    return sum(
        0.5 * (harness.to_numpy(v).astype("float64") ** 2).sum()
        for v in variables
    )


class Nothing(keras.losses.Loss):
    """Leaves decay as the only thing that moves the weights."""

    def call(self, y_true, y_pred):
        return 0.0 * keras.ops.sum(y_pred, axis=-1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["all", "no_batch_norm"])
@pytest.mark.parametrize("spare_bias", [False, True])
def test_loss_of_fit_includes_it(model, batch, kind, spare_bias):
    head = model.get_layer("head").bias
    exclude = ("head",) if spare_bias else ()
    apply_weight_decay(model, DECAY, kind=kind, exclude=exclude)
    decayed = [
        v
        for v in model.trainable_variables
        if not (kind == "no_batch_norm" and is_batch_norm(v))
        and not (spare_bias and v is head)
    ]
    expected = DECAY * half_square(decayed)
    model.compile("sgd", Nothing())
    history = model.fit(*batch, batch_size=4, verbose=0).history
    assert history["loss"][0] == pytest.approx(expected, rel=1e-5)


def test_gradient_is_decay_times_the_variable(model, batch):
    apply_weight_decay(model, DECAY, exclude=[model.get_layer("head").bias])
    before = [harness.to_numpy(v) for v in model.trainable_variables]
    model.compile(keras.optimizers.SGD(0.5), Nothing())
    model.fit(*batch, batch_size=4, verbose=0)
    for old, variable in zip(before, model.trainable_variables, strict=True):
        spared = variable is model.get_layer("head").bias
        np.testing.assert_allclose(
            harness.to_numpy(variable),
            old if spared else old * (1 - 0.5 * DECAY),
            rtol=1e-5,
            atol=1e-8,
        )


def test_second_call_replaces_the_first(model):
    apply_weight_decay(model, 1.0)
    apply_weight_decay(model, DECAY, exclude=("head",))
    total = sum(float(loss) for loss in model.losses)
    spared = [
        v
        for v in model.trainable_variables
        if v is not model.get_layer("head").bias
    ]
    assert total == pytest.approx(DECAY * half_square(spared), rel=1e-5)
    apply_weight_decay(model, 0.0)
    assert not model.losses


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"decay": -1.0}, "decay=-1.0"),
        ({"decay": 0.1, "kind": "some"}, "kind='some'"),
        ({"decay": 0.1, "exclude": ("tail",)}, "'tail'.*'head'"),
        ({"decay": 0.1, "exclude": ("pooling",)}, "that have a bias"),
        ({"decay": 0.1, "exclude": [keras.Variable(1.0)]}, "of the model"),
    ],
)
def test_bad_arguments(model, kwargs, message):
    with pytest.raises(ValueError, match=message):
        apply_weight_decay(model, **kwargs)
