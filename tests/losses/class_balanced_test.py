"""Tests for fgkeras.losses.class_balanced."""

import keras
import numpy as np
import pytest
from scipy.special import expit

from fgkeras.losses import ClassBalancedFocal
from fgkeras.losses import ClassBalancedSigmoid
from fgkeras.losses import ClassBalancedSoftmax
from fgkeras.losses import focal
from fgkeras.losses import sigmoid
from fgkeras.losses import softmax
from fgkeras.ops import class_balanced_weights
from fgkeras.ops import class_weights
from tests import harness

COUNTS = (500, 120, 7, 1)
LOSSES = (ClassBalancedSoftmax, ClassBalancedSigmoid, ClassBalancedFocal)
BY_HAND_LOGITS = np.array([[2.0, -1.0, 0.5], [0.0, 1.0, -3.0]])
BY_HAND_LABELS = np.array([0, 2])
BY_HAND_WEIGHTS = np.array([0.5, 1.0, 1.5])


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def mixed_bfloat16():
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy("float32")


def batch(rng, size=6, num_classes=4, dtype="float32"):
    labels = rng.integers(num_classes, size=size)
    return labels, (3.0 * rng.normal(size=(size, num_classes))).astype(dtype)


def one_by_one(kind, labels, logits, weights, gamma=0.0):
    """The definitions, with probabilities, one image and class at a time."""
    losses = []
    for y, z in zip(labels, np.asarray(logits, "float64"), strict=True):
        if kind == "softmax":
            terms = -np.log(np.exp(z[y]) / np.exp(z).sum())
        else:
            p = [expit(v if c == y else -v) for c, v in enumerate(z)]
            terms = sum((1.0 - q) ** gamma * -np.log(q) for q in p)
        losses.append(weights[y] * terms)
    return np.array(losses)


@pytest.mark.parametrize(
    ("fn", "kwargs", "expected"),
    [
        (softmax, {}, 3.305249805),
        (sigmoid, {}, 4.144813835),
        (focal, {"gamma": 0.5}, 3.685005872),
        (focal, {"gamma": 1.0}, 3.334413321),
        (focal, {"gamma": 2.0}, 2.831544960),
    ],
)
def test_reference_values(fn, kwargs, expected):
    with harness.float64():
        loss = fn(
            BY_HAND_LABELS,
            BY_HAND_LOGITS,
            class_weights=BY_HAND_WEIGHTS,
            **kwargs,
        )
        mean = harness.to_numpy(loss).mean()
    assert mean == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("beta", [0.0, 0.9, 0.9999, 1.0])
@pytest.mark.parametrize(
    ("cls", "kind", "kwargs"),
    [
        (ClassBalancedSoftmax, "softmax", {}),
        (ClassBalancedSigmoid, "sigmoid", {}),
        (ClassBalancedFocal, "focal", {"gamma": 0.5}),
        (ClassBalancedFocal, "focal", {"gamma": 2.0}),
    ],
)
def test_matches_definition(rng, cls, kind, kwargs, beta):
    labels, logits = batch(rng)
    loss = cls(COUNTS, beta=beta, reduction=None, **kwargs)
    weights = class_balanced_weights(COUNTS, beta)
    np.testing.assert_allclose(
        loss(labels, logits),
        one_by_one(kind, labels, logits, weights, **kwargs),
        rtol=5e-6,
    )


def test_mean_is_over_images_not_over_weights(rng):
    labels, logits = batch(rng)
    each = ClassBalancedSoftmax(COUNTS, reduction=None)(labels, logits)
    mean = ClassBalancedSoftmax(COUNTS)(labels[:, None], logits)
    assert float(mean) == pytest.approx(float(np.mean(each)), rel=1e-6)


def test_beta_zero_is_the_plain_loss_of_keras(rng):
    labels, logits = batch(rng)
    plain = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    ours = ClassBalancedSoftmax(COUNTS, beta=0.0)
    assert float(ours(labels, logits)) == pytest.approx(
        float(plain(labels, logits)), rel=1e-6
    )


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_smoothing_is_that_of_keras(rng, smoothing):
    labels, logits = batch(rng)
    plain = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=smoothing, reduction=None
    )
    loss = ClassBalancedSoftmax(COUNTS, smoothing=smoothing, reduction=None)
    rows = np.eye(4, dtype="float32")[labels]
    expected = loss.class_weights[labels] * harness.to_numpy(
        plain(rows, logits)
    )
    np.testing.assert_allclose(loss(labels, logits), expected, rtol=2e-5)


def test_no_smoothing_is_the_plain_loss_bit_by_bit(rng):
    labels, logits = batch(rng, size=50)
    log_p = harness.to_numpy(keras.ops.log_softmax(logits, axis=-1))
    expected = [-row[y] for y, row in zip(labels, log_p, strict=True)]
    found = softmax(labels, logits, smoothing=0.0)
    np.testing.assert_array_equal(found, np.array(expected))


