"""What a new training must keep to, before images are read."""

import pathlib

from fgkeras.config import OPTIONS
from fgkeras.config import when


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
        ValueError: If there is no such backbone, or no such file.
    """
    from fgkeras.models.backbones import check_backbone
    from fgkeras.models.body_weights import find_weights

    check_backbone(config.model.backbone)
    weights = config.model.weights
    if weights not in ("", "imagenet"):
        find_weights(weights)


def check_no_holdout(config, source):
    """Refuses a share to hold back from a source that has splits.

    Args:
        config: A `Config`.
        source: `Source` with splits of its own.

    Raises:
        ValueError: If `data.holdout` was asked for.
    """
    share = config.asked.get("data.holdout")
    if share not in (None, OPTIONS["data.holdout"].default):
        raise ValueError(
            "`data.holdout` does nothing in this run: it is used where a "
            f"source has no splits. Received: data.holdout={share!r}, "
            f"{source.spec} with {', '.join(source.splits)}. Leave it out."
        )
