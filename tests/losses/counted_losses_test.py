"""What all losses on logits that know class counts have in common."""

import keras
import numpy as np
import pytest

from fgkeras import losses
from tests import harness

COUNTS = (500, 120, 7, 1)
PLAIN = {
    "balanced": (losses.BalancedSoftmax, losses.balanced_softmax, {}),
    "adjusted": (losses.LogitAdjusted, losses.logit_adjusted, {"tau": 0.7}),
    "ldam": (losses.LDAM, losses.ldam, {"max_margin": 0.4, "scale": 5.0}),
}
WEIGHTED = {
    "softmax": (losses.ClassBalancedSoftmax, {"smoothing": 0.1}),
    "sigmoid": (losses.ClassBalancedSigmoid, {"weighting": "inverse"}),
    "focal": (losses.ClassBalancedFocal, {"beta": [0.9, 0.99, 0.5, 0.0]}),
}
CLASSES = {name: (cls, given) for name, (cls, _, given) in PLAIN.items()}
CLASSES |= WEIGHTED


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    logits = 3.0 * rng.normal(size=(6, 4))
    return rng.integers(4, size=6), logits.astype("float32")


def shifts(name, labels):
    """What is added to the logits, in float64 loops."""
    out = np.zeros((len(labels), 4))
    for i, y in enumerate(labels):
        for c, n in enumerate(COUNTS):
            if name == "balanced":
                out[i, c] = np.log(n)
            elif name == "adjusted":
                out[i, c] = 0.7 * np.log(n / sum(COUNTS))
            elif c == y:
                # A constant over the fourth root of n; of the rarest .4.
                constant = 0.4 * min(COUNTS) ** 0.25
                out[i, c] = -5.0 * constant / n**0.25
    return out


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("name", PLAIN)
def test_definition(name, smoothing, batch):
    labels, logits = batch[0], batch[1].astype("float64")
    _, fn, given = PLAIN[name]
    expected = []
    moved = logits + shifts(name, labels)
    for y, z in zip(labels, moved, strict=True):
        p = np.exp(z) / sum(np.exp(v) for v in z)
        target = [(1 - smoothing) * (c == y) + smoothing / 4 for c in range(4)]
        expected.append(
            -sum(t * np.log(q) for t, q in zip(target, p, strict=True))
        )
    with harness.float64():
        found = fn(
            labels, logits, class_counts=COUNTS, smoothing=smoothing, **given
        )
        np.testing.assert_allclose(
            harness.to_numpy(found), expected, rtol=1e-12
        )


@pytest.mark.parametrize("name", PLAIN)
def test_class_is_the_function(name, batch):
    cls, fn, given = PLAIN[name]
    found = cls(COUNTS, reduction=None, **given)(*batch)
    np.testing.assert_array_equal(
        found, fn(*batch, class_counts=COUNTS, **given)
    )


@pytest.mark.parametrize("name", PLAIN)
def test_no_smoothing_is_the_same_bits(name, batch):
    labels, logits = batch
    _, fn, given = PLAIN[name]
    np.testing.assert_array_equal(
        fn(labels, logits, class_counts=COUNTS, smoothing=0.0, **given),
        fn(labels, logits, class_counts=COUNTS, **given),
    )


@pytest.mark.parametrize("gap", [20.0, 200.0, 1e4])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("name", PLAIN)
def test_confident_mistake_keeps_its_gradient(name, smoothing, gap):
    # Equal counts move no logit but by the margin, at most 2.
    _, fn, given = PLAIN[name]
    logits = np.array([[-gap / 2, gap / 2]], "float32")
    loss, slope = harness.value_and_gradient(
        lambda z: fn([0], z, class_counts=[9, 9], smoothing=smoothing, **given),
        logits,
    )
    margin = 2.0 if name == "ldam" else 0.0
    wrong = 1.0 - smoothing / 2
    assert loss[0] == pytest.approx(wrong * (gap + margin), rel=1e-6)
    np.testing.assert_allclose(slope, [[-wrong, wrong]], rtol=1e-5)


