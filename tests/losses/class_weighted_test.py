"""Tests for fgkeras.losses.class_weighted."""

import keras
import numpy as np
import pytest

from fgkeras.losses import ClassBalanced
from fgkeras.losses import ClassBalancedSoftmax
from fgkeras.losses import ListedTriplets
from fgkeras.losses import MultiLabelClassBalancedSigmoid
from fgkeras.losses import OfAnchors
from fgkeras.losses import listed_triplets
from fgkeras.ops import class_balanced_weights
from fgkeras.ops import class_weights
from tests import harness

COUNTS = (500, 120, 7, 1)


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    return rng.integers(4, size=6), rng.normal(size=(6, 4)).astype("float32")


@keras.saving.register_keras_serializable(package="fgkeras_tests")
class DistanceToLabel(keras.losses.Loss):
    """Takes one number per image, not one per class."""

    def call(self, y_true, y_pred):
        y_true = keras.ops.cast(y_true, y_pred.dtype)
        return keras.ops.abs(y_pred[:, 0] - y_true)


def plain(**kwargs):
    return keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, **kwargs
    )


def test_is_class_balanced_softmax_around_cross_entropy(batch):
    wrapped = ClassBalanced(plain(), COUNTS, beta=0.99, reduction=None)
    direct = ClassBalancedSoftmax(COUNTS, beta=0.99, reduction=None)
    np.testing.assert_allclose(wrapped(*batch), direct(*batch), rtol=1e-5)


def test_beta_zero_is_the_plain_loss(batch):
    wrapped = ClassBalanced(plain(), COUNTS, beta=0.0)
    assert float(wrapped(*batch)) == float(plain()(*batch))


@pytest.mark.parametrize("reduction", ["sum", None])
def test_reduction_of_the_inner_loss_is_not_used(batch, reduction):
    inner = plain(reduction=reduction)
    assert float(ClassBalanced(inner, COUNTS)(*batch)) == float(
        ClassBalanced(plain(), COUNTS)(*batch)
    )


def test_weights_a_loss_of_ones_own(batch):
    labels, rows = batch
    loss = ClassBalanced(DistanceToLabel(), COUNTS, beta=0.9, reduction=None)
    weights = class_balanced_weights(COUNTS, beta=0.9)
    expected = [
        weights[y] * abs(v - y) for y, v in zip(labels, rows[:, 0], strict=True)
    ]
    np.testing.assert_allclose(loss(labels[:, None], rows), expected, rtol=1e-5)


@pytest.mark.parametrize("kind", ["inverse", "inverse-sqrt", "none"])
def test_other_weightings(batch, kind):
    labels, logits = batch
    loss = ClassBalanced(plain(), COUNTS, weighting=kind, reduction=None)
    values = harness.to_numpy(plain(reduction=None)(labels, logits))
    weights = class_weights(COUNTS, weighting=kind)
    np.testing.assert_allclose(
        loss(labels, logits), weights[labels] * values, rtol=1e-6
    )
    assert harness.check_config(loss).weighting == kind


@pytest.mark.parametrize(
    "inner",
    [
        ClassBalancedSoftmax(COUNTS, beta=0.0),
        ClassBalanced(plain(), COUNTS),
        OfAnchors(ClassBalancedSoftmax(COUNTS)),
        MultiLabelClassBalancedSigmoid(COUNTS),
    ],
)
def test_loss_that_weights_classes_itself(inner):
    with pytest.raises(
        ValueError, match=f"twice. Received: loss='{inner.name}"
    ):
        ClassBalanced(inner, COUNTS)


