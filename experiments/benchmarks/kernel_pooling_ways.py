"""Ways to pool with kernels, for `kernel_pooling.py` to time.

- literal: algorithm 1 of kernel pooling as printed, an inverse transform of
  every order at every location, gradients by the framework, with the fast
  (segment sum) count sketch;
- published: the usual compact bilinear pooling (order 2) of the public
  TensorFlow code: a dense sketch matrix, complex FFTs, an inverse per location;
- averaged: spectra averaged before one inverse, gradients by the framework;
- fourier, fft, hadamard: `fgkeras.ops.sketches.pooled_tensor_sketches`;
- gram: `fgkeras.ops.sketches.gram_sketch` (order 2);
- taken: what the layers take, gram where it is cheaper, else hadamard.
"""

import numpy as np

TRANSFORMS = ("fourier", "fft", "hadamard")


def variants(order, sketch_dim, buckets, signs):
    """Functions of the maps `(batch, locations, channels)`, by name."""
    import tensorflow as tf
    from keras import ops

    from fgkeras.ops import gram_sketch
    from fgkeras.ops import pooled_tensor_sketches
    from fgkeras.ops import sketch_transform
    from fgkeras.ops.sketches.pooled_tensor_sketches import gram_is_cheaper
    from fgkeras.ops.sketches.sketch_spectrum import room_of_rows

    def sketch(rows, t):
        rows = ops.transpose(rows * signs[t].astype("float32"))
        return ops.transpose(ops.segment_sum(rows, buckets[t], sketch_dim))

    def products(x):
        rows = ops.reshape(x, (-1, x.shape[-1]))
        real, imag = ops.rfft(sketch(rows, 0))
        for t in range(1, order):
            a, b = ops.rfft(sketch(rows, t))
            real, imag = real * a - imag * b, real * b + imag * a
            yield real, imag

    def literal(x):
        out = []
        for spectrum in products(x):
            y = ops.irfft(spectrum, fft_length=sketch_dim)
            y = ops.reshape(y, (-1, x.shape[1], sketch_dim))
            out.append(ops.mean(y, axis=1))
        return ops.stack(out, axis=1)

    def averaged(x):
        shape = (-1, x.shape[1], sketch_dim // 2 + 1)
        means = [
            [ops.mean(ops.reshape(a, shape), axis=1) for a in spectrum]
            for spectrum in products(x)
        ]
        parts = tuple(ops.stack([m[i] for m in means], axis=1) for i in (0, 1))
        return ops.irfft(parts, fft_length=sketch_dim)

    def published(x):
        matrices = np.zeros((2, x.shape[-1], sketch_dim), "float32")
        for t in (0, 1):
            matrices[t, np.arange(x.shape[-1]), buckets[t]] = signs[t]
        rows = tf.reshape(x, (-1, x.shape[-1]))
        a, b = (
            tf.signal.fft(tf.cast(tf.matmul(rows, m), "complex64"))
            for m in matrices
        )
        y = tf.math.real(tf.signal.ifft(a * b))
        y = tf.reshape(y, (-1, x.shape[1], sketch_dim))
        return tf.reduce_mean(y, axis=1)[:, None]

    found = {"literal": literal, "averaged": averaged}
    # As in the layers: tables that may be loaded, and the room of those drawn.
    tables = tf.Variable(buckets), tf.Variable(signs)
    for name in TRANSFORMS:
        group = sketch_transform(name, sketch_dim, buckets.shape[1])
        room = room_of_rows(group, buckets)
        found[name] = lambda x, name=name, room=room: pooled_tensor_sketches(
            x, *tables, sketch_dim, transform=name, room=room
        )
    if order == 2:
        found["published"] = published
        found["gram"] = lambda x: gram_sketch(
            x, buckets, signs, sketch_dim, transform="hadamard"
        )[:, None]

    def taken(x):
        gram = order == 2 and gram_is_cheaper(x.shape, sketch_dim)
        return found["gram" if gram else "hadamard"](x)

    return {**found, "taken": taken}


def problem(side, sketch_dim, channels, order, images=None):
    """Maps, an upstream gradient and the hash tables of a shape."""
    from fgkeras.ops import hash_tables

    rng = np.random.default_rng(0)
    images = images or 1568 // side**2
    x = np.maximum(rng.standard_normal((images, side**2, channels)), 0)
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    upstream = rng.standard_normal((images, order - 1, sketch_dim))
    tables = hash_tables(order, channels, sketch_dim)
    return x.astype("float32"), upstream.astype("float32"), tables


def step_of(fn, jit, forward=False):
    """A compiled function that gives the value and, else, the gradient."""
    import tensorflow as tf

    if forward:
        return tf.function(lambda x, _: (fn(x), x), jit_compile=jit)

    def step(x, upstream):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = fn(x)
        return y, tape.gradient(y, x, upstream)

    return tf.function(step, jit_compile=jit)
