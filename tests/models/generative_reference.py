"""The embedder and the generator in float64 NumPy, for HDML and DVML."""

import keras
import numpy as np

from fgkeras.models import embedder

PIXELS, CHANNELS, FEATURES, DIM, CLASSES = 4, 3, 5, 4, 6


def small_embedder(batch_norm=True):
    """Linear body on four pixels, batch norm, linear embedding."""
    keras.utils.set_random_seed(3)
    body = keras.Sequential(
        [
            keras.Input((2, 2, CHANNELS)),
            keras.layers.Conv2D(FEATURES, 1, name="conv"),
        ],
        name="body",
    )
    return embedder(body, DIM, unit_norm=False, batch_norm=batch_norm)


def images(labels, seed=0):
    rng = np.random.default_rng(seed)
    centers = rng.standard_normal((CLASSES, 2, 2, CHANNELS))
    x = centers[labels] + rng.standard_normal((len(labels), 2, 2, CHANNELS))
    return x.astype("float32")


def norm(x, gamma, beta):
    mean = x.mean(axis=0)
    variance = ((x - mean) ** 2).mean(axis=0)
    return gamma * (x - mean) / np.sqrt(variance + 1e-3) + beta


def body(x, w):
    kernel, bias = w
    return (x.mean(axis=(1, 2)) @ kernel[0, 0]) + bias


def head(features, w):
    gamma, beta, kernel, bias = w
    return norm(features, gamma, beta) @ kernel + bias


def generate(z, w):
    kernel, bias, gamma, beta, kernel2, bias2 = w
    hidden = np.maximum(z @ kernel + bias, 0.0)
    return norm(hidden, gamma, beta) @ kernel2 + bias2


def cross_entropy(logits, labels):
    total = np.log(np.exp(logits - logits.max(1, keepdims=True)).sum(1))
    rows = np.arange(len(labels))
    return total + logits.max(1) - logits[rows, labels]


def weights_of(layer):
    return [
        keras.ops.convert_to_numpy(v).astype("float64")
        for v in layer.trainable_variables
    ]


def state_of(model):
    """Weights and state of the optimizer, as a `.keras` file holds them."""
    variables = [*model.weights, *model.optimizer.variables]
    return [keras.ops.convert_to_numpy(v) for v in variables]


def step(model, parts, x, y, seed=5):
    """One step of plain descent: what `fit` takes off each part."""
    rng = np.random.default_rng(seed)
    for layer in parts.values():
        for v in layer.trainable_variables:
            v.assign(v + 0.1 * rng.standard_normal(v.shape))
    before = {name: weights_of(layer) for name, layer in parts.items()}
    model.compile(keras.optimizers.SGD(1.0))
    logs = model.train_on_batch(x, y, return_dict=True)
    taken = {
        name: [
            b - a for a, b in zip(weights_of(layer), before[name], strict=True)
        ]
        for name, layer in parts.items()
    }
    return before, taken, logs


def check_slope(loss_of, weights, taken, rtol=2e-3):
    """`taken` is the gradient of `loss_of(weights)`, along two directions."""
    rng = np.random.default_rng(9)
    assert any(np.abs(t).max() > 0 for t in taken)
    for _ in range(2):
        d = [rng.standard_normal(w.shape) for w in weights]
        e = 1e-6
        up = loss_of([w + e * v for w, v in zip(weights, d, strict=True)])
        low = loss_of([w - e * v for w, v in zip(weights, d, strict=True)])
        slope = (up - low) / (2 * e)
        along = sum(np.sum(t * v) for t, v in zip(taken, d, strict=True))
        size = np.sqrt(sum(np.sum(t * t) for t in taken))
        np.testing.assert_allclose(along, slope, rtol=rtol, atol=rtol * size)
