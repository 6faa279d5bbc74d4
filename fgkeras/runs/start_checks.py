"""What a new training must keep to, before images are read."""

import pathlib

from fgkeras.config.methods import method_named


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
    from fgkeras.training.strategy import num_replicas

    check_body(config)
    weights = pathlib.Path(config.model.weights or "none").absolute()
    if pathlib.Path(out).absolute() in (weights, weights.parent):
        raise ValueError(
            "A run cannot start from the weights that it replaces. Received: "
            f"model.weights={config.model.weights!r} with the run folder "
            f"{out}. Choose another folder (--out)."
        )
    name, batch = "data.batch_size", config.data.batch_size
    if method_named(config.method.name).kind in ("listed", "joint"):
        # Triplets are not torn apart.
        name, batch = "method.triplets", config.method.triplets
    replicas = num_replicas(config.train.strategy, config.train.replicas)
    if batch % replicas:
        raise ValueError(
            "Every device takes an equal part of each training batch. "
            f"Received: {name}={batch} for {replicas} devices. Set "
            f"{name}={batch - batch % replicas or replicas}, or another "
            "multiple."
        )


def check_body(config):
    """Checks the backbone's name and weights, before images are read.

    Args:
        config: A `Config`.

    Raises:
        ValueError: If there is no such backbone, or no such file.
    """
    from fgkeras.models.backbones import backbone_names
    from fgkeras.models.body_weights import find_weights

    name, weights = config.model.backbone, config.model.weights
    if name not in backbone_names():
        raise ValueError(
            f"`model.backbone` must be one of {', '.join(backbone_names())}. "
            f"Received: model.backbone={name!r}."
        )
    if weights not in ("", "imagenet"):
        find_weights(weights)
