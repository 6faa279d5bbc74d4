"""What the values of a run's config may be."""

import math
import pathlib

from fgkeras.data.augment import KINDS as AUGMENTATIONS
from fgkeras.data.long_tail import parse_long_tail
from fgkeras.jobs.methods import method_named

HIGHER_ORDER = ("bilinear", "compact_bilinear", "kernel")
POOLINGS = ("average", "max", "fully_connected", *HIGHER_ORDER)
SAMPLERS = ("uniform", "class_balanced", "square_root", "progressive", "pk")
_CHOICES = {
    "data.augmentation": AUGMENTATIONS,
    "data.sampler": SAMPLERS,
    "data.input": ("auto", "tfdata", "arrays", "disk"),
    "model.freeze_batch_norm": ("yes", "no"),
    "model.pooling": POOLINGS,
    "pooling.square_root": ("auto", "yes", "no"),
    "pooling.transform": ("hadamard", "fourier"),
    "train.head_solver": ("adam", "logistic"),
    "loss.name": ("softmax", "sigmoid", "focal"),
    "train.mode": ("frozen", "finetune"),
    "train.optimizer": ("sgd", "adam", "rmsprop"),
    "train.schedule": ("constant", "step", "cosine", "exponential"),
    "train.decay_kind": ("all", "no_batch_norm"),
    "train.precision": ("float32", "mixed_float16", "mixed_bfloat16"),
    "train.strategy": ("none", "mirrored"),
}
_AT_LEAST = {
    "data.batch_size": 1,
    "data.resize": 0,
    "data.size": 1,
    "data.train_resize": 0,
    "pooling.dim": 1,
    "pooling.order": 1,
    "pooling.projection": 0,
    "pooling.units": 1,
    "loss.gamma": 0,
    "method.anchors": 1,
    "method.dim": 1,
    "method.images_per_class": 0,
    "method.resample_steps": 0,
    "method.triplets": 1,
    "train.clip": 0,
    "train.epochs": 1,
    "train.head_epochs": 0,
    "train.replicas": 0,
    "train.validate_every": 1,
    "train.warmup_epochs": 0,
    "train.weight_decay": 0,
    "bootstrap": 0,
    "seed": 0,
}
_ABOVE_0 = (
    "method.body_rate",
    "method.gamma",
    "method.proxy_rate",
    "train.decay",
    "train.decay_epochs",
    "train.head_c",
    "train.head_learning_rate",
    "train.learning_rate",
)
# Name -> lowest, highest, whether the highest is allowed.
_BETWEEN = {
    "data.holdout": (0, 1, False),
    "data.color": (0, 1, True),
    "data.min_area": (0, 1, True),
    "model.dropout": (0, 1, False),
    "loss.beta": (0, 1, False),
    "method.omega": (0, 1, True),
    "train.momentum": (0, 1, False),
}
_USUAL = {"loss.beta": "Usual values are 0.9, 0.99, 0.999 and 0.9999."}


def check_values(values):
    """Checks each option alone.

    Args:
        values: Dict of dotted names to values, as `RunConfig.flat` gives it.

    Raises:
        ValueError: If a value is none of its option's.

    Example:
    >>> from fgkeras.jobs.config import RunConfig
    >>> check_values(RunConfig.build().flat())
    """
    for name, value in values.items():
        finite = not isinstance(value, float) or math.isfinite(value)
        _require(values, name, finite, "be finite")
    for name, allowed in _CHOICES.items():
        _require(values, name, values[name] in allowed, f"be one of {allowed}")
    for name, least in _AT_LEAST.items():
        _require(values, name, values[name] >= least, f"be at least {least}")
    for name in _ABOVE_0:
        _require(values, name, values[name] > 0, "be above 0")
    for name, (low, high, closed) in _BETWEEN.items():
        value = values[name]
        fits = low <= value <= high and (closed or value < high)
        _require(values, name, fits, f"lie in [{low}, {high}{')]'[closed]}")
    resize, size = values["data.resize"], values["data.size"]
    _require(
        values, "data.resize", not 0 < resize < size, f"be 0 or at least {size}"
    )
    steps = values["train.boundaries"] or values["train.factors"]
    _require(
        values,
        "train.schedule",
        not steps or values["train.schedule"] == "step",
        'be "step" where boundaries or factors are given',
    )
    if values["data.long_tail"]:
        parse_long_tail(values["data.long_tail"])


def _require(values, name, fits, rule):
    if not fits:
        usual = f" {_USUAL[name]}" if name in _USUAL else ""
        raise ValueError(
            f"`{name}` must {rule}. Received: {name}={values[name]!r}.{usual}"
        )


def check_start(config, out):
    """Checks what a new training must keep to, before images are read.

    Runs that were trained before a rule was made still open.

    Args:
        config: A `RunConfig`.
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
    if config.data.mirror_test and config.method.name != "softmax":
        raise ValueError(
            "Both views of an image are averaged as probabilities; an "
            "embedding has none, and is tested as it is. Received: "
            f"data.mirror_test=True, method.name={config.method.name!r}. "
            "Leave `data.mirror_test` out."
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
        config: A `RunConfig`.

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
