"""Kernel pooling against its definition, in every mode it runs in."""

import keras
import numpy as np
import pytest

from fgkeras.layers import KernelPooling
from fgkeras.ops import hash_tables
from fgkeras.ops import sketch_transform
from fgkeras.ops import tensor_product_features
from fgkeras.ops.sketches.sketch_spectrum import room_of_rows
from tests import harness
from tests.ops.sketches.tensor_sketch_test import reference_sketch

# Rows of 8 buckets, of which 5 channels fill few: with lists of channels.
KWARGS = {"sketch_dim": 64, "order": 3, "gamma": 0.7}


def squared(y):
    """Not linear, and in float64 where `y` is (`ops.sin` is not, on JAX)."""
    return y * y


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def inputs(rng):
    """Batch 2, height 3, width 4, channels 5: no two axes agree."""
    return rng.standard_normal((2, 3, 4, 5)).astype("float32")


def tables(layer):
    return (
        harness.to_numpy(layer.sketch.buckets),
        harness.to_numpy(layer.sketch.signs),
    )


@pytest.mark.parametrize("transform", ["fourier", "fft", "hadamard"])
@pytest.mark.parametrize("order", [2, 3])
def test_matches_the_definition(inputs, transform, order):
    layer = KernelPooling(16, order=order, gamma=0.7, transform=transform)
    actual = harness.to_numpy(layer(inputs))
    buckets, signs = tables(layer)
    a = [np.exp(-0.7), np.exp(-0.7) * 1.4**0.5, np.exp(-0.7) * 1.4 / 2**0.5]
    a.append(np.exp(-0.7) * (1.4**3 / 6) ** 0.5)
    expected = np.zeros((2, 1 + 5 + (order - 1) * 16))
    for b, h, w in np.ndindex(2, 3, 4):
        x = inputs[b, h, w].astype("float64")
        x /= np.linalg.norm(x)
        parts = [a[:1], a[1] * x]
        for t in range(2, order + 1):
            sketch = reference_sketch(x, buckets[:t], signs[:t], 16, transform)
            parts.append(a[t] * sketch)
        expected[b] += np.concatenate(parts) / 12
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-6)


def test_estimates_equation_seven_not_algorithm_one(rng):
    # One location, many buckets: close to sum a_i^2 (x'y)^i, far from the
    # literal algorithm, whose first terms are a_0^2 and x.
    x = np.abs(rng.standard_normal((2, 6)))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    a = [0.9, 0.5, 0.7, 0.6]
    layer = KernelPooling(2**14, order=3, coefficients=a)
    zx, zy = harness.to_numpy(layer(x[:, None, None].astype("float32")))
    with harness.float64():
        fx, fy = harness.to_numpy(tensor_product_features(x, a))
    product = x[0] @ x[1]
    exact = sum(c**2 * product**i for i, c in enumerate(a))
    assert fx @ fy == pytest.approx(exact)
    assert zx @ zy == pytest.approx(exact, rel=0.02)
    literal = 0.9**4 + product + product**2 + product**3
    assert abs(literal - exact) > 0.1 * exact


def test_zero_to_one_orders_and_raw_descriptors(inputs):
    layer = KernelPooling(order=1, coefficients=[2, 3], normalize=False)
    y = harness.to_numpy(layer(inputs))
    np.testing.assert_allclose(y[:, 0], 2)
    np.testing.assert_allclose(
        y[:, 1:], 3 * inputs.mean((1, 2)), rtol=1e-5, atol=1e-6
    )


def test_gradient_of_inputs(rng, inputs):
    layer = KernelPooling(**KWARGS, dtype="float64")
    with harness.float64():
        layer.build(inputs.shape)
    harness.check_gradient(lambda x: squared(layer(x)), inputs, rng)


def test_gradient_of_coefficients(rng, inputs):
    layer = KernelPooling(**KWARGS, dtype="float64")
    with harness.float64():
        layer.build(inputs.shape)
        sketch = layer.sketch.full_precision_sketch(inputs.astype("float64"))
        order_of = layer.scale.order_of
    assert [list(order_of).count(i) for i in range(4)] == [1, 5, 64, 64]
    harness.check_gradient(
        lambda a: squared(sketch * keras.ops.take(a, layer.scale.order_of)),
        layer.kernel_coefficients(),
        rng,
    )
    names = [v.path.split("/")[-1] for v in layer.trainable_variables]
    assert names == ["alpha"]
    fixed = KernelPooling(**KWARGS, train_coefficients=False)
    fixed.build(inputs.shape)
    assert fixed.trainable_variables == []
    assert len(fixed.variables) == 3


@pytest.mark.parametrize("order", [2, 3])
def test_zero_descriptors_have_finite_gradients(order):
    layer = KernelPooling(16, order=order)
    x = np.zeros((1, 2, 2, 5), "float32")
    y, gradient = harness.value_and_gradient(layer, x)
    assert np.isfinite(y).all()
    assert np.isfinite(gradient).all()


