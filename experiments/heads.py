"""Heads on frozen features, trained as `fgkeras train --mode frozen` does.

Losses, samplers, schedules, stages and their defaults are the library's, from
a config; images, files and reports are left out, so that many settings and
seeds cost seconds each.
"""

import keras
import numpy as np

from fgkeras.config import Config
from fgkeras.data.batches.samplers import make_sampler
from fgkeras.layers import CosineLogits
from fgkeras.layers import ScaledUnitNormalization
from fgkeras.models import parts
from fgkeras.models import sigmoid_head_bias
from fgkeras.ops import class_mean_directions
from fgkeras.runs.classifier.network import compile_model
from fgkeras.runs.classifier.stage_parts import fold
from fgkeras.runs.classifier.stage_parts import scaled
from fgkeras.runs.loss import activation_of
from fgkeras.runs.loss import make_loss
from fgkeras.runs.optimization import epochs_of
from fgkeras.runs.optimization import optimizer_of
from fgkeras.runs.optimization import schedule_of
from fgkeras.training.array_batches import row_batches

_LENGTH = 10.0


def head_config(changes, seed):
    """Returns the resolved `Config` of a frozen head.

    Args:
        changes: Dict of dotted name to value.
        seed: Int.
    """
    staged = any(name.startswith("stages.") for name in changes)
    base = {"model.embedding": f"unit:{_LENGTH:g}", "seed": seed}
    if not staged:
        base["train.mode"] = "frozen"
    return Config.read(changes={**base, **changes}).resolved()


def train_head(features, labels, num_classes, changes, seed):
    """Trains a head on features and returns it.

    Args:
        features: Float array of shape `(num_images, dim)`.
        labels: Integer array of shape `(num_images,)`.
        num_classes: Int.
        changes: Dict of dotted name to value, options of a run.
        seed: Int, of the start and the order of the images.

    Returns:
        `keras.Model` from features to logits.
    """
    config = head_config(changes, seed)
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    counts = np.bincount(labels, minlength=num_classes)
    model = _head(config, features, labels, num_classes)
    start = model.get_layer(parts.HEAD).get_weights()
    optimizer = None
    for stage in config.stages():
        if stage.stage.restart:
            model.get_layer(parts.HEAD).set_weights(start)
        scale = stage.stage.tune == "scale"
        trained = scaled(model) if scale else model
        sampler = make_sampler(
            stage.data.sampler,
            labels,
            min(stage.data.batch_size, len(labels)),
            seed=stage.seed,
            num_epochs=epochs_of(stage),
        )
        steps = sampler.steps_per_epoch
        if not stage.stage.continues:
            schedule = schedule_of(stage, steps)
            optimizer = optimizer_of(stage.train, schedule)
        bias = None if scale else model.get_layer(parts.HEAD).bias
        loss = make_loss(stage, counts)
        compile_model(trained, stage, stage.train, loss, optimizer, bias)
        trained.steps_per_execution = steps
        first = stage.stage.before * steps
        batches = row_batches(features, labels, sampler)
        trained.fit(
            batches.start(first),
            epochs=stage.train.epochs,
            steps_per_epoch=steps,
            verbose=0,
        )
        if scale:
            fold(trained, model)
    return model


def _head(config, features, labels, num_classes):
    inputs = keras.Input((features.shape[1],))
    x = ScaledUnitNormalization(_LENGTH, name=parts.EMBEDDING)(inputs)
    kind, _, scale = config.model.head.partition(":")
    if kind == "cosine":
        head = CosineLogits(num_classes, scale=float(scale), name=parts.HEAD)
    else:
        sigmoid = activation_of(config) == "sigmoid"
        bias = sigmoid_head_bias(num_classes) if sigmoid else 0.0
        head = keras.layers.Dense(
            num_classes,
            bias_initializer=keras.initializers.Constant(bias),
            name=parts.HEAD,
        )
    model = keras.Model(inputs, head(x))
    if config.model.head_start == "class-mean":
        rows = class_mean_directions(features, labels, num_classes)
        rest = head.get_weights()[1:]
        length = 1.0 if kind == "cosine" else 30.0 / _LENGTH
        head.set_weights([(length * rows.T).astype("float32"), *rest])
    return model


def logits_of(model, features):
    """Returns the logits of a head, a float32 array."""
    found = [
        model(features[i : i + 4096]) for i in range(0, len(features), 4096)
    ]
    return np.concatenate([np.asarray(part) for part in found])


def class_accuracies(labels, logits):
    """Returns the accuracy of each class, NaN where it has no image."""
    hit = logits.argmax(axis=1) == labels
    count = np.bincount(labels, minlength=logits.shape[1])
    right = np.bincount(labels, hit, minlength=logits.shape[1])
    with np.errstate(invalid="ignore"):
        return right / count


def thirds(counts):
    """Returns head, middle and tail: masks of thirds of the classes by size."""
    order = np.argsort(-counts, kind="stable")
    out = []
    for part in np.array_split(order, 3):
        mask = np.zeros(len(counts), bool)
        mask[part] = True
        out.append(mask)
    return out
