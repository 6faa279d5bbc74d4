"""Checks shared by the tests of layers, losses and models.

One function, one reason to fail. They run under every Keras backend; TensorFlow
or JAX is imported only where a gradient or a compiler is asked for.
"""

import contextlib
import inspect
import json

import keras
import numpy as np

# Distance from 1 to the next number: how coarse half precision is.
SPACING = {"float16": 2.0**-10, "bfloat16": 2.0**-7}


def to_numpy(tensor):
    return np.asarray(keras.ops.convert_to_numpy(tensor))


def float64():
    """Context in which the backend keeps float64 (JAX drops it otherwise)."""
    if keras.backend.backend() != "jax":
        return contextlib.nullcontext()
    import jax

    return jax.enable_x64(True)


def value_and_gradient(fn, x, *, compiled=False):
    """Value of `fn(x)`, and gradient of its sum, as NumPy arrays.

    With `compiled`, both come out of XLA.
    """
    if keras.backend.backend() == "jax":
        import jax

        def total(z):
            y = fn(z)
            return keras.ops.sum(y), y

        run = jax.value_and_grad(total, has_aux=True)
        (_, y), gradient = (jax.jit(run) if compiled else run)(
            keras.ops.convert_to_tensor(x)
        )
        return to_numpy(y), to_numpy(gradient)
    import tensorflow as tf

    def run(z):
        with tf.GradientTape() as tape:
            tape.watch(z)
            y = fn(z)
        return y, tape.gradient(y, z)

    run = tf.function(run, jit_compile=True) if compiled else run
    y, gradient = run(tf.convert_to_tensor(x))
    return to_numpy(y), to_numpy(gradient)


def in_graph(fn, *arguments):
    """`fn` of tensors whose values it cannot see, as NumPy."""
    arguments = [keras.ops.convert_to_tensor(x) for x in arguments]
    if keras.backend.backend() == "jax":
        import jax

        return to_numpy(jax.jit(fn)(*arguments))
    import tensorflow as tf

    return to_numpy(tf.function(fn, autograph=False)(*arguments))


def kept(fn):
    """`fn`, compiled once under JAX: its loops compile at each eager call."""
    if keras.backend.backend() != "jax":
        return fn
    import jax

    return jax.jit(fn)


def check_config(obj, call=None):
    """The config rebuilds the object, names every argument, stays as it was.

    `call` uses the object once in between: what it overwrites shows up then.
    """
    fresh = _written(obj)
    if call is not None:
        call(obj)
    used = _written(obj)
    assert used == fresh, "using the object changed its config"
    parameters = inspect.signature(type(obj).__init__).parameters.values()
    arguments = {
        p.name
        for p in parameters
        if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    }
    forgotten = arguments - {"self"} - set(obj.get_config())
    assert not forgotten, f"the config lacks {sorted(forgotten)}"
    twin = keras.saving.deserialize_keras_object(json.loads(used))
    assert type(twin) is type(obj)
    assert _written(twin) == used
    return twin


def _written(obj):
    """The config as JSON, without the shape that a layer was built for."""
    config = keras.saving.serialize_keras_object(obj)
    config.pop("build_config", None)
    return json.dumps(config)


def check_saved_model(layer_or_model, inputs, path):
    """What a `.keras` file gives back predicts the same bits."""
    model = layer_or_model
    if not isinstance(model, keras.Model):
        x = keras.Input(inputs.shape[1:])
        model = keras.Model(x, layer_or_model(x))
    expected = model.predict(inputs, verbose=0)
    path = str(path)
    model.save(path)
    twin = keras.models.load_model(path)
    np.testing.assert_array_equal(twin.predict(inputs, verbose=0), expected)
    return twin


def check_symbolic_shape(layer, inputs):
    """The shape promised before running is the shape of the result."""
    open_shape = (None, *inputs.shape[1:])
    actual = (None, *tuple(layer(inputs).shape)[1:])
    assert tuple(layer(keras.KerasTensor(open_shape)).shape) == actual
    assert tuple(layer.compute_output_shape(open_shape)) == actual


def check_xla(fn, x, *, rtol=1e-5, atol=1e-6):
    """XLA gives the value and the gradient of `fn` that eager mode gives."""
    eager = value_and_gradient(fn, x)
    for e, c in zip(
        eager, value_and_gradient(fn, x, compiled=True), strict=True
    ):
        np.testing.assert_allclose(c, e, rtol=rtol, atol=atol)


def check_gradient(fn, x, rng, *, directions=4, step=1e-6, rtol=1e-6):
    """The gradient of the sum of `fn` is its slope, in float64."""
    x = np.asarray(x, "float64")

    def total(point):
        return to_numpy(fn(keras.ops.convert_to_tensor(point))).sum()

    with float64():
        y, gradient = value_and_gradient(fn, x)
        assert y.dtype == np.float64, f"fn fell to {y.dtype}"
        assert np.isfinite(gradient).all()
        assert gradient.any(), "the gradient is zero everywhere"
        for _ in range(directions):
            d = rng.standard_normal(x.shape)
            d /= np.linalg.norm(d)
            slope = (total(x + step * d) - total(x - step * d)) / (2 * step)
            np.testing.assert_allclose(
                np.sum(gradient * d),
                slope,
                rtol=rtol,
                atol=rtol * np.linalg.norm(gradient),
            )


def check_half_precision(layer_cls, init_kwargs, inputs, half="bfloat16"):
    """Mixed policy: half output, float32 variables, the float32 value."""
    keras.utils.set_random_seed(0)
    exact = layer_cls(**init_kwargs, dtype="float32")
    expected = to_numpy(exact(inputs))
    mixed = layer_cls(**init_kwargs, dtype=f"mixed_{half}")
    mixed(inputs)
    mixed.set_weights(exact.get_weights())
    output = mixed(inputs)
    assert keras.backend.standardize_dtype(output.dtype) == half
    for variable in mixed.variables:
        assert variable.dtype != half, f"{variable.path} is {variable.dtype}"
    actual = to_numpy(keras.ops.cast(output, "float32"))
    assert np.isfinite(actual).all()
    np.testing.assert_allclose(
        actual, expected, rtol=0, atol=4 * SPACING[half] * abs(expected).max()
    )


def check_label_mode(make, labels, logits, shares):
    """A loss of one class per image takes one-hot rows and soft ones.

    Rows of one class have the value of its number, eager and in a graph; rows
    of shares have the expectation of the values that the classes have.

    Args:
        make: Function that constructs the loss, given keyword arguments.
        labels: Whole numbers, one of an image.
        logits: Array `(batch, num_classes)`.
        shares: Rows like it.
    """
    classes = logits.shape[1]
    hard = make(reduction=None)
    soft = make(reduction=None, label_mode="categorical")
    assert hard.label_mode == "integer"
    wanted = to_numpy(hard(labels, logits))
    rows = np.eye(classes, dtype="float32")[labels]
    for found in (soft(rows, logits), in_graph(soft, rows, logits)):
        np.testing.assert_allclose(to_numpy(found), wanted, rtol=2e-6)
    with float64():
        hard = make(reduction=None, dtype="float64")
        soft = make(reduction=None, dtype="float64", label_mode="categorical")
        shares, logits = shares.astype("float64"), logits.astype("float64")
        of_class = [
            to_numpy(hard(np.full(len(logits), c), logits))
            for c in range(classes)
        ]
        found = to_numpy(soft(shares, logits))
        wanted = np.sum(shares * np.stack(of_class, axis=1), axis=1)
        np.testing.assert_allclose(found, wanted, rtol=1e-10)
