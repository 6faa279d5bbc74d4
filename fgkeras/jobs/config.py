"""A run's config: read, resolved and checked."""

import dataclasses
import difflib
import json
import pathlib
import tomllib
import typing

from fgkeras.jobs.config_checks import HIGHER_ORDER
from fgkeras.jobs.config_checks import check_values
from fgkeras.jobs.config_sections import DataConfig
from fgkeras.jobs.config_sections import LossConfig
from fgkeras.jobs.config_sections import MethodConfig
from fgkeras.jobs.config_sections import ModelConfig
from fgkeras.jobs.config_sections import PoolingConfig
from fgkeras.jobs.config_sections import TrainConfig
from fgkeras.jobs.methods import method_named
from fgkeras.jobs.methods import method_options


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
    method: MethodConfig = dataclasses.field(default_factory=MethodConfig)
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
        linear = self.method.name == "softmax"
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
            head = 1e-2 if linear else 1e-3
            train.learning_rate = head if frozen else scratch
        if train.weight_decay < 0:
            train.weight_decay = 3e-4 if frozen and linear else 0.0
        return self

    def set(self, name, value):
        """Sets one field by its dotted name."""
        *path, last = name.split(".")
        owner = self
        for part in path:
            owner = getattr(owner, part, None)
        known = dict(self.names())
        if name not in known:
            raise ValueError(_unknown(name, value, known))
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
        check_values(self.flat())
        self._check_method()
        return self

    def _check_method(self):
        method = self.method
        method_options(method.name, method.options)
        unseen = self.data.test_source + self.data.test_classes
        if method.name == "softmax" and (unseen or self.data.classes):
            raise ValueError(
                "A linear head is tested on its own classes and images. "
                "Received: method.name='softmax' with data.classes, "
                "data.test_classes or data.test_source. Choose a method that "
                "trains an embedding, such as --method proxy-nca."
            )
        if method.name != "softmax" and self.loss.name != "softmax":
            raise ValueError(
                "Embeddings are trained by the loss of their method. Received: "
                f"method.name={method.name!r}, loss.name={self.loss.name!r}. "
                "Leave out `loss.name`; `loss.beta` weights classes here too."
            )
        around = self.pooling.projection or self.pooling.square_root != "auto"
        if method.name != "softmax" and around:
            raise ValueError(
                "Embeddings have a pooling without projection and root. "
                f"Received: pooling.projection={self.pooling.projection}, "
                f"pooling.square_root={self.pooling.square_root!r}. "
                "Leave both out."
            )
        kind = method_named(method.name).kind
        if self.loss.beta and kind in ("listed", "hdml", "dvml"):
            raise ValueError(
                "Triplets and generated embeddings are not weighted by class. "
                f"Received: loss.beta={self.loss.beta} with "
                f"method.name={method.name!r}. Leave `loss.beta` out, or take "
                "a method with a loss over batches or classes."
            )
        if method.rejected and kind not in ("listed", "joint"):
            raise ValueError(
                "Rejected images serve as negatives of triplets drawn from the "
                f"whole set. Received: method.rejected={method.rejected!r} "
                f"with method.name={method.name!r}. Take triplet-naive, -hn, "
                "-m or -a, or leave it out."
            )

    def flat(self):
        """Returns a dict of dotted names to values."""
        return dict(_flatten(dataclasses.asdict(self)))

    def as_dict(self):
        """Returns nested dicts, ready for JSON."""
        return dataclasses.asdict(self)


def _unknown(name, value, known):
    """Says which options a wrong name may have meant."""
    last = name.split(".")[-1]
    near = [n for n in known if n.split(".")[-1] == last]
    near = near or difflib.get_close_matches(name, known, 3, 0.7)
    if near:
        way = f"Did you mean {' or '.join(near)}?"
    elif any(n.startswith(name.split(".")[0] + ".") for n in known):
        part = name.split(".")[0] + "."
        way = f"Options: {', '.join(n for n in known if n.startswith(part))}."
    else:
        way = f"Options: {', '.join(known)}."
    return f"Unknown option. Received: {name}={value!r}. {way}"


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
