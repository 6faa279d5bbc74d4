"""The pooling of a run: made from its config, fitted, written down."""

import time

import keras
import numpy as np

from fgkeras.config import when
from fgkeras.layers.kernel_pooling import KernelPooling
from fgkeras.models import parts
from fgkeras.models.levels import pooling_layers
from fgkeras.ops import gamma_of_data
from fgkeras.registries import POOLINGS
from fgkeras.runs.loss import class_weights_of
from fgkeras.training.checkpoint import to_array
from fgkeras.training.logistic_head import fit_logistic_head


def make_pooling(config, body, images=None):
    """Returns the pooling layer that a config describes.

    Args:
        config: A `Config`.
        body: `keras.Model` from raw pixels to a feature map.
        images: `SplitImages` on which `pooling.gamma="data"` is measured.

    Returns:
        A Keras layer.

    Raises:
        ValueError: If the options do not go together.
    """
    name = config.model.pooling
    words = POOLINGS.fact(name, "arguments")
    given = {}
    for option in POOLINGS[name].options:
        if option == "seed":
            value = config.seed
        elif option == "gamma":
            value = _gamma(config, body, images)
        else:
            # An empty list of coefficients is none.
            value = getattr(config.pooling, option)
            value = None if value == [] else value
        if value is not None:
            given[words.get(option, option)] = value
    return POOLINGS.load(name)(name=parts.POOLING, **given)


def _gamma(config, body, images):
    pooling = config.pooling
    if pooling.coefficients:
        return None  # They say all that gamma would.
    if pooling.gamma != "data":
        return pooling.gamma
    projected = when.CLASSIFIER(config) and pooling.projection != "none"
    if images is None or projected:
        raise ValueError(
            "The kernel is measured on training images, before any learned "
            "projection. Received: pooling.gamma='data', pooling.projection="
            f"{pooling.projection}. Give `pooling.gamma` as a number."
        )
    if pooling.normalize:
        raise ValueError(
            "The published rule, one over the mean inner product, is for "
            "descriptors as they are: of unit length they give more than 1, "
            "where the series is far from the kernel. Received: "
            "pooling.gamma='data', pooling.normalize=True. Leave "
            "`pooling.gamma` at 0.5, or set pooling.normalize=no."
        )
    if config.model.pooled_layer:
        inner = body.get_layer(config.model.pooled_layer).output
        body = keras.Model(body.inputs, inner)
    rng = np.random.default_rng(config.seed)
    drawn = rng.permutation(len(images))[:256]
    pixels = images.take(drawn).pixels
    maps = body.predict(pixels.astype("float32"), verbose=0)
    return gamma_of_data(maps, normalize=pooling.normalize, seed=config.seed)


def logistic_head(classifier, before, head_part, config, counts):
    """Returns a function that fits the head to pooled features.

    Args:
        classifier: `keras.Model` made by `classifier`.
        before: Model from pooled features to what enters the head.
        head_part: Model from pooled features to logits.
        config: A `Config`.
        counts: Integer array `(num_classes,)`, training images.

    Returns:
        Function of `(features, labels)` of the training and of the test split,
        which returns a row of the history.
    """
    layer = classifier.get_layer(parts.HEAD)
    weights = class_weights_of(config, counts)

    def fit(training, test):
        started = time.monotonic()
        accuracy = fit_logistic_head(
            layer,
            before.predict(training[0], batch_size=256, verbose=0),
            training[1],
            inverse_regularization=config.train.head_c,
            class_weights=weights,
        )
        logits = head_part.predict(test[0], batch_size=256, verbose=0)
        return {
            "epoch": 1,
            "accuracy": accuracy,
            "val_accuracy": float(np.mean(logits.argmax(1) == test[1])),
            "seconds": round(time.monotonic() - started, 2),
        }

    return fit


def kernel_epochs(model):
    """Returns the callbacks that note a kernel at the end of each epoch.

    Each row of the history has its coefficients as `alpha_0`, `alpha_1`, ...;
    of several levels as `alpha_1_0`, the level from 1 before the order.

    Args:
        model: `keras.Model` of which something is trained, with a layer
            `"pooling"`.

    Returns:
        List of one Keras callback, or of none where no kernel is learned.
    """
    found = pooling_layers(model)
    learned = {}
    for level, pooling in enumerate(found, start=1):
        if isinstance(pooling, KernelPooling) and pooling.train_coefficients:
            name = f"alpha_{level}" if len(found) > 1 else "alpha"
            learned[name] = pooling.scale.alpha
    return [_KernelEpochs(learned)] if learned else []


class _KernelEpochs(keras.callbacks.Callback):
    def __init__(self, learned):
        super().__init__()
        self.learned = learned

    def on_epoch_end(self, epoch, logs=None):
        if logs is None:
            return
        if keras.backend.backend() == "jax":
            self.model.jax_state_sync()
        for name, kernel in self.learned.items():
            for order, alpha in enumerate(to_array(kernel)):
                logs[f"{name}_{order}"] = float(alpha)


class KernelRecord:
    """A kernel's coefficients as they were and as they are.

    Args:
        classifier: `keras.Model`; without kernel pooling nothing is recorded.
    """

    def __init__(self, classifier):
        pooling = classifier.get_layer(parts.POOLING)
        self.pooling = pooling if isinstance(pooling, KernelPooling) else None
        # The start of a run that goes on is in its layer's arguments.
        start = () if self.pooling is None else self.pooling.scale.start
        self.before = np.asarray(start)

    def metrics(self):
        """Returns `{"kernel": {"before": ..., "after": ...}}`, or nothing."""
        if self.pooling is None:
            return {}
        after = self.pooling.kernel_coefficients()
        # A weight holds most numbers rounded.
        before = self.before.astype(after.dtype)
        return {
            "kernel": {
                "before": [float(a) for a in self.before],
                "after": [float(a) for a in after],
                "trained": not np.array_equal(before, after),
            }
        }


def kernel_notes(kernel):
    """Returns what a report says about the kernel, a list of sentences.

    >>> kernel_notes({"before": [1, 1], "after": [1, 3], "trained": True})[0]
    'Kernel, share of each order from 0: 50 % 50 % at the start, 10 % 90 % \
after training (squares of the coefficients; their scale has no effect).'
    """
    if not kernel:
        return []

    def shares(coefficients):
        squares = np.square(coefficients)
        return " ".join(f"{100 * s:.0f} %" for s in squares / squares.sum())

    text = f"Kernel, share of each order from 0: {shares(kernel['before'])}"
    if kernel["trained"]:
        text += f" at the start, {shares(kernel['after'])} after training"
    text += " (squares of the coefficients; their scale has no effect)."
    return [text]
