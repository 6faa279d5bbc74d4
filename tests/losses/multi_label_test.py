"""Tests for fgkeras.losses.multi_label."""

import keras
import numpy as np
import pytest
from scipy.special import expit

from fgkeras import losses
from tests import harness

COUNTS = (500, 120, 7, 1)
ROWS = np.array([[1, 0, 0, 0], [1, 0, 1, 1], [0, 0, 0, 0], [0, 1, 1, 0]])
LOGITS = 3.0 * np.random.default_rng(0).normal(size=(4, 4))
FOCAL = losses.MultiLabelClassBalancedFocal
SIGMOID = losses.MultiLabelClassBalancedSigmoid
CLASSES = [(SIGMOID, {}, 0.0), (FOCAL, {"gamma": 0.5}, 0.5)]


def one_by_one(rows, logits, weights, gamma):
    out = []
    for row, z in zip(rows, logits, strict=True):
        own = [w for w, t in zip(weights, row, strict=True) if t]
        terms = 0.0
        for t, v in zip(row, z, strict=True):
            p = expit(v) if t else 1.0 - expit(v)
            terms += (1.0 - p) ** gamma * -np.log(p)
        out.append((sum(own) / len(own) if own else 1.0) * terms)
    return np.array(out)


@pytest.mark.parametrize(("cls", "kwargs", "gamma"), CLASSES)
def test_definition(cls, kwargs, gamma):
    with harness.float64():
        loss = cls(COUNTS, beta=0.9, reduction=None, dtype="float64", **kwargs)
        expected = one_by_one(ROWS, LOGITS, loss.class_weights, gamma)
        np.testing.assert_allclose(loss(ROWS, LOGITS), expected, rtol=1e-10)


@pytest.mark.parametrize(
    ("cls", "single"),
    [
        (SIGMOID, losses.ClassBalancedSigmoid),
        (FOCAL, losses.ClassBalancedFocal),
    ],
)
def test_one_class_per_image_is_the_loss_of_one_class(cls, single):
    labels, logits = np.array([3, 0, 2]), LOGITS[:3].astype("float32")
    rows = np.eye(4)[labels]
    for kwargs in ({}, {"weighting": "inverse"}):
        np.testing.assert_allclose(
            cls(COUNTS, reduction=None, **kwargs)(rows, logits),
            single(COUNTS, reduction=None, **kwargs)(labels, logits),
            rtol=1e-6,
        )


def test_beta_zero_is_the_plain_loss_of_keras():
    logits = LOGITS.astype("float32")
    plain = keras.losses.BinaryCrossentropy(from_logits=True)
    found = float(SIGMOID(COUNTS, beta=0.0)(ROWS, logits))
    # Keras takes the mean over the classes.
    assert found == pytest.approx(4 * float(plain(ROWS, logits)), rel=1e-5)


@pytest.mark.parametrize("gap", [20.0, 200.0, 1e4])
def test_confident_mistake_keeps_its_gradient(gap):
    logits = np.array([[-gap / 2, gap / 2]], "float32")
    for fn in (losses.multi_label_sigmoid, losses.multi_label_focal):
        loss, slope = harness.value_and_gradient(
            lambda z, fn=fn: fn([[1, 0]], z), logits
        )
        assert loss[0] == pytest.approx(gap, rel=1e-3)
        np.testing.assert_allclose(slope, [[-1.0, 1.0]], rtol=1e-3)


@pytest.mark.parametrize(("cls", "kwargs", "gamma"), CLASSES)
def test_gradient_and_config(cls, kwargs, gamma):
    del gamma
    loss = cls(COUNTS, reduction=None, dtype="float64", **kwargs)
    with harness.float64():
        rng = np.random.default_rng(1)
        harness.check_gradient(lambda z: loss(ROWS, z), LOGITS, rng)
    loss = cls(COUNTS, class_names="abcd", **kwargs)
    logits = LOGITS.astype("float32")
    harness.check_config(loss, call=lambda x: x(ROWS, logits))


@pytest.mark.slow
@pytest.mark.parametrize("cls", [SIGMOID, FOCAL])
def test_xla(cls):
    loss = cls(COUNTS)
    harness.check_xla(lambda z: loss(ROWS, z), LOGITS.astype("float32"))


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16"])
def test_types_of_rows(dtype):
    logits = LOGITS.astype("float32")
    found = SIGMOID(COUNTS)(ROWS.astype(dtype), logits)
    assert float(found) == float(SIGMOID(COUNTS)(ROWS, logits))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array([3, 0, 2, 1]), r"shape \(4,\).*one_hot.*ClassBalancedSig"),
        (np.array([[3], [0], [2], [1]]), r"shape \(4, 1\).*one_hot"),
        (ROWS[:, :3], r"labels of shape \(4, 3\)"),
        (ROWS[:3], r"labels of shape \(3, 4\)"),
        (ROWS * 2, r"labels\[0, 0\]=2"),
        (ROWS - 0.5, r"labels\[0, 0\]=0.5"),
        (ROWS.astype(str), "rows of 0 and 1.*dtype str"),
    ],
)
def test_labels_that_are_no_rows(labels, message):
    logits = LOGITS.astype("float32")
    for call in (SIGMOID(COUNTS), FOCAL(COUNTS), losses.multi_label_sigmoid):
        with pytest.raises(ValueError, match=message):
            call(labels, logits)


def test_a_number_that_is_none_is_nan_in_a_graph():
    rows = ROWS.astype("float32")
    rows[1, 2] = 0.5
    found = harness.in_graph(
        losses.multi_label_sigmoid, rows, LOGITS.astype("float32")
    )
    assert np.isnan(found).tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"class_counts": [3, 0]}, "class_counts=0 for labels 1"),
        ({"gamma": -1.0}, "gamma=-1.0"),
        ({"beta": [0.9]}, r"of shape \(1,\)"),
        ({"weighting": "x"}, "weighting='x'"),
        ({"dtype": "float16"}, "dtype=float16"),
    ],
)
def test_bad_arguments(kwargs, message):
    with pytest.raises(ValueError, match=message):
        FOCAL(**{"class_counts": COUNTS, **kwargs})


def test_weights_that_do_not_fit():
    with pytest.raises(ValueError, match=r"class_weights of shape \(2,\)"):
        losses.multi_label_sigmoid(ROWS, LOGITS, class_weights=[1.0, 2.0])


@pytest.mark.slow
def test_trains_in_model_compile():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(32, 3)).astype("float32")
    y = (x @ rng.normal(size=(3, 4)) > 0).astype("int32")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])
    model.compile(keras.optimizers.SGD(0.1), SIGMOID(COUNTS, beta=0.9))
    history = model.fit(x, y, epochs=2, verbose=0).history["loss"]
    assert history[1] < history[0]
