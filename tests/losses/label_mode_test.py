"""Tests for fgkeras.losses.label_mode, and of every loss that takes it.

The losses are those of the registry: one that is new there is tested here too.
"""

import inspect

import keras
import numpy as np
import pytest
from scipy.special import expit
from scipy.special import log_softmax

from fgkeras import losses
from fgkeras.losses.label_mode import expected
from fgkeras.losses.label_mode import label_rows
from fgkeras.losses.label_mode import labels_in
from fgkeras.ops import class_weights
from fgkeras.registries import LOSSES
from fgkeras.training import GlobalBatchLoss
from tests import harness

COUNTS = (500, 120, 7, 1)
LABELS = np.array([3, 0, 2, 0, 1, 3])
RNG = np.random.default_rng(0)
LOGITS = 3.0 * RNG.normal(size=(6, 4)).astype("float32")
ONE_HOT = np.eye(4, dtype="float32")[LABELS]
# Of two images, of four, and of images that are not mixed.
SHARES = np.concatenate(
    [
        0.7 * ONE_HOT[:2] + 0.3 * ONE_HOT[2:4],
        RNG.dirichlet(np.ones(4), size=2),
        ONE_HOT[4:],
    ]
).astype("float32")

# What an option is given that a loss takes.
GIVEN = {
    "gamma": 0.7,
    "max_margin": 0.4,
    "scale": 5.0,
    "smoothing": 0.3,
    "tau": 1.3,
    "weighting": "inverse-sqrt",
}


def of_registry(name, given):
    return lambda **more: LOSSES.load(name)(COUNTS, **given, **more)


def around(integer, categorical):
    """`ClassBalanced` around a loss, given in both modes."""

    def make(label_mode="integer", **more):
        inner = categorical if label_mode == "categorical" else integer
        return losses.ClassBalanced(
            inner, COUNTS, beta=0.99, label_mode=label_mode, **more
        )

    return make


CASES = {name: of_registry(name, {}) for name in LOSSES}
CASES |= {
    f"{name}, given": of_registry(
        name, {o: v for o, v in GIVEN.items() if o in LOSSES[name].options}
    )
    for name in LOSSES
}
CASES |= {
    "around LDAM": around(
        losses.LDAM(COUNTS, smoothing=0.2),
        losses.LDAM(COUNTS, smoothing=0.2, label_mode="categorical"),
    ),
    "around Keras": around(
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        keras.losses.CategoricalCrossentropy(from_logits=True),
    ),
}
PLAIN = [name for name in CASES if ", " not in name]
by_case = pytest.mark.parametrize("name", CASES)
by_plain = pytest.mark.parametrize("name", PLAIN)


def soft(name, **more):
    return CASES[name](label_mode="categorical", **more)


@by_case
def test_one_hot_rows_are_the_integers_and_soft_ones_the_expectation(name):
    harness.check_label_mode(CASES[name], LABELS, LOGITS, SHARES)


def classes_one_by_one(name, z):
    """The loss of each class, by its equation, without smoothing."""
    frequency = np.array(COUNTS) / sum(COUNTS)
    for c in range(4):
        if name in ("sigmoid", "focal"):
            signed = np.where(np.arange(4) == c, z, -z)
            gamma = GIVEN["gamma"] if name == "focal" else 0.0
            weight = class_weights(COUNTS, weighting="inverse-sqrt")[c]
            yield weight * sum(
                (1 - expit(v)) ** gamma * -np.log(expit(v)) for v in signed
            )
            continue
        moved, weight = z.copy(), 1.0
        if name == "softmax":
            weight = class_weights(COUNTS, weighting="inverse-sqrt")[c]
        elif name == "balanced-softmax":
            moved += np.log(frequency)
        elif name == "logit-adjusted":
            moved += GIVEN["tau"] * np.log(frequency)
        else:
            moved[c] -= 5.0 * 0.4 / COUNTS[c] ** 0.25
        target = 0.7 * np.eye(4)[c] + 0.3 / 4
        yield weight * -sum(target * log_softmax(moved))


@pytest.mark.parametrize(
    "name",
    [
        "balanced-softmax",
        "focal",
        "ldam",
        "logit-adjusted",
        "sigmoid",
        "softmax",
    ],
)
def test_definition(name):
    wanted = [
        sum(
            t * v for t, v in zip(row, classes_one_by_one(name, z), strict=True)
        )
        for row, z in zip(
            SHARES.astype("float64"), LOGITS.astype("float64"), strict=True
        )
    ]
    with harness.float64():
        loss = soft(f"{name}, given", reduction=None, dtype="float64")
        found = loss(SHARES, LOGITS)
        np.testing.assert_allclose(harness.to_numpy(found), wanted, rtol=1e-10)


