"""Logits of training images by heads that were not trained on them."""

import numpy as np

from fgkeras.config import when
from fgkeras.runs.classifier.folds import folds_of_run
from fgkeras.runs.classifier.head_start import fit_at_once
from fgkeras.runs.classifier.head_start import is_measured
from fgkeras.runs.classifier.head_start import start_head
from fgkeras.runs.classifier.network import head_part
from fgkeras.runs.classifier.stage_parts import fresh_classifier
from fgkeras.training import fit_resumable


def out_of_fold(task, stage, images, features, start):
    """Returns logits of training images by heads that did not see them.

    Args:
        task: `ClassifierTask`, whose head has been trained.
        stage: The `Config` of its one stage.
        images: `SplitImages` that it was trained on.
        features: Float array, their pooled features.
        start: List of arrays, the head's weights before it was trained.

    Returns:
        Tuple of the places among `images` that have logits, and the logits;
        `None` where neither `data.calibration_folds` nor `evaluation.folds`
        asks for them.

    Raises:
        ValueError: If no class has two images.
    """
    count = when.folds_of(task.config)
    if not count:
        return None
    fold = folds_of_run(task.config, images.ids, images.labels)
    places, logits = [], []
    for number in range(count):
        asked = np.flatnonzero(fold == number)
        if not len(asked):
            continue
        trained = np.flatnonzero(fold != number)
        head = _head_of(task, stage, images, features, start, number, trained)
        places.append(asked)
        found = head.predict(features[asked], batch_size=256, verbose=0)
        logits.append(np.asarray(found, "float32"))
    order = np.argsort(np.concatenate(places))
    return np.concatenate(places)[order], np.concatenate(logits)[order]


def _head_of(task, stage, images, features, start, number, trained):
    """A head that is trained as that of the task was, on some images."""
    part = images.take(trained)
    if when.TRAINED(task.config):
        whole = task.classifier, task.train, start
    else:
        # A head of nearest images is made for as many as there are.
        whole = task.classifier, part, None
    twin = fresh_classifier(task.config, *whole)
    head = head_part(twin)
    fit = fit_at_once(twin, head, stage, task.class_counts(part))
    if fit is not None:
        rows = features[trained], part.labels
        fit(rows, rows)
        return head
    if is_measured(task.config):
        # Of all images it would know those of the fold.
        names = task.roles.train.class_names
        # A beta is one number, of all images.
        config = task.beta.of(task.config)
        start_head(twin, config, features[trained], part.labels, names)
    epochs = stage.train.epochs
    fit_resumable(
        head,
        task.batches_of(head, twin, stage, part, features[trained]),
        epochs=epochs,
        checkpoint=task.folder.checkpoint(f"fold{number}"),
        until=next((kept["epoch"] for kept in task.kept), None),
        save_seconds=stage.train.save_seconds,
        callbacks=task.lines(f"fold {number + 1}", epochs, epochs, twin),
    )
    return head
