"""What a new training must keep to, before images are read."""

import pathlib

import numpy as np

from fgkeras.config import OPTIONS
from fgkeras.config import when
from fgkeras.config.amounts import check_amounts
from fgkeras.data.sources.source import ALL


def check_start(config, out):
    """Checks what a new training must keep to, before images are read.

    Runs that were trained before a rule was made still open.

    Args:
        config: A `Config`.
        out: Path of the run folder.

    Raises:
        ValueError: If the training would fail late, or would not do what the
            config says.
    """
    check_body(config)
    weights = pathlib.Path(config.model.weights or "none").absolute()
    if pathlib.Path(out).absolute() in (weights, weights.parent):
        raise ValueError(
            "A run cannot start from the weights that it replaces. Received: "
            f"model.weights={config.model.weights!r} with the run folder "
            f"{out}. Choose another folder (--out)."
        )
    check_amounts(config)
    for stage in config.stages():
        _check_shares(stage)


def _check_shares(config):
    from fgkeras.training.strategy import num_replicas

    if when.LISTED(config):
        # Triplets are not torn apart.
        name, batch = "method.triplets", config.method.triplets
    elif when.BATCHES(config):
        name, batch = "data.batch_size", config.data.batch_size
    else:
        return
    replicas = num_replicas(*devices_of(config))
    if batch % replicas:
        raise ValueError(
            "Every device takes an equal part of each training batch. "
            f"Received: {name}={batch} for {replicas} devices. Set "
            f"{name}={batch - batch % replicas or replicas}, or another "
            "multiple."
        )


def devices_of(config):
    """Returns what `strategy_scope` takes, a tuple.

    Args:
        config: A `Config`.
    """
    strategy = config.train.strategy
    if strategy == "none":
        return (strategy,)
    return strategy, config.train.replicas


def check_body(config):
    """Checks the backbone's name and weights, before images are read.

    Args:
        config: A `Config`.

    Raises:
        ValueError: If there is no such backbone, or no such file, or it has
            no such levels.
    """
    from fgkeras.models.backbones import check_backbone
    from fgkeras.models.body_weights import find_weights
    from fgkeras.runs.embedding.network import check_body_levels

    check_backbone(config.model.backbone)
    weights = config.model.weights
    if weights not in ("", "imagenet"):
        find_weights(weights)
    if when.CASCADED(config):
        check_body_levels(config)


def check_has_labels(source, split, what):
    """Refuses images that have no class, in what needs one of each.

    Args:
        source: `Source`.
        split: String, a split of it.
        what: String, the option that names the split.

    Raises:
        ValueError: If one has no label.
    """
    part = source.split(split)
    without = [part.ids[i] for i in np.flatnonzero(part.labels < 0)]
    if without:
        raise ValueError(
            "Every image that is trained on or tested on needs a class. "
            f"Received: {what}={split!r} of {source.spec}, with "
            f"{len(without)} images without one, such as {without[0]!r}. Name "
            "other splits, or put these images into the folders of classes."
        )


def check_columns(source):
    """Refuses a source with a column that looks like a split and is none.

    Args:
        source: `Source` of a new training.

    Raises:
        ValueError: If it has one: images that others keep for the test would
            be trained on.
    """
    name = source.split_like
    if name is not None:
        raise ValueError(
            "A column that tells training from test images is used, or said "
            f"not to be. Received: {source.spec}, whose column {name!r} looks "
            f"like one. Name it (csv:PATH?split={name}), or pass it over "
            "(csv:PATH?split=none)."
        )


def check_splits(config, source):
    """Refuses what a source that has splits of its own would not use.

    Args:
        config: A `Config`.
        source: `Source` with splits of its own.

    Raises:
        ValueError: If `data.holdout` was asked for, or a source without
            splits was joined to one that has some, and nothing names it.
    """
    named = {*config.data.train_split.split("+")}
    named.update(config.data.test_split.split("+"))
    if "all" in source.splits and not named & {"all", ALL}:
        raise ValueError(
            "Sources that are joined all have splits, or none has. Received: "
            f"{source.spec} with {', '.join(source.splits)}, where the images "
            "of `all` would not be used. Train on them too (--set "
            f"data.train_split={config.data.train_split}+all), or lay them "
            "out as train/CLASS and test/CLASS."
        )
    share = config.asked.get("data.holdout")
    if share not in (None, OPTIONS["data.holdout"].default):
        raise ValueError(
            "`data.holdout` does nothing in this run: it is used where a "
            f"source has no test split. Received: data.holdout={share!r}, "
            f"{source.spec} with {', '.join(source.splits)}. Leave it out."
        )
