"""Where a head begins: class means, a linear probe, a file; or all it is."""

import pathlib
import time

import numpy as np

from fgkeras.config import when
from fgkeras.evaluation.unit_rows import unit_rows
from fgkeras.layers import CosineLogits
from fgkeras.models import parts
from fgkeras.ops import class_mean_directions
from fgkeras.runs.classifier.network import features_part
from fgkeras.runs.classifier.network import head_part
from fgkeras.runs.loss import class_weights_of
from fgkeras.runs.pooling import logistic_head
from fgkeras.training.logistic_head import fit_logistic_head
from fgkeras.training.saved_arrays import load_arrays

# What a cosine of 1 is among the logits of a linear head that begins so.
_SCALE = 30.0
_WAY = "Write it with numpy.savez, see model.head_start."


def begin(task):
    """Gives a classifier what the features of training images tell first.

    Measures the beta that is asked for, and sets the weights that the head is
    trained from.

    Args:
        task: `ClassifierTask`, before anything was trained.
    """
    config = task.config
    starts = when.TRAINED(config) and when.GRADIENT(config)
    starts = starts and config.model.head_start != "none"
    if not (starts or task.beta.missing):
        return
    part = features_part(task.classifier)
    features = task.extract(part, task.train, "training images")
    names, labels = task.roles.train.class_names, task.train.labels
    task.beta.measure(features, labels, len(names))
    if starts:
        config = task.beta.of(config)
        start_head(task.classifier, config, features, labels, names)


def is_measured(config):
    """Whether a head begins with what training images tell.

    Args:
        config: A `Config`, with the option `model.head_start`.
    """
    return config.model.head_start in ("class-mean", "linear-probe")


def start_head(classifier, config, features, labels, class_names):
    """Sets the weights that a head is trained from.

    Args:
        classifier: `keras.Model` made by `make_classifier`.
        config: A `Config`, with the option `model.head_start`.
        features: Float array, pooled features of the training images.
        labels: Integer array of shape `(num_images,)`.
        class_names: Sequence of strings, in label order.

    Raises:
        ValueError: If a file does not fit the classes or the features.
    """
    start, head = config.model.head_start, classifier.get_layer(parts.HEAD)
    before = head_part(classifier, parts.DROPOUT)
    vectors = before.predict(features, batch_size=256, verbose=0)
    if start == "linear-probe":
        counts = np.bincount(labels, minlength=len(class_names))
        weights = class_weights_of(config, counts)
        fit_logistic_head(head, vectors, labels, class_weights=weights)
        return
    if start == "class-mean":
        rows = class_mean_directions(vectors, labels, len(class_names))
        _set_directions(head, rows, vectors)
        return
    found = load_arrays(start, _WAY)
    if "vectors" in found:
        rows = _by_name(start, found, class_names)
        _check(start, "vectors", rows, (len(class_names), vectors.shape[1]))
        _set_directions(head, unit_rows(rows), vectors)
        return
    if "kernel" not in found:
        raise ValueError(
            "A head begins with `kernel` (dim, classes) and `bias`, or with "
            "`vectors` (classes, dim) and `class_names`. Received: "
            f"model.head_start={start!r}, which holds "
            f"{', '.join(found) or 'nothing'}. {_WAY}"
        )
    weights = dict(zip(("kernel", "bias"), head.get_weights(), strict=False))
    for name in weights:
        array = np.asarray(found.get(name, np.zeros_like(weights[name])))
        _check(start, name, array, weights[name].shape)
        weights[name] = array.astype("float32")
    head.set_weights(list(weights.values()))


def remember(classifier, vectors, labels):
    """Makes a head of the training images, without training.

    Args:
        classifier: `keras.Model` whose head is of nearest class means or
            neighbours.
        vectors: As in `start_head`.
        labels: As in `start_head`.
    """
    head = classifier.get_layer(parts.HEAD)
    if isinstance(head, CosineLogits):
        rows = class_mean_directions(vectors, labels, head.units)
        head.set_weights([rows.T.astype("float32")])
    else:
        head.remember(vectors, labels)


def fit_at_once(classifier, head, stage, counts):
    """Returns a function that makes a head of features, without steps.

    Args:
        classifier: `keras.Model` made by `make_classifier`.
        head: Model from pooled features to logits.
        stage: The `Config` of the stage.
        counts: Integer array `(num_classes,)`, training images.

    Returns:
        Function of `(features, labels)` of the training images and of those
        that are watched, which returns a row of the history; `None` of a head
        that is trained by steps.
    """
    before = head_part(classifier, parts.DROPOUT)
    if when.TRAINED(stage):
        if stage.train.head_solver == "logistic":
            return logistic_head(classifier, before, head, stage, counts)
        return None

    def fit(training, watched):
        started = time.monotonic()
        vectors = before.predict(training[0], batch_size=256, verbose=0)
        remember(classifier, vectors, training[1])
        shares = [
            float(
                np.mean(
                    head.predict(rows, batch_size=256, verbose=0).argmax(1)
                    == labels
                )
            )
            for rows, labels in (training, watched)
        ]
        return {
            "epoch": 1,
            "accuracy": shares[0],
            "val_accuracy": shares[1],
            "seconds": round(time.monotonic() - started, 2),
        }

    return fit


def row_at_once(fit, training, watched):
    """Makes a head and returns the row of the history.

    Args:
        fit: What `fit_at_once` returned.
        training: Tuple of features and labels of the training images.
        watched: The same of those that are watched, or `None`.
    """
    row = fit(training, training if watched is None else watched)
    if watched is None:
        del row["val_accuracy"]
    return row


def _set_directions(head, rows, vectors):
    """Gives a head one direction for each class."""
    kernel = np.asarray(rows, "float64").T
    if isinstance(head, CosineLogits):
        head.set_weights([kernel.astype("float32"), *head.get_weights()[1:]])
        return
    length = np.linalg.norm(np.asarray(vectors, "float64"), axis=1).mean()
    kernel = (_SCALE / max(length, 1e-12) * kernel).astype("float32")
    head.set_weights([kernel, *head.get_weights()[1:]])


def _by_name(file, found, class_names):
    names = [str(n) for n in found.get("class_names", ())]
    rows = np.asarray(found["vectors"])
    place = {name: i for i, name in enumerate(names)}
    missing = [n for n in class_names if n not in place]
    if missing or len(names) != len(rows) or len(place) != len(names):
        raise ValueError(
            "`class_names` names each row of `vectors`, and every class of the "
            f"run once. Received: model.head_start={file!r} with {len(names)} "
            f"names for {len(rows)} rows"
            + (f", without {', '.join(missing[:3])}" if missing else "")
            + ". Write the classes as the data name them."
        )
    return rows[[place[name] for name in class_names]]


def _check(file, name, array, shape):
    numbers = array.dtype.kind in "fiu" and np.isfinite(array).all()
    if array.shape != tuple(shape) or not numbers:
        raise ValueError(
            f"`{name}` of a head must be finite numbers of shape "
            f"{tuple(shape)}. Received: model.head_start="
            f"{str(pathlib.Path(file))!r}, {name} of shape {array.shape}, "
            f"{array.dtype}. Make it of the same features and classes."
        )
