"""Every metric loss and miner, on the batches that break such code.

Values and gradients must be finite, one per anchor, and 0 where nothing can be
compared; and they must not depend on the order of the batch, on a rotation of
the space, on the names of the classes, or on being compiled.
"""

import keras
import numpy as np
import pytest
from keras import ops

from tests import harness
from tests.losses.metric_losses import LOSSES
from tests.losses.metric_losses import MINERS
from tests.losses.metric_losses import ONE_SIDED

MIXED = np.array([0, 1, 0, 2, 1, 0, 3, 1, 2], "int32")
POINTS = np.random.default_rng(0).normal(size=(9, 4)).astype("float32")
SINGLETONS = np.arange(9, dtype="int32")
BATCHES = {
    "mixed": (MIXED, POINTS),
    "singletons": (SINGLETONS, POINTS),
    "one_class": (np.zeros(9, "int32"), POINTS),
    "one_row": (MIXED[:1], POINTS[:1]),
    "all_equal": (MIXED, np.repeat(POINTS[:1], 9, axis=0)),
    "nearly_equal": (MIXED, POINTS[:1] + 1e-7 * POINTS),
    "all_zero": (MIXED, np.zeros_like(POINTS)),
    "one_zero": (MIXED, POINTS * (SINGLETONS != 5)[:, None]),
    "antipodal": (
        MIXED,
        np.where(SINGLETONS[:, None] % 2, 1.0, -1.0).astype("float32")
        * POINTS[:1],
    ),
    "huge": (MIXED, 1e3 * POINTS),
}
HALF = ("float16", "bfloat16")

# One that sorts and one that loops; compiling all takes a minute.
COMPILED = ("MultiSimilarity", "TripletSemiHard")

PER_ANCHOR = {name: harness.kept(case) for name, case in LOSSES.items()}
MINED = {name: harness.kept(miner) for name, miner in MINERS.items()}

slow = pytest.mark.slow
by_loss = pytest.mark.parametrize("name", LOSSES)
by_miner = pytest.mark.parametrize("name", MINERS)


def outputs(found):
    """The arrays in what a miner returns, however nested."""
    if isinstance(found, tuple | list):
        return [array for part in found for array in outputs(part)]
    return [harness.to_numpy(found).astype("float64")]


@by_loss
@pytest.mark.parametrize("batch", BATCHES)
def test_loss_is_finite(name, batch):
    labels, x = BATCHES[batch]
    case = LOSSES[name]
    value, gradient = harness.value_and_gradient(
        lambda z: PER_ANCHOR[name](labels, z), x
    )
    assert value.shape == labels.shape
    assert gradient.shape == x.shape
    assert np.isfinite(value).all()
    assert np.isfinite(gradient).all()
    if batch in ONE_SIDED and batch not in case.compares:
        np.testing.assert_array_equal(value, 0.0)
        np.testing.assert_array_equal(gradient, 0.0)
    if batch == "mixed":
        assert value.any()
        assert gradient.any()
        alone = 6
        if not case.compares:
            assert value[alone] == 0.0


@pytest.mark.slow
@by_loss
@pytest.mark.parametrize("dtype", HALF)
def test_loss_of_half_precision(name, dtype):
    case = LOSSES[name]
    x = ops.cast(POINTS, dtype)
    value, gradient = harness.value_and_gradient(
        lambda z: PER_ANCHOR[name](MIXED, z), x
    )
    assert value.dtype == np.float32
    assert np.isfinite(gradient.astype("float32")).all()
    rounded = harness.to_numpy(ops.cast(x, "float32"))
    np.testing.assert_allclose(
        value, PER_ANCHOR[name](MIXED, rounded), rtol=1e-5, atol=1e-6
    )
    through_keras = ops.mean(
        case.loss(MIXED, x if case.head is None else case.head(x))
    )
    assert float(through_keras) == pytest.approx(value.mean(), rel=1e-5)


@by_loss
def test_order_of_the_batch_does_not_matter(name):
    order = np.random.default_rng(1).permutation(9)
    np.testing.assert_allclose(
        PER_ANCHOR[name](MIXED[order], POINTS[order]),
        harness.to_numpy(PER_ANCHOR[name](MIXED, POINTS))[order],
        rtol=1e-4,
        atol=1e-5,
    )