def test_softmax_and_sigmoid_of_soft_rows_are_those_of_keras():
    softmax = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=0.2, reduction=None
    )
    found = losses.softmax(
        SHARES, LOGITS, smoothing=0.2, label_mode="categorical"
    )
    np.testing.assert_allclose(found, softmax(SHARES, LOGITS), rtol=1e-5)
    sigmoid = keras.losses.BinaryCrossentropy(from_logits=True, reduction=None)
    found = losses.sigmoid(SHARES, LOGITS, label_mode="categorical")
    # Keras takes the mean over the classes.
    np.testing.assert_allclose(found, 4 * sigmoid(SHARES, LOGITS), rtol=1e-5)


def test_loss_inside_may_smooth():
    inner = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=0.2
    )
    wrapped = losses.ClassBalanced(
        inner, COUNTS, label_mode="categorical", reduction=None
    )
    direct = losses.ClassBalancedSoftmax(
        COUNTS, smoothing=0.2, label_mode="categorical", reduction=None
    )
    np.testing.assert_allclose(
        wrapped(SHARES, LOGITS), direct(SHARES, LOGITS), rtol=1e-5
    )


@pytest.mark.parametrize("gap", [20.0, 200.0, 1e4])
@pytest.mark.parametrize("scale", [1.0, 30.0, 1000.0])
def test_margins_of_confident_logits_keep_their_digits(gap, scale):
    # Wrong, right, and not told apart; a margin beyond what exp can hold.
    logits = np.array([[gap, 0.0, 1.0], [0.0, gap, gap], [0.0, 0.0, 0.0]])
    logits = np.repeat(logits.astype("float32"), 3, axis=0)
    labels = np.tile([0, 1, 2], 3)
    given = {"class_counts": [81, 16, 1], "scale": scale}
    wanted, slope = harness.value_and_gradient(
        lambda z: losses.ldam(labels, z, **given), logits
    )
    found, soft_slope = harness.value_and_gradient(
        lambda z: losses.ldam(
            np.eye(3)[labels], z, label_mode="categorical", **given
        ),
        logits,
    )
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=2e-6)
    np.testing.assert_allclose(soft_slope, slope, rtol=1e-5, atol=2e-6)


def test_one_class_has_nothing_to_win_against():
    for name in LOSSES:
        made = LOSSES.load(name)
        hard, rows = made([5]), made([5], label_mode="categorical")
        z = np.array([[2.0]], "float32")
        assert float(rows(np.ones((1, 1)), z)) == float(hard(np.array([0]), z))


@by_plain
def test_gradient(name):
    with harness.float64():
        loss = soft(name, reduction=None, dtype="float64")
        harness.check_gradient(
            lambda z: loss(SHARES, z), LOGITS, np.random.default_rng(1)
        )


@pytest.mark.slow
@by_case
def test_xla(name):
    loss = soft(name)
    harness.check_xla(lambda z: loss(SHARES, z), LOGITS)


@by_plain
def test_sample_weights_and_masks_act_as_in_keras(name):
    class Values(keras.losses.Loss):
        """Keras' own reduction of the same values."""

        def call(self, y_true, y_pred):
            return soft(name, reduction=None)(SHARES, LOGITS)

    weights = np.array([0.0, 2.0, 1.0, 0.5, 3.0, 1.0], "float32")
    hidden = keras.ops.convert_to_tensor(LOGITS)
    hidden._keras_mask = keras.ops.convert_to_tensor(weights > 0.6)
    for reduction in ("sum", "sum_over_batch_size", "mean_with_sample_weight"):
        ours, theirs = (
            soft(name, reduction=reduction),
            Values(reduction=reduction),
        )
        plain = float(ours(SHARES, LOGITS))
        for z, w in ((LOGITS, weights), (hidden, None), (hidden, weights)):
            found = float(ours(SHARES, z, w))
            assert found == pytest.approx(float(theirs(SHARES, z, w)), rel=1e-6)
            assert found != pytest.approx(plain, rel=1e-3)


@by_case
def test_config(name):
    loss = soft(name, class_names="abcd")
    twin = harness.check_config(loss, call=lambda x: x(SHARES, LOGITS))
    assert twin.label_mode == "categorical"
    assert float(twin(SHARES, LOGITS)) == float(loss(SHARES, LOGITS))
    # What was written before there was a choice.
    config = CASES[name]().get_config()
    assert config.pop("label_mode") == "integer"
    assert type(loss).from_config(config).label_mode == "integer"