@pytest.mark.parametrize("gap", [20.0, 1e4])
def test_smoothed_mistake_keeps_its_gradient(gap):
    logits = np.array([[-gap / 2, gap / 2]], "float32")
    loss, slope = harness.value_and_gradient(
        lambda z: softmax([0], z, smoothing=0.2), logits
    )
    assert loss[0] == pytest.approx(0.9 * gap, rel=1e-6)
    np.testing.assert_allclose(slope, [[-0.9, 0.9]], rtol=1e-5)


@pytest.mark.parametrize("smoothing", [-0.1, 1.0, np.nan])
def test_smoothing_out_of_range(smoothing):
    with pytest.raises(ValueError, match=f"smoothing={smoothing}"):
        ClassBalancedSoftmax(COUNTS, smoothing=smoothing)
    with pytest.raises(ValueError, match=f"smoothing={smoothing}"):
        softmax([0], np.zeros((1, 2), "float32"), smoothing=smoothing)


@pytest.mark.parametrize("cls", LOSSES)
@pytest.mark.parametrize(
    "kwargs",
    [
        {"weighting": "inverse"},
        {"weighting": "inverse-sqrt"},
        {"weighting": "none"},
        {"beta": [0.9, 0.99, 0.5, 0.0]},
    ],
)
def test_other_weights(rng, cls, kwargs):
    labels, logits = batch(rng)
    found = harness.to_numpy(
        cls(COUNTS, reduction=None, **kwargs)(labels, logits)
    )
    plain = harness.to_numpy(
        cls(COUNTS, beta=0.0, reduction=None)(labels, logits)
    )
    weights = class_weights(COUNTS, **kwargs)
    np.testing.assert_allclose(found, weights[labels] * plain, rtol=1e-6)


def test_beta_towards_one_is_inverse_frequency(rng):
    labels, logits = batch(rng)
    expected = float(
        ClassBalancedSoftmax(COUNTS, weighting="inverse")(labels, logits)
    )
    for beta, rtol in ((1.0, 1e-6), (1.0 - 1e-9, 1e-5)):
        found = float(ClassBalancedSoftmax(COUNTS, beta=beta)(labels, logits))
        assert found == pytest.approx(expected, rel=rtol)


def test_gamma_zero_is_sigmoid_exactly(rng):
    labels, logits = batch(rng)
    a = ClassBalancedFocal(COUNTS, gamma=0.0, reduction=None)
    b = ClassBalancedSigmoid(COUNTS, reduction=None)
    np.testing.assert_array_equal(a(labels, logits), b(labels, logits))


@pytest.mark.parametrize("fn", [softmax, sigmoid, focal])
@pytest.mark.parametrize("magnitude", [30.0, 200.0, 1e4])
def test_confident_mistake_keeps_its_gradient(fn, magnitude):
    logits = np.array([[-magnitude, magnitude]], "float32")
    loss, slope = harness.value_and_gradient(
        lambda z: fn(np.array([0]), z), logits
    )
    assert loss[0] == pytest.approx(2.0 * magnitude, rel=1e-6)
    np.testing.assert_allclose(slope, [[-1.0, 1.0]], rtol=1e-5)


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_confident_success_keeps_its_digits(gamma):
    # For small p = 1 - sigmoid(20), invisible in float32: (gamma + 1) powers.
    loss = focal(
        np.array([0]), np.array([[20.0, -20.0]], "float32"), gamma=gamma
    )
    expected = 2.0 * expit(-20.0) ** (gamma + 1.0)
    assert float(loss[0]) == pytest.approx(expected, rel=1e-5)


def test_large_labels_stay_exact_in_mixed_precision(rng, mixed_bfloat16):
    # 257 is not a bfloat16 and 2049 not a float16: both would merge with 256
    # and 2048.
    labels = np.array([256, 257, 2048, 2049])
    counts = np.arange(1, 2051)
    logits = rng.normal(size=(4, 2050)).astype("float32")
    half = keras.ops.cast(logits, "bfloat16")
    rounded = harness.to_numpy(keras.ops.cast(half, "float32"))
    for cls in LOSSES:
        loss = cls(counts, reduction=None)
        assert loss.dtype == "float32"
        value = loss(labels, half)
        assert keras.backend.standardize_dtype(value.dtype) == "float32"
        np.testing.assert_allclose(value, loss(labels, rounded), rtol=1e-6)
    weights = class_balanced_weights(counts, 0.9999)
    np.testing.assert_allclose(
        softmax(labels, half, class_weights=weights),
        one_by_one("softmax", labels, rounded, weights),
        rtol=1e-5,
    )