@pytest.mark.parametrize("name", CLASSES)
def test_gradient(name, batch):
    labels, logits = batch
    cls, given = CLASSES[name]
    loss = cls(COUNTS, dtype="float64", reduction=None, **given)
    with harness.float64():
        harness.check_gradient(
            lambda z: loss(labels, z), logits, np.random.default_rng(1)
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", PLAIN)
def test_xla(name, batch):
    labels, logits = batch
    cls, given = CLASSES[name]
    loss = cls(COUNTS, smoothing=0.1, **given)
    harness.check_xla(lambda z: loss(labels, z), logits)


@pytest.mark.parametrize("name", CLASSES)
def test_config(name, batch):
    cls, given = CLASSES[name]
    loss = cls(COUNTS, class_names="abcd", **given)
    twin = harness.check_config(loss, call=lambda x: x(*batch))
    assert float(twin(*batch)) == float(loss(*batch))


@pytest.mark.parametrize("name", CLASSES)
def test_sample_weights_and_masks_act_as_in_keras(name, batch):
    labels, logits = batch
    cls, given = CLASSES[name]

    class Values(keras.losses.Loss):
        """Keras' own reduction of the same values."""

        def call(self, y_true, y_pred):
            return cls(COUNTS, reduction=None, **given)(labels, logits)

    weights = np.array([0.0, 2.0, 1.0, 0.5, 3.0, 1.0], "float32")
    hidden = keras.ops.convert_to_tensor(logits)
    hidden._keras_mask = keras.ops.convert_to_tensor(weights > 0.6)
    for reduction in ("sum", "sum_over_batch_size", "mean_with_sample_weight"):
        ours = cls(COUNTS, reduction=reduction, **given)
        theirs = Values(reduction=reduction)
        plain = float(ours(labels, logits))
        for z, w in ((logits, weights), (hidden, None), (hidden, weights)):
            found = float(ours(labels, z, w))
            assert found == pytest.approx(float(theirs(labels, z, w)), rel=1e-6)
            assert found != pytest.approx(plain, rel=1e-3)


@pytest.mark.parametrize("name", PLAIN)
def test_counts_that_do_not_fit(name, batch):
    labels, logits = batch
    cls, fn, _ = PLAIN[name]
    for counts, message in (
        ((3, 0, 2, 0), "class_counts=0 for labels 1, 3"),
        ((3, 1, 2, 1.5), r"class_counts\[3\]=1.5"),
        ((), r"shape \(0,\)"),
    ):
        with pytest.raises(ValueError, match=message):
            fn(labels, logits, class_counts=counts)
        with pytest.raises(ValueError, match=message):
            cls(counts)
    with pytest.raises(ValueError, match="wren"):
        cls((3, 0), class_names=["owl", "wren"])
    with pytest.raises(ValueError, match=r"holds 3 classes.*\(6, 4\)"):
        fn(labels, logits, class_counts=COUNTS[:3])
    with pytest.raises(ValueError, match=r"holds 3 classes.*\(6, 4\)"):
        cls(COUNTS[:3])(labels % 3, logits)


@pytest.mark.parametrize("name", CLASSES)
def test_rows_of_several_classes_are_for_others(name, batch):
    labels, logits = batch
    cls, given = CLASSES[name]
    for rows in (np.eye(4)[labels], np.eye(4, dtype="int32")[labels]):
        with pytest.raises(ValueError, match="argmax.*MultiLabelClassBal"):
            cls(COUNTS, **given)(rows, logits)


@pytest.mark.parametrize("name", PLAIN)
def test_labels_that_do_not_fit(name, batch):
    labels, logits = batch
    _, fn, given = PLAIN[name]
    with pytest.raises(ValueError, match="argmax"):
        fn(np.eye(4)[labels], logits, class_counts=COUNTS, **given)
    with pytest.raises(ValueError, match=r"shape \(6, 4\) for 5 labels"):
        fn(labels[:5], logits, class_counts=COUNTS, **given)
    with pytest.raises(ValueError, match=r"labels\[0\]=4"):
        fn([4, *labels[1:]], logits, class_counts=COUNTS, **given)
    with pytest.raises(ValueError, match="smoothing=1.0"):
        fn(labels, logits, class_counts=COUNTS, smoothing=1.0)


@pytest.mark.parametrize("name", PLAIN)
def test_class_balanced_goes_around(name, batch):
    labels, logits = batch
    cls, given = CLASSES[name]
    inner = cls(COUNTS, **given)
    loss = losses.ClassBalanced(inner, COUNTS, beta=0.9, reduction=None)
    values = harness.to_numpy(inner.call(labels, logits))
    expected = loss.class_weights[labels] * values
    np.testing.assert_allclose(loss(labels, logits), expected, rtol=1e-6)
    harness.check_config(loss)


# Fitting takes a second; one of a kind is tried by default.
ONE = [
    name if name == "ldam" else pytest.param(name, marks=pytest.mark.slow)
    for name in PLAIN
]


@pytest.mark.parametrize("name", ONE)
def test_trains_in_model_compile(name):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(32, 3)).astype("float32"), rng.integers(4, size=32)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])
    cls, given = CLASSES[name]
    model.compile("sgd", cls(COUNTS, **given))
    history = model.fit(x, y, epochs=2, verbose=0).history["loss"]
    assert np.isfinite(history).all()
    assert history[1] < history[0]