@by_loss
def test_rotation_does_not_matter(name):
    if LOSSES[name].head is not None:
        pytest.skip("proxies would have to be rotated too")
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))
    np.testing.assert_allclose(
        PER_ANCHOR[name](MIXED, POINTS @ turn.astype("float32")),
        PER_ANCHOR[name](MIXED, POINTS),
        rtol=1e-4,
        atol=1e-5,
    )


@by_loss
def test_names_of_classes_do_not_matter(name):
    if LOSSES[name].head is not None:
        pytest.skip("proxies belong to labels")
    renamed = np.array([70_001, 3, 70_000, 12], "int32")[MIXED]
    np.testing.assert_allclose(
        PER_ANCHOR[name](renamed, POINTS),
        PER_ANCHOR[name](MIXED, POINTS),
        rtol=1e-5,
        atol=1e-6,
    )


@by_loss
def test_absent_rows_do_not_matter(name):
    if LOSSES[name].head is not None:
        pytest.skip("labels below 0 are for losses over pairs")
    labels = np.where(np.isin(SINGLETONS, [2, 4]), -1, MIXED)
    there = labels >= 0
    value = harness.to_numpy(PER_ANCHOR[name](labels, POINTS))
    np.testing.assert_array_equal(value[~there], 0.0)
    alone = harness.to_numpy(PER_ANCHOR[name](MIXED[there], POINTS[there]))
    np.testing.assert_allclose(value[there], alone, rtol=1e-4, atol=1e-5)


@by_loss
def test_gradient(name):
    case = LOSSES[name]
    if case.draws:
        pytest.skip("the weights of a draw are held fixed, not followed")
    harness.check_gradient(
        lambda z: PER_ANCHOR[name](MIXED, z),
        POINTS,
        np.random.default_rng(2),
        directions=2,
        rtol=1e-5,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        name if name in COMPILED else pytest.param(name, marks=slow)
        for name in LOSSES
    ],
)
def test_xla(name):
    harness.check_xla(
        lambda z: PER_ANCHOR[name](MIXED, z), POINTS, rtol=1e-4, atol=1e-5
    )


@pytest.mark.slow
@by_loss
def test_saved_model_keeps_the_loss(name, tmp_path):
    case = LOSSES[name]
    harness.check_config(case.loss)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)])
    model.compile("sgd", loss=case.loss)
    model.save(tmp_path / "model.keras")
    twin = keras.models.load_model(tmp_path / "model.keras").loss
    assert type(twin) is type(case.loss)
    assert twin.get_config() == case.loss.get_config()
    x = POINTS if case.head is None else case.head(POINTS)
    np.testing.assert_array_equal(twin(MIXED, x), case.loss(MIXED, x))


@by_miner
@pytest.mark.parametrize("batch", BATCHES)
def test_miner_is_finite(name, batch):
    labels, x = BATCHES[batch]
    for array in outputs(MINED[name](labels, x)):
        assert np.isfinite(array).all()
        assert array.shape[0] == len(labels)
        if batch in ("singletons", "one_row") and array.ndim == 3:
            assert not array.any()


@by_miner
@pytest.mark.parametrize("dtype", HALF)
def test_miner_of_half_precision(name, dtype):
    x = ops.cast(POINTS, dtype)
    rounded = ops.cast(x, "float32")
    for half, full in zip(
        outputs(MINED[name](MIXED, x)),
        outputs(MINED[name](MIXED, rounded)),
        strict=True,
    ):
        np.testing.assert_allclose(half, full, rtol=1e-5)


@by_miner
def test_miner_turns_with_the_batch(name):
    if name == "semi_hard_per_pair":
        pytest.skip("its columns are numbers of rows")
    order = np.random.default_rng(1).permutation(9)
    for shuffled, array in zip(
        outputs(MINED[name](MIXED[order], POINTS[order])),
        outputs(MINED[name](MIXED, POINTS)),
        strict=True,
    ):
        expected = array[np.ix_(*[order] * array.ndim)]
        np.testing.assert_allclose(shuffled, expected, rtol=1e-4)