def with_row(row, dtype="float32"):
    rows = SHARES.copy()
    rows[3] = row
    return rows.astype(dtype)


WRONG = {
    "negative": (with_row([-0.1, 1.1, 0, 0]), r"labels\[3, 0\]=-0.1"),
    "nan": (with_row([0.5, np.nan, 0.5, 0]), r"labels\[3, 1\]=nan"),
    "infinite": (with_row([0, np.inf, 0, 0]), r"labels\[3\].* sums to inf"),
    "too little": (with_row([0.5, 0, 0.498, 0]), r"labels\[3\].* to 0\.998"),
    "too much": (with_row([0.5, 0, 0.502, 0]), r"labels\[3\].* to 1\.002"),
    "none": (with_row(0), r"labels\[3\].* sums to 0\."),
    "several": (with_row([1, 0, 1, 0], "float64"), "to 2.*MultiLabelClassBal"),
}
SHAPES = {
    "integers": (LABELS, r"shape \(6,\).*for 4 classes.*one_hot"),
    "a column": (LABELS[:, None], r"shape \(6, 1\).*one_hot"),
    "too few classes": (SHARES[:, :3], r"shape \(6, 3\).*for 4 classes"),
    "too many": (np.eye(5)[LABELS], r"shape \(6, 5\).*for 4 classes"),
    "three axes": (SHARES[..., None], r"shape \(6, 4, 1\)"),
    "float16": (SHARES.astype("float16"), "dtype float16"),
    "strings": (ONE_HOT.astype(str), "dtype str|dtype <U"),
    "objects": (ONE_HOT.astype(object), "dtype object"),
}


@by_plain
def test_wrong_rows_are_refused(name):
    for rows, message in (*WRONG.values(), *SHAPES.values()):
        with pytest.raises(ValueError, match=f"Labels must be rows.*{message}"):
            soft(name)(rows, LOGITS)


@by_plain
def test_wrong_row_is_nan_in_a_graph(name):
    loss = soft(name, reduction=None)
    for rows, _ in WRONG.values():
        found = harness.in_graph(loss, rows.astype("float32"), LOGITS)
        assert np.isnan(found).tolist() == [i == 3 for i in range(6)]
    for kind in ("integers", "too few classes", "float16"):
        rows, message = SHAPES[kind]
        with pytest.raises(ValueError, match=message):
            harness.in_graph(loss, rows, LOGITS)


@by_plain
def test_number_of_rows_is_that_of_the_logits(name):
    if name.startswith("around"):
        pytest.skip("what the loss inside says")
    with pytest.raises(ValueError, match=r"shape \(6, 4\) for 5 labels"):
        soft(name)(SHARES[:5], LOGITS)


@by_plain
def test_ordinary_types_stay_legal(name):
    loss = soft(name, reduction=None)
    wanted = loss(ONE_HOT, LOGITS)
    for dtype in ("float64", "int32", "uint8", "bool"):
        found = loss(ONE_HOT.astype(dtype), LOGITS)
        np.testing.assert_array_equal(found, wanted)
    found = loss(ONE_HOT.tolist(), LOGITS)
    np.testing.assert_array_equal(found, wanted)


@by_plain
def test_sums_are_as_close_as_is_said(name):
    for row in ([0.5, 0, 0.4995, 0], [0.5, 0, 0.5005, 0]):
        rows = with_row(row)
        found = harness.in_graph(soft(name), rows, LOGITS)
        assert found == pytest.approx(float(soft(name)(rows, LOGITS)), rel=1e-5)


@by_plain
def test_rows_are_told_of_the_mode_where_integers_are_asked(name):
    message = "argmax" if name.startswith("around") else "label_mode='cat"
    with pytest.raises(ValueError, match=message):
        CASES[name]()(ONE_HOT, LOGITS)


def test_only_losses_of_one_class_take_a_mode():
    taking = {
        name
        for name in losses.__all__
        if "label_mode" in inspect.signature(getattr(losses, name)).parameters
    }
    assert taking == {
        *(LOSSES.load(name).__name__ for name in LOSSES),
        "ClassBalanced",
        "balanced_softmax",
        "focal",
        "ldam",
        "logit_adjusted",
        "sigmoid",
        "softmax",
    }
    for cls in (losses.MultiLabelClassBalancedSigmoid, losses.LogitAdjusted):
        one = cls is losses.LogitAdjusted
        assert ("label_mode" in cls(COUNTS).get_config()) == one


