"""The sources of a metric run: classes trained on, and classes tested on."""

import numpy as np

from fgkeras.data.cuts.class_subset import chosen_again
from fgkeras.data.cuts.class_subset import in_order_of
from fgkeras.data.cuts.class_subset import select_classes
from fgkeras.data.cuts.cut import cut_source
from fgkeras.data.cuts.holdout import with_test_split
from fgkeras.data.cuts.relabel import relabel
from fgkeras.data.cuts.renumbered import renumbered
from fgkeras.data.cuts.without_images import without_images
from fgkeras.data.open import open as open_source
from fgkeras.data.spec import same_source
from fgkeras.runs.inputs import kept_bytes
from fgkeras.runs.start_checks import check_columns
from fgkeras.runs.start_checks import check_has_labels
from fgkeras.runs.start_checks import check_splits


def embedding_sources(config, kept=None):
    """Opens what a metric run trains on and what it is tested on.

    The classes of both may be the same (closed set) or others (unseen
    classes): `data.classes` against `data.test_classes`, another
    `data.test_source`, or splits of other classes.

    Args:
        config: A `Config`.
        kept: The `RunData` of a run that goes on: its class names stand for
            the numbers of `data.classes` and `data.test_classes` then, which
            more classes would shift. Defaults to `None`.

    Returns:
        Tuple `(train, test, closed)`: two `Source`s with the splits
        `data.train_split` and `data.test_split`, and whether all classes
        tested on are among those trained on; they have the same numbers then.

    Raises:
        ValueError: If a split is missing, or no class has two images.
    """
    data = config.data
    train = _opened(data.source, config, kept)
    train.split(data.train_split)
    test = train
    if data.test_source:
        test = _opened(data.test_source, config, kept)
    if data.classes:
        chosen = chosen_again(
            train, data.classes, data.train_split, kept and kept.class_names
        )
        # Of the same source, and nothing else said: tested on the same.
        if not data.test_source and not data.test_classes:
            test = chosen
        train = chosen
    if data.test_classes:
        test = chosen_again(
            test,
            data.test_classes,
            data.test_split,
            kept and kept.test_class_names,
        )
    if not test.has_split(data.test_split):
        raise ValueError(
            "Embeddings need images to be tested on. Received: data.test_split="
            f"{data.test_split!r}; {data.test_source or data.source} has "
            f"{sorted(test.splits)}. Try --test-split '*' with other classes "
            "(--classes, --test-classes), or put images into test/CLASS."
        )
    check_has_labels(train, data.train_split, "data.train_split")
    check_has_labels(test, data.test_split, "data.test_split")
    if data.cut:
        train = cut_source(
            train, data.cut, split=data.train_split, seed=config.seed
        )
    train = _used(train, data.train_split)
    test = _used(test, data.test_split)
    if train.counts(data.train_split).max() < 2 or train.num_classes < 2:
        raise ValueError(
            "An embedding is trained on two classes or more, with two images "
            f"of some. Received: {train.num_classes} classes in the split "
            f"{data.train_split!r} of {data.source}."
        )
    if test.counts(data.test_split).max() < 2:
        raise ValueError(
            "Retrieval is tested on classes with two images or more. Received: "
            f"one of each class in data.test_split={data.test_split!r} of "
            f"{data.test_source or data.source}. Hold back more images "
            "(--set data.holdout=0.5), or test on other classes."
        )
    known = set(test.class_names) & set(train.class_names)
    closed = len(known) == test.num_classes
    if known and not closed and data.test_classes:
        raise ValueError(
            "The classes tested on must all be trained on (a classifier's "
            "test) or none of them (unseen classes). Received: "
            f"{len(known)} of {test.num_classes} test classes are among those "
            f"trained on, such as {sorted(known)[0]!r}. Change data.classes or "
            "data.test_classes (--classes, --test-classes)."
        )
    if closed:
        test = renumbered(test, train.class_names)
    if known and (
        not data.test_source or same_source(data.test_source, data.source)
    ):
        trained = train.split(data.train_split).ids
        test = without_images(test, data.test_split, trained)
    return train, test, closed


def rejected_source(config, train):
    """Opens the images that people said are not of the class they lie in.

    Args:
        config: A `Config`.
        train: `Source` trained on, whose class numbers they get.

    Returns:
        `Source`, or `None` if the config names none.

    Raises:
        ValueError: If it has classes that are not trained on.
    """
    spec = config.method.rejected
    if not spec:
        return None
    found = open_source(
        spec,
        skip_bad=config.data.skip_bad,
        ignore=config.data.ignore,
        keep_bytes=kept_bytes(config),
        boxes=config.data.crop_to_box,
    )
    unknown = set(found.class_names) - set(train.class_names)
    if unknown:
        raise ValueError(
            "Rejected images lie under the class they were rejected from, "
            "one of those trained on. Received: method.rejected="
            f"{spec}, with {', '.join(sorted(unknown)[:5])}."
        )
    return renumbered(found, train.class_names)


def _opened(spec, config, kept):
    data = config.data
    source = open_source(
        spec,
        skip_bad=data.skip_bad,
        ignore=data.ignore,
        keep_bytes=kept_bytes(config),
        boxes=data.crop_to_box,
    )
    if config.data.label_column:
        source = relabel(source, config.data.label_column)
    if kept is None:
        check_columns(source)
    else:
        names = (*kept.class_names, *kept.test_class_names)
        source = in_order_of(source, names)
    if spec != data.source:
        return source
    flat = list(source.splits) == ["all"]
    # Where other images or classes are tested on, all of `train` is trained on.
    other = data.test_source or data.test_classes
    if not flat and other:
        check_splits(config, source)
        return source
    split = with_test_split(
        source, data.test_split, fraction=data.holdout, seed=config.seed
    )
    if split is source:
        check_splits(config, source)
        return source
    if not flat:
        return split
    # "all" first, so that "*", which has each image once, is in its order.
    return source.with_splits({**source.splits, **split.splits})


def _used(source, split):
    """Returns the source with this split alone, and with its classes."""
    part = source.split(split)
    source = source.with_splits({split: part})
    used = np.unique(part.labels)
    if len(used) == source.num_classes:
        return source
    return select_classes(source, used)
