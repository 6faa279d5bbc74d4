"""The source of a run: opened, cut, split and checked."""

import numpy as np

from fgkeras.config import when
from fgkeras.config.auto import FOLDS
from fgkeras.data.cuts.class_subset import chosen_again
from fgkeras.data.cuts.class_subset import in_order_of
from fgkeras.data.cuts.cut import cut_source
from fgkeras.data.cuts.holdout import with_test_split
from fgkeras.data.cuts.relabel import relabel
from fgkeras.data.cuts.validation import CALIBRATION
from fgkeras.data.cuts.validation import held_back
from fgkeras.data.cuts.validation import with_validation
from fgkeras.data.cuts.without_images import without_images
from fgkeras.data.open import open as open_source
from fgkeras.runs.classifier.folds import as_one
from fgkeras.runs.classifier.folds import with_folds
from fgkeras.runs.inputs import kept_bytes
from fgkeras.runs.start_checks import check_columns
from fgkeras.runs.start_checks import check_has_labels
from fgkeras.runs.start_checks import check_splits


def training_source(config, kept=None):
    """Opens the source that a config names and prepares its splits.

    Args:
        config: A `Config`.
        kept: The `RunData` of a run that goes on, whose order of classes
            stays; or `None`.

    Returns:
        A `Source`, under the labels of `data.label_column` where given, whose
        `data.train_split` is cut as `data.cut` says, and which has
        `data.test_split` without images that are trained on or chosen by,
        these in a split of their own (`data.val_share`).

    Raises:
        ValueError: If a split is missing, there are no images to test on,
            fewer than two classes, or a class has no training image.
    """
    data = config.data
    source = open_source(
        data.source,
        skip_bad=data.skip_bad,
        ignore=data.ignore,
        keep_bytes=kept_bytes(config),
        boxes=data.crop_to_box,
    )
    if data.label_column:
        source = relabel(source, data.label_column)
    if kept is None:
        check_columns(source)
    else:
        source = in_order_of(source, kept.class_names)
    if data.classes:
        source = chosen_again(
            source, data.classes, data.train_split, kept and kept.class_names
        )
    opened, folded = source, when.tested_by_folds(config)
    if folded:
        source = as_one(source)
    else:
        source = with_test_split(
            source, data.test_split, fraction=data.holdout, seed=config.seed
        )
    if source is opened:
        check_splits(config, source)
    source = source.with_split(data.train_split)
    if folded:
        # All that is trained on, until it is known what folds leave out.
        whole = source.split(data.train_split)
        source = source.with_splits({**source.splits, FOLDS: whole})
    if not source.has_split(data.test_split):
        named = {data.train_split, *data.train_split.split("+")}
        others = [s for s in source.splits if s not in named]
        raise ValueError(
            f"A run needs a split to test on. Received: data.test_split="
            f"{data.test_split!r}; {data.source} has {sorted(source.splits)}. "
            + (
                f"Try --set data.test_split={others[0]}."
                if others
                else "Leave data.test_split out, and a share of every class "
                "is held back."
            )
        )
    # Before the cut, which may take images of a split that both are made of.
    source = source.with_split(data.test_split)
    check_has_labels(source, data.train_split, "data.train_split")
    check_has_labels(source, data.test_split, "data.test_split")
    said = source.notes
    if data.cut:
        source = cut_source(
            source, data.cut, split=data.train_split, seed=config.seed
        )
    counts = source.counts(data.train_split)
    empty = [source.class_names[i] for i in np.flatnonzero(counts == 0)]
    if empty:
        raise ValueError(
            "Every class needs at least one training image. Received: "
            f"{len(empty)} classes without one: {', '.join(empty[:5])}"
            f"{', ...' if len(empty) > 5 else ''}. "
            + (
                " ".join(note for note in source.notes if note not in said)
                or "Remove these classes, or add images for them."
            )
        )
    if source.num_classes < 2:
        asked, way = data.source, "Expected one folder per class."
        if data.classes:
            asked = f"--classes {data.classes} of {asked}"
            way = "Choose two or more; without --classes all are trained on."
        raise ValueError(
            f"A classifier needs at least two classes. Received: {asked} with "
            f"{source.num_classes}: {', '.join(source.class_names)}. {way}"
        )
    trained = set(source.split(data.train_split).ids)
    if data.val_share:
        source, val = with_validation(
            source,
            data.train_split,
            share=data.val_share,
            seed=config.seed,
            not_of=(data.test_split,),
            fold=None if data.val_fold == "none" else data.val_fold,
        )
        trained.update(source.split(val).ids)
    if data.calibration_share:
        source = held_back(
            source,
            data.train_split,
            share=data.calibration_share,
            seed=config.seed,
            name=CALIBRATION,
        )
    if folded:
        return with_folds(config, source, opened)
    source = without_images(source, data.test_split, trained)
    if not len(source.split(data.test_split)):
        raise ValueError(
            "A run needs images to test on. Received: no image of "
            f"data.test_split={data.test_split!r} in {data.source}; where "
            f"there is no test split, {data.holdout:g} of every class is held "
            "back, rounded, but never its last image. Add images, or raise "
            "data.holdout."
        )
    return source