@pytest.mark.parametrize(
    ("inner", "mode"),
    [
        (losses.LDAM(COUNTS), "categorical"),
        (losses.LDAM(COUNTS, label_mode="categorical"), "integer"),
        (losses.Contrastive(), "categorical"),
        (losses.ListedTriplets(), "categorical"),
        (keras.losses.SparseCategoricalCrossentropy(), "categorical"),
    ],
)
def test_loss_inside_takes_the_same_labels(inner, mode):
    with pytest.raises(ValueError, match=f"mode='{mode}'.*{inner.name}"):
        losses.ClassBalanced(inner, COUNTS, label_mode=mode)


@pytest.mark.parametrize("wrapper", [losses.OfAnchors, GlobalBatchLoss])
def test_losses_of_integers_take_none_of_rows_inside(wrapper):
    inner = losses.ClassBalancedSoftmax(COUNTS, label_mode="categorical")
    with pytest.raises(ValueError, match="label_mode='integer'.*'class_bal"):
        wrapper(inner)


def test_a_share_of_nothing_counts_nothing():
    # The probability of a class that is no label may underflow.
    logits = np.array([[3e38, -3e38]], "float32")
    for z, label in ((logits, [1.0, 0.0]), (-logits, [0.0, 1.0])):
        found = losses.softmax([label], z, label_mode="categorical")
        np.testing.assert_array_equal(found, [0.0])


def test_labels_in_both_modes():
    assert labels_in("integer", [[3], [1]]).shape == (2,)
    assert labels_in("categorical", [[0.5, 0.5]]).shape == (1, 2)
    with pytest.raises(ValueError, match=r"labels\[0\]=-1"):
        labels_in("integer", [-1])
    with pytest.raises(ValueError, match="`label_mode` must be .*'soft'"):
        labels_in("soft", [1])
    rows = label_rows(SHARES.astype("float64"), 4)
    np.testing.assert_array_equal(rows, SHARES)


def test_expectation_is_linear():
    values = RNG.normal(size=(6, 4)).astype("float32")
    weights = [2.0, 0.5, 3.0, 0.0]
    wanted = [
        sum(t * w * v for t, w, v in zip(row, weights, line, strict=True))
        for row, line in zip(SHARES, values, strict=True)
    ]
    found = expected(label_rows(SHARES), values, weights)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def classifier(loss, **more):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)])
    model.compile("sgd", loss, metrics=["accuracy"], **more)
    return model


# Fitting takes a second; one of a kind is tried by default.
ONE = [
    name if name == "ldam" else pytest.param(name, marks=pytest.mark.slow)
    for name in PLAIN
]


@pytest.mark.parametrize("name", ONE)
def test_fit_of_one_hot_rows_is_that_of_integers(name, tmp_path):
    hard, model = classifier(CASES[name]()), classifier(soft(name))
    wanted = hard.fit(LOGITS, LABELS, epochs=3, verbose=0).history
    found = model.fit(LOGITS, ONE_HOT, epochs=3, verbose=0).history
    assert set(found) == {"accuracy", "loss"}
    for key, values in wanted.items():
        np.testing.assert_allclose(found[key], values, rtol=1e-5)
    mixed = model.fit(LOGITS, SHARES, epochs=3, verbose=0).history
    assert mixed["loss"][2] < mixed["loss"][0]
    right = model.predict(LOGITS, verbose=0).argmax(1) == SHARES.argmax(1)
    path = str(tmp_path / "model.keras")
    model.save(path)
    twin = keras.models.load_model(path)
    assert twin.loss.label_mode == "categorical"
    scores = twin.evaluate(LOGITS, SHARES, verbose=0, return_dict=True)
    assert scores == model.evaluate(LOGITS, SHARES, verbose=0, return_dict=True)
    assert scores["accuracy"] == pytest.approx(right.mean())


def test_fit_refuses_wrong_rows_or_is_nan():
    model = classifier(losses.ClassBalancedSoftmax(COUNTS))
    with pytest.raises(ValueError, match="label_mode='categorical'"):
        model.fit(LOGITS, ONE_HOT, verbose=0)
    loss = losses.ClassBalancedSoftmax(COUNTS, label_mode="categorical")
    for kind in ("integers", "too few classes"):
        rows, _ = SHAPES[kind]
        with pytest.raises(ValueError, match="Labels must be rows of shares"):
            classifier(loss).fit(LOGITS, rows, verbose=0)
    for kind in ("negative", "nan", "too little"):
        history = classifier(loss).fit(LOGITS, WRONG[kind][0], verbose=0)
        assert np.isnan(history.history["loss"]).all()
    model = classifier(loss, run_eagerly=True)
    with pytest.raises(ValueError, match=r"labels\[\d, 0\]=-0.1"):
        model.fit(LOGITS, WRONG["negative"][0], verbose=0)