@pytest.mark.parametrize("changed_row", ["a", "p", "n"])
def test_triplets_weigh_what_their_anchor_does(changed_row):
    # A negative that a person rejected has no class.
    labels = np.array([3, 3, 0, 1, 1, -1])
    rows = np.random.default_rng(0).normal(size=(6, 2)).astype("float32")
    values = harness.to_numpy(listed_triplets(rows, margin=9.0))
    weights = class_weights(COUNTS, weighting="inverse")[[3, 1]]
    loss = ClassBalanced(
        ListedTriplets(margin=9.0),
        COUNTS,
        weighting="inverse",
        reduction=None,
    )
    np.testing.assert_allclose(loss(labels, rows), weights * values, rtol=1e-6)
    changed = labels.copy()
    row = "apn".index(changed_row)
    changed[row] = 2
    before = harness.to_numpy(loss(labels, rows))
    moved = harness.to_numpy(loss(changed, rows)) != before
    assert moved.tolist() == [row == 0, False]
    harness.check_config(loss)
    with pytest.raises(ValueError, match=r"labels\[1\]=4"):
        loss(np.array([3, 3, 0, 4, 1, 0]), rows)


@pytest.mark.parametrize(
    "loss",
    [
        ListedTriplets(margin=9.0, reduction=None),
        ClassBalanced(ListedTriplets(margin=9.0), COUNTS, reduction=None),
        OfAnchors(plain(), reduction=None),
    ],
)
def test_sample_weights_of_triplets_are_their_anchors(loss):
    labels = np.array([3, 3, 0, 1, 1, 0])
    rows = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")
    weights = np.array([2.0, 9.0, 9.0, 0.5, 9.0, 9.0])
    expected = harness.to_numpy(loss(labels, rows)) * [2.0, 0.5]
    found = harness.to_numpy(loss(labels, rows, weights))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_large_labels_stay_exact(batch):
    labels = np.array([257, 256])
    loss = ClassBalanced(
        DistanceToLabel(), np.arange(1, 300), beta=0.0, reduction=None
    )
    values = loss(labels, keras.ops.zeros((2, 1), "bfloat16"))
    np.testing.assert_array_equal(values, [257.0, 256.0])


def test_impossible_label():
    loss = ClassBalanced(DistanceToLabel(), COUNTS)
    labels, rows = np.array([4, 0], "int32"), np.zeros((2, 1), "float32")
    with pytest.raises(ValueError, match=r"labels\[0\]=4"):
        loss(labels, rows)
    assert np.isnan(harness.in_graph(loss, labels, rows))


@pytest.mark.parametrize("inner", [DistanceToLabel(), plain()])
def test_config(batch, inner):
    loss = ClassBalanced(inner, COUNTS, beta=0.9, class_names="abcd")
    twin = harness.check_config(loss, call=lambda x: x(*batch))
    assert float(twin(*batch)) == float(loss(*batch))
    assert type(twin.loss) is type(inner)


def test_loss_by_name(batch):
    loss = ClassBalanced("MeanSquaredError", COUNTS)
    assert isinstance(loss.loss, keras.losses.MeanSquaredError)


def test_xla(batch):
    labels, logits = batch
    loss = ClassBalanced(plain(), COUNTS)
    harness.check_xla(lambda z: loss(labels, z), logits)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"loss": len}, "Received: loss=<built-in function len>"),
        ({"loss": "mean_squared_error"}, "mean_squared_error"),
        ({"class_counts": [1, 0]}, "labels 1"),
        ({"class_counts": [1, 2.5]}, r"class_counts\[1\]=2.5"),
        ({"beta": -0.1}, "beta=-0.1"),
        ({"dtype": "float16"}, "dtype=float16"),
    ],
)
def test_bad_arguments(kwargs, message):
    arguments = {"loss": plain(), "class_counts": COUNTS, **kwargs}
    with pytest.raises(ValueError, match=message):
        ClassBalanced(**arguments)


def test_loss_that_reduces_itself(batch):
    @keras.saving.register_keras_serializable(package="fgkeras_tests")
    class Total(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return keras.ops.sum(y_pred)

    with pytest.raises(ValueError, match="one value per image"):
        ClassBalanced(Total(), COUNTS)(*batch)
