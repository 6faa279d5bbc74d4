"""A run's config: every option, its unit, its meaning and its default."""

import dataclasses
import json
import pathlib
import tomllib
import typing


HIGHER_ORDER = ("bilinear", "compact_bilinear", "kernel")
POOLINGS = ("average", "max", "fully_connected", *HIGHER_ORDER)


@dataclasses.dataclass
class DataConfig:
    """Where images come from and how batches are made."""

    source: str = "flora:"  # folder: zip: csv: tfds: records: flora:
    label_column: str = ""  # parents as classes, such as "family"; "": classes
    train_split: str = "train"
    test_split: str = "test"
    holdout: float = 0.2  # share held back where there is no test split
    long_tail: str = ""  # "exponential:100", "pareto:6", "cap:50"
    sampler: str = "uniform"  # class_balanced square_root progressive pk
    batch_size: int = 0  # images; 0: 128 for frozen features, else 32
    size: int = 0  # input pixels; 0: 32 for cifar_*, 64 from scratch, else 160
    resize: int = 0  # shorter side before the evaluation crop; 0: whole square
    augmentation: str = "random_crop"  # random_resized_crop pad_crop none
    train_resize: int = 0  # shorter side before random_crop; 0: 8/7 of size
    flip: bool = True
    color: float = 0.0  # strength in [0, 1]
    min_area: float = 0.25  # smallest window of random_resized_crop
    input: str = "auto"  # "tfdata", "arrays" (no TensorFlow needed)
    mirror_test: bool = False  # average over a test image and its mirror
    skip_bad: bool = False


@dataclasses.dataclass
class ModelConfig:
    """Backbone, pooling, embedding and head."""

    backbone: str = "small_cnn"
    weights: str = ""  # "", "imagenet", or the path of a .weights.h5
    pooling: str = "average"  # max kernel compact_bilinear bilinear ...
    pooled_layer: str = ""  # inner layer of the backbone to pool
    embedding: str = "auto"  # "none", units, "unit:SCALE"; auto: with weights
    dropout: float = 0.0
    freeze_batch_norm: str = "auto"  # "yes", "no"; auto: with weights


@dataclasses.dataclass
class PoolingConfig:
    """The pooling that `model.pooling` names, and what stands around it."""

    order: int = 4  # highest order of kernel pooling
    dim: int = 0  # per order; 0: 4096, and 8192 for compact_bilinear
    gamma: str = "0.5"  # start of the kernel; "data": by the mean product
    coefficients: list = dataclasses.field(default_factory=list)  # or these
    learn: bool = True  # the kernel's coefficients are trained
    normalize: bool = True  # descriptors to unit length before
    transform: str = "hadamard"  # or "fourier"
    units: int = 4096  # of each layer of fully_connected
    projection: int = 0  # channels of a learned 1x1 convolution before
    square_root: str = "auto"  # "yes", "no"; auto: after higher orders


@dataclasses.dataclass
class LossConfig:
    """The loss; `beta` above 0 weights classes by effective numbers."""

    name: str = "softmax"  # sigmoid, focal
    beta: float = 0.0  # in [0, 1); 0 weights all classes alike
    gamma: float = 1.0  # focusing exponent of focal


@dataclasses.dataclass
class TrainConfig:
    """How weights are found."""

    mode: str = "finetune"  # or "frozen": features once, then the head
    epochs: int = 0  # 0: 60 for frozen features, else 10
    head_epochs: int = 0  # frozen-feature epochs of the head before
    head_solver: str = "adam"  # "logistic": logistic regression by L-BFGS
    head_c: float = 1.0  # its inverse regularization
    head_learning_rate: float = 0.01  # Adam, cosine, for those epochs
    optimizer: str = "adam"  # sgd, rmsprop
    learning_rate: float = 0.0  # 0: 0.01 frozen, 2e-4 with weights, else 1e-3
    momentum: float = 0.9
    schedule: str = "cosine"  # constant, step, exponential
    warmup_epochs: float = 0.0
    boundaries: list = dataclasses.field(default_factory=list)  # epochs
    factors: list = dataclasses.field(default_factory=list)
    decay: float = 0.94  # exponential
    decay_epochs: float = 2.0  # exponential, in epochs
    weight_decay: float = (
        -1.0
    )  # times half squares; below 0: 3e-4 frozen, else 0
    decay_kind: str = "all"  # or "no_batch_norm"
    clip: float = 0.0  # every gradient entry to [-clip, clip]
    precision: str = "float32"  # mixed_float16, mixed_bfloat16
    strategy: str = "none"  # mirrored
    replicas: int = 0  # 0: every GPU
    validate_every: int = 1  # epochs
    save_seconds: float = 60.0  # longest time between checkpoints
    jit: bool = False  # compile with XLA (JAX always does)


