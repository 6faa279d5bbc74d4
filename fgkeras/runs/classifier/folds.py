"""Folds of the training images: which image is tested by which head."""

import hashlib

import numpy as np

from fgkeras.config import when
from fgkeras.config.auto import FOLDS
from fgkeras.evaluation import mean_per_class_accuracy
from fgkeras.evaluation import score_images


def folds_of(ids, labels, num_folds, seed):
    """Returns which fold each image is of; -1 is held back by none.

    The images of a class are dealt to the folds one by one, in an order that
    ids and seed say alone. The only image of a class stays in every training.

    Args:
        ids: Sequence of strings.
        labels: Integer array of shape `(num_images,)`.
        num_folds: Int at least 2.
        seed: Int.

    Returns:
        Integer array of shape `(num_images,)`.

    Example:

    >>> folds_of(["a", "b", "c"], np.array([0, 0, 1]), 2, seed=0).tolist()
    [1, 0, -1]
    """
    ranks = [hashlib.sha256(f"{seed}/{i}".encode()).digest() for i in ids]
    out = np.full(len(labels), -1)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        if len(members) > 1:
            dealt = sorted(members, key=lambda i: ranks[i])
            out[dealt] = (np.arange(len(dealt)) + label) % num_folds
    return out


def folds_of_run(config, ids, labels):
    """Returns the fold of each training image of a run, as `folds_of` does.

    Args:
        config: A resolved `Config` with one stage and folds.
        ids: Sequence of strings.
        labels: Integer array of shape `(num_images,)`.

    Raises:
        ValueError: If no class has two images.
    """
    count = when.folds_of(config)
    fold = folds_of(ids, labels, count, config.stages()[0].seed)
    if (fold < 0).all():
        name = "evaluation.folds"
        if not when.tested_by_folds(config):
            name = "data.calibration_folds"
        raise ValueError(
            "Folds are of classes with two images or more. Received: "
            f"{name}={count}, where no class has so many. Leave it out."
        )
    return fold


def as_one(source):
    """Returns a source without splits with all its images to train on.

    Args:
        source: `Source`; one that has splits is returned as it is.
    """
    if list(source.splits) != ["all"]:
        return source
    return source.with_splits({"train": source.splits["all"]})


def with_folds(config, source, opened):
    """Returns a source with the images that folds test, as a split.

    Args:
        config: A resolved `Config` that is tested by folds.
        source: `Source` whose `data.train_split` is what is trained on.
        opened: The `Source` as it was opened, whose other splits are named in
            the notes.

    Raises:
        ValueError: If no class has two images.
    """
    part = source.split(config.data.train_split)
    fold = folds_of_run(config, part.ids, part.labels)
    tested = part.take(np.flatnonzero(fold >= 0))
    found = source.with_splits({**source.splits, FOLDS: tested})
    train = config.data.train_split
    used = {*train.split("+"), *(["val"] if config.data.val_share else [])}
    others = [name for name in opened.splits if name not in {*used, "all"}]
    if others and train != "*":
        found.notes = (
            *source.notes,
            f"Folds are of the images that are trained on, {train}: those of "
            f"{', '.join(others)} are not looked at. To take them too: --set "
            f"data.train_split={'+'.join((train, *others))}.",
        )
    return found


def tested_images(config, train):
    """Returns those of the training images of a run that folds test.

    Args:
        config: A resolved `Config` that is tested by folds.
        train: `SplitImages`.
    """
    fold = folds_of_run(config, train.ids, train.labels)
    images = train.take(np.flatnonzero(fold >= 0))
    # What could not be read is counted where it is trained on.
    images.split, images.refused = FOLDS, []
    return images


def fold_numbers(config, train, logits):
    """Returns what the folds of a run were worth, ready for JSON.

    Args:
        config: A resolved `Config` that is tested by folds.
        train: `SplitImages` that it was trained on.
        logits: Float array `(num_images, num_classes)`, of those of them that
            a fold tests.

    Returns:
        Dict of `count`; `each`, for each fold its `num_images`, `top1` and
        `mean_per_class`; `mean`, their means over the folds; and
        `num_not_tested`, images of classes that have no other.
    """
    fold = folds_of_run(config, train.ids, train.labels)
    tested = fold >= 0
    scored = score_images(train.labels[tested], logits)
    each = []
    for number in range(when.folds_of(config)):
        inside = fold[tested] == number
        if not inside.any():
            continue
        right, labels = scored.correct[inside], scored.labels[inside]
        each.append(
            {
                "fold": number + 1,
                "num_images": int(inside.sum()),
                "top1": float(right.mean()),
                "mean_per_class": mean_per_class_accuracy(
                    labels, right, scored.num_classes
                ),
            }
        )
    return {
        "count": when.folds_of(config),
        "each": each,
        "mean": {
            name: float(np.mean([row[name] for row in each]))
            for name in ("top1", "mean_per_class")
        },
        "num_not_tested": int((~tested).sum()),
    }