def test_learns_its_kernel(rng):
    # Labels are the sign of a product of two channels: order 2 must grow.
    x = rng.standard_normal((384, 1, 1, 4)).astype("float32")
    labels = (x[:, 0, 0, 0] * x[:, 0, 0, 1] > 0).astype("int32")
    layer = KernelPooling(64, order=3, gamma=0.1)
    model = keras.Sequential(
        [layer, keras.layers.Dense(2, kernel_initializer="zeros")]
    )
    model.compile(
        keras.optimizers.Adam(0.04),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.build((None, 1, 1, 4))
    before = layer.kernel_coefficients()
    model.fit(x, labels, batch_size=128, epochs=12, verbose=0)
    after = layer.kernel_coefficients()
    assert abs(after[2]) > abs(before[2]) + 0.1
    assert abs(after[2]) > abs(after[3])


def test_shared_checks(inputs, tmp_path):
    layer = KernelPooling(**KWARGS)
    harness.check_symbolic_shape(layer, inputs)
    harness.check_config(KernelPooling(**KWARGS), call=lambda f: f(inputs))
    harness.check_config(KernelPooling(8, order=1, coefficients=[1, 2]))
    harness.check_xla(layer, inputs, rtol=1e-4)
    twin = harness.check_saved_model(
        KernelPooling(**KWARGS), inputs, tmp_path / "model.keras"
    )
    assert len(twin.layers[-1].non_trainable_variables) == 2


def test_saved_tables_outlive_another_seed(inputs, tmp_path):
    a, b = (KernelPooling(**KWARGS, seed=seed) for seed in (1, 2))
    first = harness.to_numpy(a(inputs))
    assert abs(first - harness.to_numpy(b(inputs))).max() > 1e-3
    b.set_weights(a.get_weights())
    np.testing.assert_array_equal(harness.to_numpy(b(inputs)), first)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["load_weights", "set_weights"])
def test_tables_of_another_seed_with_fuller_rows(inputs, tmp_path, how):
    def model(seed):
        maps = keras.Input((3, 4, 5))
        pooled = KernelPooling(64, order=3, seed=seed)(maps)
        return keras.Model(maps, pooled)

    group = sketch_transform("hadamard", 64, 5)
    room = {
        room_of_rows(group, hash_tables(3, 5, 64, seed)[0]): seed
        for seed in range(20)
    }
    least, most = min(room), max(room)
    assert least < most
    for saved, other in ((least, most), (most, least)):
        first, second = model(room[saved]), model(room[other])
        expected = first.predict(inputs, verbose=0)
        before = second.predict(inputs, verbose=0)  # Compiled already.
        assert abs(before - expected).max() > 1e-3
        if how == "set_weights":
            second.set_weights(first.get_weights())
        else:
            first.save_weights(tmp_path / "a.weights.h5")
            second.load_weights(tmp_path / "a.weights.h5")
        np.testing.assert_allclose(
            second.predict(inputs, verbose=0), expected, rtol=1e-5, atol=1e-6
        )


@pytest.mark.parametrize("transform", ["hadamard", "fft"])
def test_any_height_and_width(rng, transform):
    layer = KernelPooling(**KWARGS, transform=transform)
    images = keras.Input((None, None, 5))
    model = keras.Model(images, layer(images))
    for shape in ((2, 3, 4, 5), (3, 1, 6, 5)):
        x = rng.standard_normal(shape).astype("float32")
        np.testing.assert_allclose(
            model.predict(x, verbose=0),
            harness.to_numpy(layer(x)),
            rtol=1e-5,
            atol=1e-6,
        )


@pytest.mark.slow
@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="SavedModel is TensorFlow"
)
@pytest.mark.parametrize("transform", ["hadamard", "fft"])
def test_saved_model_gives_the_same_bits(inputs, tmp_path, transform):
    import tensorflow as tf

    images = keras.Input((3, 4, 5))
    layer = KernelPooling(**KWARGS, transform=transform)
    model = keras.Model(images, layer(images))
    path = str(tmp_path / "exported")
    model.export(path, format="tf_saved_model", verbose=False)
    loaded = tf.saved_model.load(path)
    np.testing.assert_array_equal(
        loaded.serve(inputs).numpy(), model.predict(inputs, verbose=0)
    )


@pytest.mark.parametrize("half", ["float16", "bfloat16"])
def test_half_precision(inputs, half):
    # Inputs that half precision holds exactly: the rest is the layer's.
    x = np.round(inputs * 4) / 4
    harness.check_half_precision(KernelPooling, KWARGS, x, half)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"order": 0}, "order=0"),
        ({"sketch_dim": 0}, "sketch_dim=0"),
        ({"sketch_dim": 100}, "sketch_dim=100"),
        ({"gamma": 0.0}, "gamma=0.0"),
        ({"transform": "wavelet"}, "transform='wavelet'"),
        ({"order": 2, "coefficients": [1, 2]}, r"coefficients=\[1.0, 2.0\]"),
    ],
)
def test_bad_arguments(kwargs, message):
    with pytest.raises(ValueError, match=message):
        KernelPooling(**kwargs)


def test_unknown_channels():
    with pytest.raises(ValueError, match="must be static"):
        KernelPooling().build((None, 7, 7, None))