@dataclasses.dataclass
class RunConfig:
    """One training run.

    Use it from TOML (`--config run.toml`), with `--set a.b=c` on top, or from
    Python: `RunConfig.build(overrides={"data.source": "folder:photos"})`.

    Example:
    >>> config = RunConfig.build(overrides={"loss.beta": "0.99"})
    >>> config.loss.beta
    0.99
    """

    data: DataConfig = dataclasses.field(default_factory=DataConfig)
    model: ModelConfig = dataclasses.field(default_factory=ModelConfig)
    pooling: PoolingConfig = dataclasses.field(default_factory=PoolingConfig)
    loss: LossConfig = dataclasses.field(default_factory=LossConfig)
    train: TrainConfig = dataclasses.field(default_factory=TrainConfig)
    seed: int = 0
    bootstrap: int = 1000  # resamples behind each interval

    @classmethod
    def build(cls, file=None, overrides=None):
        """Reads a TOML or JSON file, then sets `overrides` over it.

        Args:
            file: Path or `None`.
            overrides: Dict of dotted names to values; strings are read as
                the field's type.

        Raises:
            ValueError: If a name is unknown or a value is no such type.
        """
        config = cls()
        if file is not None:
            path = pathlib.Path(file)
            if not path.is_file():
                raise ValueError(
                    "`config` must be a TOML or JSON file. "
                    f"Received: config={file}, which does not exist."
                )
            text = path.read_text("utf-8")
            try:
                tree = (
                    json.loads(text)
                    if path.suffix == ".json"
                    else tomllib.loads(text)
                )
            except ValueError as error:
                raise ValueError(
                    "`config` must be valid TOML (or JSON, if named so). "
                    f"Received: {file}: {error}."
                ) from error
            for name, value in _flatten(tree):
                config.set(name, value)
        for name, value in (overrides or {}).items():
            config.set(name, value)
        return config.resolve().check()

    def resolve(self):
        """Replaces every "auto" and 0 that means "choose" by the choice."""
        frozen = self.train.mode == "frozen"
        pretrained = bool(self.model.weights)
        data, model, train = self.data, self.model, self.train
        data.batch_size = data.batch_size or (128 if frozen else 32)
        if not data.size:
            small = model.backbone.startswith("cifar_")
            data.size = 32 if small else (160 if pretrained else 64)
        if model.embedding == "auto":
            unit = pretrained or model.pooling in HIGHER_ORDER
            model.embedding = "unit:10" if unit else "none"
        if not self.pooling.dim:
            compact = model.pooling == "compact_bilinear"
            self.pooling.dim = 8192 if compact else 4096
        if model.freeze_batch_norm == "auto":
            model.freeze_batch_norm = "yes" if pretrained else "no"
        train.epochs = train.epochs or (60 if frozen else 10)
        if not train.learning_rate:
            scratch = 2e-4 if pretrained else 1e-3
            train.learning_rate = 1e-2 if frozen else scratch
        if train.weight_decay < 0:
            train.weight_decay = 3e-4 if frozen else 0.0
        return self

    def set(self, name, value):
        """Sets one field by its dotted name."""
        *path, last = name.split(".")
        owner = self
        for part in path:
            owner = getattr(owner, part, None)
        known = dict(self.names())
        if name not in known:
            raise ValueError(
                f"Unknown option. Received: {name}={value!r}. Options: "
                f"{', '.join(known)}."
            )
        setattr(owner, last, _cast(name, value, known[name]))
        return self

    def names(self):
        """Yields `(dotted name, type)` of every field."""
        for field in dataclasses.fields(self):
            inner = getattr(self, field.name)
            if dataclasses.is_dataclass(inner):
                hints = typing.get_type_hints(type(inner))
                for f in dataclasses.fields(inner):
                    yield f"{field.name}.{f.name}", hints[f.name]
            else:
                yield field.name, field.type

    def check(self):
        """Raises `ValueError` for values that no run can use."""
        choices = {
            "data.input": ("auto", "tfdata", "arrays"),
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
        values = self.flat()
        for name, allowed in choices.items():
            if values[name] not in allowed:
                raise ValueError(
                    f"`{name}` must be one of {allowed}. "
                    f"Received: {name}={values[name]!r}."
                )
        for name in ("data.batch_size", "train.epochs", "train.validate_every"):
            if values[name] < 1:
                raise ValueError(
                    f"`{name}` must be at least 1. "
                    f"Received: {name}={values[name]}."
                )
        if not 0.0 <= self.loss.beta < 1.0:
            raise ValueError(
                "`loss.beta` must lie in [0, 1). "
                f"Received: loss.beta={self.loss.beta}. "
                "Usual values are 0.9, 0.99, 0.999 and 0.9999."
            )
        return self

    def flat(self):
        """Returns a dict of dotted names to values."""
        return dict(_flatten(dataclasses.asdict(self)))

    def as_dict(self):
        """Returns nested dicts, ready for JSON."""
        return dataclasses.asdict(self)


def _flatten(tree, prefix=""):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _cast(name, value, kind):
    problem = ValueError(
        f"`{name}` must be a {kind.__name__}. Received: {name}={value!r}."
    )
    if kind is bool:
        words = {"true": True, "yes": True, "false": False, "no": False}
        if isinstance(value, bool):
            return value
        if str(value).lower() not in words:
            raise problem
        return words[str(value).lower()]
    if kind is list:
        if isinstance(value, str):
            value = value.strip("[]").split(",") if value.strip("[]") else []
        try:
            return [float(v) for v in value]
        except (TypeError, ValueError):
            raise problem from None
    if kind is str and not isinstance(value, (str, int, float)):
        raise problem
    try:
        return kind(value)
    except (TypeError, ValueError):
        raise problem from None
