"""Batch normalization whose moving statistics never arrived, put right."""

import keras
import numpy as np
from keras import ops

from fgkeras.models.frozen_batch_norm import FrozenBatchNormalization
from fgkeras.training.checkpoint import to_array

_LEFT = 0.01


def unsettled(model, steps):
    """Returns the batch normalizations that still know where they started.

    After `steps` steps a moving statistic holds

        momentum ** steps

    of its initial value. Layers that do not normalize by batches in training
    have nothing to arrive at: frozen ones, and those that are not trainable.

    Args:
        model: Built `keras.Model`.
        steps: Int at least 0, training steps that the model has made.

    Returns:
        List of layers for which that share is above 0.01.

    Example:
    >>> norm = keras.layers.BatchNormalization(momentum=0.9)
    >>> model = keras.Sequential([keras.Input((4,)), norm])
    >>> unsettled(model, 43) == [norm], unsettled(model, 44)
    (True, [])
    """
    return [
        layer
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization)
        and not isinstance(layer, FrozenBatchNormalization)
        and layer.trainable
        and layer.momentum**steps > _LEFT
    ]


def settle_batch_norm(model, make_batches, *, steps, most=200, parts=1):
    """Estimates moving statistics anew where the training was too short.

    Use it at the end of a training. A momentum of 0.999 needs 4,600 steps; a
    body trained from scratch in 300 answers with the statistics that it
    started with, and tests at chance however well it fits. The model runs
    over the last training batches again, in training mode and with the
    weights as they are; of the activations that enter each layer,

        mean = E[m_b],    variance = E[v_b + m_b^2] - mean^2

    are taken, m_b and v_b those of batch b: exactly mean and variance over all
    batches. Nothing else of the model changes, and the same batches give the
    same statistics.

    Args:
        model: Built `keras.Model`.
        make_batches: Callable of a step, as of `fit_resumable`; its batches
            are tuples that begin with the images.
        steps: Int at least 0, training steps that the model has made.
        most: Int at least 1, batches to look at. Defaults to `200`.
        parts: Int at least 1, into how many equal parts each batch is divided,
            as several devices do. Defaults to `1`.

    Returns:
        `None` if nothing was to be done, else a dict ready for JSON: `layers`,
        their number; `batches`; `steps`; `momentum`, the largest, and
        `left`, the share of the start that it had left over.

    Example:
    >>> norm = keras.layers.BatchNormalization()
    >>> model = keras.Sequential([keras.Input((1,)), norm])
    >>> batch = np.array([[1.0], [3.0]], "float32")
    >>> found = settle_batch_norm(
    ...     model, lambda step: iter([(batch,)] * 9), steps=5
    ... )
    >>> found["batches"], float(norm.moving_mean[0])
    (5, 2.0)

    Reference:

    - [Wu and Johnson, 2021](https://arxiv.org/abs/2105.07576), section 3.
    """
    chosen = unsettled(model, steps)
    count = min(steps, most)
    if not chosen or not count:
        return None
    images = _images(make_batches(steps - count), count, parts)
    sums = [[0.0, 0.0] for _ in chosen]
    for found in _batch_statistics(model, chosen, images):
        for total, (mean, variance) in zip(sums, found, strict=True):
            total[0] = total[0] + mean
            total[1] = total[1] + variance + mean**2
    for layer, (first, second) in zip(chosen, sums, strict=True):
        mean = first / (count * parts)
        variance = np.maximum(second / (count * parts) - mean**2, 0.0)
        layer.moving_mean.assign(mean.astype("float32"))
        layer.moving_variance.assign(variance.astype("float32"))
    momentum = max(layer.momentum for layer in chosen)
    return {
        "layers": len(chosen),
        "batches": count,
        "steps": int(steps),
        "momentum": float(momentum),
        "left": float(momentum**steps),
    }


def statistics_notes(found):
    """Returns what a person is told of `settle_batch_norm`, as sentences.

    Example:
    >>> statistics_notes(None)
    []
    """
    if not found:
        return []
    return [
        f"Batch normalization: {found['steps']:,} steps at momentum "
        f"{found['momentum']:g} left {100 * found['left']:.0f} % of the "
        "statistics that the training began with. Mean and variance of "
        f"{found['layers']} layers were estimated anew over the last "
        f"{found['batches']} training batches; the curves of the training are "
        "from before."
    ]


def _images(batches, count, parts):
    """Yields the images of batches, divided into parts."""
    for _, (images, *_) in zip(range(count), batches, strict=False):
        yield from np.split(np.asarray(images), parts)


def _batch_statistics(model, chosen, batches):
    """Yields a list of `(mean, variance)` of each layer, for every batch."""
    others = model.non_trainable_variables
    place = {id(v): i for i, v in enumerate(others)}
    wanted = [
        (place[id(layer.moving_mean)], place[id(layer.moving_variance)])
        for layer in chosen
    ]
    trainable = [to_array(v) for v in model.trainable_variables]
    state = [to_array(v) for v in others]

    def step(trainable, state, images):
        _, state = model.stateless_call(trainable, state, images, training=True)
        return state

    momenta = [layer.momentum for layer in chosen]
    try:
        for layer in chosen:
            # What moves at once is the statistic of the batch.
            layer.momentum = 0.0
        step = _compiled(step)
        trainable = [ops.convert_to_tensor(v) for v in trainable]
        state = [ops.convert_to_tensor(v) for v in state]
        for images in batches:
            state = step(trainable, state, ops.convert_to_tensor(images))
            yield [
                tuple(
                    ops.convert_to_numpy(state[i]).astype("float64")
                    for i in pair
                )
                for pair in wanted
            ]
    finally:
        for layer, momentum in zip(chosen, momenta, strict=True):
            layer.momentum = momentum


def _compiled(function):
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(function)
    if backend == "jax":
        import jax

        return jax.jit(function)
    return function
