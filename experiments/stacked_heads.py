"""Many linear heads on the same frozen features, trained in one product.

Each is the head that `experiments.heads.train_head` trains with its options:
the losses, the schedule, the optimizer and the order of the images are the
library's. Heads share no weights, and the optimizer works on every weight for
itself, so that a sum of their losses trains each as if it were alone.
"""

import keras
import numpy as np
import tensorflow as tf

from experiments import heads
from fgkeras.data.batches.samplers import make_sampler
from fgkeras.models import sigmoid_head_bias
from fgkeras.runs.loss import activation_of
from fgkeras.runs.loss import make_loss
from fgkeras.runs.optimization import optimizer_of
from fgkeras.runs.optimization import schedule_of

LENGTH = 10.0


def on_sphere(features):
    """Returns features of length 10, as a frozen run scales them."""
    norms = np.linalg.norm(features, axis=1, keepdims=True)
    return (LENGTH * features / np.maximum(norms, 1e-12)).astype("float32")


def train_heads(features, labels, counts, settings, seed, common=None):
    """Trains a head for each setting and returns their weights.

    Args:
        features: Float32 array of shape `(num_images, dim)`, `on_sphere`.
        labels: Integer array of shape `(num_images,)`.
        counts: Integer array of shape `(num_classes,)`.
        settings: List of dicts of dotted name to value, options of the loss.
        seed: Int, of the start and the order of the images.
        common: Dict of the same for all, such as `train.epochs`. Defaults to
            none.

    Returns:
        Arrays of shape `(num_settings, dim, num_classes)` and `(num_settings,
        num_classes)`.
    """
    num_classes, dim = len(counts), features.shape[1]
    configs = [
        heads.head_config({**(common or {}), **s}, seed) for s in settings
    ]
    keras.utils.set_random_seed(seed)
    start = keras.initializers.GlorotUniform(seed)((dim, num_classes))
    kernel = tf.Variable(tf.tile(start, [1, len(settings)]))
    bias = tf.Variable(
        np.concatenate([_bias(c, num_classes) for c in configs]), "float32"
    )
    (stage,) = configs[0].stages()
    sampler = make_sampler(
        stage.data.sampler,
        labels,
        min(stage.data.batch_size, len(labels)),
        seed=seed,
    )
    steps = sampler.steps_per_epoch
    schedule = schedule_of(stage, steps)
    optimizer = optimizer_of(stage.train, schedule)
    optimizer.build([kernel, bias])
    losses = [make_loss(config, counts) for config in configs]
    decay = stage.train.weight_decay
    # As in a run, the bias of one-vs-all losses does not decay.
    decays = np.repeat([not _one_vs_all(c) for c in configs], num_classes)

    @tf.function
    def epoch(x, y):
        for i in tf.range(steps):
            with tf.GradientTape() as tape:
                logits = tf.reshape(
                    x[i] @ kernel + bias, (-1, len(losses), num_classes)
                )
                parts = [f(y[i], logits[:, k]) for k, f in enumerate(losses)]
                total = tf.add_n(parts) + decay * (
                    tf.nn.l2_loss(kernel) + tf.nn.l2_loss(bias * decays)
                )
            found = tape.gradient(total, [kernel, bias])
            optimizer.apply(found, [kernel, bias])

    size = sampler.batch_size
    for number in range(stage.train.epochs):
        rows = np.concatenate(
            [sampler.batch(number * steps + i) for i in range(steps)]
        )
        x = features[rows].reshape(steps, size, dim)
        epoch(tf.constant(x), tf.constant(labels[rows].reshape(steps, size)))
    kernel, bias = kernel.numpy(), bias.numpy()
    kernels = kernel.reshape(dim, len(losses), -1).transpose(1, 0, 2)
    return kernels, bias.reshape(len(losses), -1)


def _bias(config, num_classes):
    value = sigmoid_head_bias(num_classes) if _one_vs_all(config) else 0.0
    return np.full(num_classes, value, "float32")


def _one_vs_all(config):
    return activation_of(config) == "sigmoid"
