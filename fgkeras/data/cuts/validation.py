"""Validation images: what is chosen is chosen on them, never on the test."""

import hashlib

import numpy as np

# The split of a share of the training images; no source has one of the name.
SHARE = "val_share"
# Of images kept out to the end, for the temperature of scores.
CALIBRATION = "calibration_share"


def with_validation(source, split, *, share, seed, not_of=(), fold=None):
    """Holds images back to choose by: epochs, options, adjustments.

    The source's own `val` is taken if every class has an image there;
    otherwise a share of the training images, class by class. What is held back
    depends on ids and `seed` only. Of a class of `n` images it is

        0 for n <= 2, else min(n - 1, max(1, round(share * n)))

    so that a class of one or two images is trained on whole. Means over
    classes on validation are then over the classes that have an image there.
    Folds hold every image of the larger classes back once: of a class it is
    the `i`-th image for `i + class = fold` modulo `round(1 / share)`.

    Args:
        source: `Source`.
        split: String, the split trained on.
        share: Float in (0, 1).
        seed: Integer.
        not_of: Names of splits, such as those tested on: `val` is not taken if
            it is among them. Defaults to none.
        fold: Integer at least 0, which part of the training images is held
            back; or `None`. Defaults to `None`.

    Returns:
        Tuple of the `Source`, whose `split` lacks the images held back, and
        the name of the split that has them: `"val"` or `SHARE`.

    Raises:
        ValueError: If `share` or `fold` is out of range, or no class has
            three images.

    Example:

    >>> from fgkeras.data.sources.source import Source, Split
    >>> whole = Split(tuple("abcd"), np.array([0, 0, 0, 1]))
    >>> source = Source("x", ["oak", "elm"], {"train": whole})
    >>> found, name = with_validation(source, "train", share=0.2, seed=0)
    >>> name, len(found.split(name)), len(found.split("train"))
    ('val_share', 1, 3)
    """
    if not 0 < share < 1:
        raise ValueError(f"`share` must be in (0, 1). Received: share={share}.")
    folds = int(1 / share + 0.5)
    if fold is not None and not 0 <= fold < folds:
        raise ValueError(
            f"`data.val_fold` is less than {folds}, the parts of "
            f"data.val_share={share:g}. Received: data.val_fold={fold}."
        )
    taken = {*split.split("+"), *(n for s in not_of for n in s.split("+"))}
    if fold is None and "val" in source.splits and "val" not in taken:
        own = source.split("val")
        if len(np.unique(own.labels[own.labels >= 0])) == source.num_classes:
            trained = set(source.split(split).ids)
            if trained.isdisjoint(own.ids):
                kept = np.flatnonzero(own.labels >= 0)
                return source.select("val", kept), "val"
    return held_back(
        source, split, share=share, seed=seed, fold=fold, name=SHARE
    ), SHARE


def held_back(source, split, *, share, seed, name, fold=None):
    """Holds a share of the training images back, by the rule above.

    Args:
        source: `Source`.
        split: String, the split trained on.
        share: Float in (0, 1).
        seed: Integer.
        name: String, the split that they go into: what is held back for one
            purpose is not that for another.
        fold: As in `with_validation`. Defaults to `None`.

    Returns:
        `Source`, whose `split` lacks them.

    Raises:
        ValueError: If no class has three images.
    """
    folds = int(1 / share + 0.5)
    whole = source.split(split)
    ranks = [
        hashlib.sha256(f"{name}/{seed}/{image_id}".encode()).digest()
        for image_id in whole.ids
    ]
    held = np.zeros(len(whole), dtype=bool)
    for label in np.unique(whole.labels):
        members = np.flatnonzero(whole.labels == label)
        number = _number_of(len(members), share)
        members = sorted(members, key=lambda i: ranks[i])
        if fold is None:
            held[members[:number]] = True
        elif number:
            held[members[(fold - label) % folds :: folds]] = True
    if not held.any():
        raise ValueError(
            "Images to choose by are held back of classes with three images "
            f"or more. Received: {source.spec}, split {split!r}, where no "
            "class has so many. Leave out what is to be chosen "
            "(train.keep, data.val_share, data.calibration_share)."
        )
    parts = {
        split: whole.take(np.flatnonzero(~held)),
        name: whole.take(np.flatnonzero(held)),
    }
    return source.with_splits({**source.splits, **parts})


def _number_of(number, share):
    if number <= 2:
        return 0
    return min(number - 1, max(1, int(share * number + 0.5)))