def test_half_precision_floatx_does_not_reach_the_labels():
    keras.config.set_floatx("bfloat16")
    try:
        assert ClassBalancedSoftmax(COUNTS).dtype == "float32"
    finally:
        keras.config.set_floatx("float32")


@pytest.mark.parametrize("label", [-1, 4])
def test_impossible_label(label):
    labels, logits = np.array([label, 1], "int32"), np.zeros((2, 4), "float32")
    for fn in (softmax, sigmoid, focal):
        with pytest.raises(ValueError, match=rf"labels\[0\]={label}"):
            fn(labels, logits)
        loss = harness.in_graph(fn, labels, logits)
        assert np.isnan(loss[0])
        assert np.isfinite(loss[1])


@pytest.mark.parametrize("cls", LOSSES)
def test_gradient(rng, cls):
    labels, logits = batch(rng, dtype="float64")
    with harness.float64():
        loss = cls(COUNTS, dtype="float64", reduction=None)
        harness.check_gradient(lambda z: loss(labels, z), logits, rng)


@pytest.mark.parametrize("cls", LOSSES)
def test_xla(rng, cls):
    labels, logits = batch(rng)
    loss = cls(COUNTS)
    harness.check_xla(lambda z: loss(labels, z), logits)


@pytest.mark.parametrize(
    ("cls", "kwargs"),
    [
        (ClassBalancedSoftmax, {"class_names": ["a", "b", "c", "d"]}),
        (ClassBalancedSigmoid, {"dtype": "float64"}),
        (ClassBalancedFocal, {"gamma": 0.5, "reduction": "sum"}),
    ],
)
def test_config(rng, cls, kwargs):
    labels, logits = batch(rng)
    loss = cls(COUNTS, beta=0.9, **kwargs)
    twin = harness.check_config(loss, call=lambda x: x(labels, logits))
    assert float(twin(labels, logits)) == float(loss(labels, logits))


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"class_counts": [3, 0, 2, 0]}, "labels 1, 3"),
        ({"class_counts": [3, 0], "class_names": ["a", "wren"]}, "wren"),
        ({"class_counts": [3, 2.5]}, r"Received: class_counts\[1\]=2.5"),
        ({"class_counts": [3, np.nan]}, r"Received: class_counts\[1\]=nan"),
        ({"class_counts": [np.inf, 2]}, r"Received: class_counts\[0\]=inf"),
        ({"class_counts": [3, -1]}, r"Received: class_counts\[1\]=-1"),
        ({"class_counts": ["a", "b"]}, "class_counts of dtype <U1"),
        ({"class_counts": [True, True]}, "class_counts of dtype bool"),
        ({"class_counts": [3, 2], "beta": 1.01}, "Received: beta=1.01"),
        ({"class_counts": [3, 2], "beta": [0.9]}, r"shape \(1,\)"),
        ({"class_counts": [3, 2], "weighting": "x"}, "weighting='x'"),
        (
            {"class_counts": [3, 2], "weighting": "inverse", "beta": 0.9},
            "beta=0.9 with weighting='inverse'",
        ),
        ({"class_counts": [3, 2], "gamma": -1.0}, "Received: gamma=-1.0"),
        ({"class_counts": [3, 2], "dtype": "bfloat16"}, "dtype=bfloat16"),
        ({"class_counts": [3, 2], "dtype": "mixed_float16"}, "dtype=float16"),
    ],
)
def test_bad_arguments(kwargs, message):
    with pytest.raises(ValueError, match=message):
        ClassBalancedFocal(**kwargs)


@pytest.mark.parametrize("fn", [softmax, sigmoid, focal])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_logits_that_are_not_finite(fn, value):
    logits = np.array([[1.0, 2.0], [value, 0.0]], "float32")
    with pytest.raises(ValueError, match=rf"logits\[1, 0\]={value}"):
        fn(np.array([0, 1]), logits)


def test_weights_that_do_not_fit():
    logits = np.zeros((2, 4), "float32")
    with pytest.raises(ValueError, match=r"class_weights of shape \(2,\)"):
        softmax([0, 3], logits, class_weights=[0.5, 1.5])
    with pytest.raises(ValueError, match=r"class_weights\[3\]=nan"):
        softmax([0, 3], logits, class_weights=[0.5, 1.5, 1.0, np.nan])
    with pytest.raises(ValueError, match=r"shape \(2, 4\) for 1 labels"):
        softmax([0], logits)


def test_wrong_shapes(rng):
    labels, logits = batch(rng, num_classes=3)
    loss = ClassBalancedSoftmax(COUNTS)
    with pytest.raises(ValueError, match=r"holds 4 classes.*\(6, 3\)"):
        loss(labels, logits)
    with pytest.raises(ValueError, match="argmax"):
        loss(np.eye(4)[labels], np.zeros((6, 4)))
