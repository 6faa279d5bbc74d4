"""A run's config: what was asked, and what it comes to."""

import copy
import json

from fgkeras.config import when
from fgkeras.config.auto import CHOICES
from fgkeras.config.auto import FOLDS
from fgkeras.config.auto import VAL_SHARE
from fgkeras.config.checks import check_stage
from fgkeras.config.checks import check_together
from fgkeras.config.data_options import DATA
from fgkeras.config.earlier import kept_defaults
from fgkeras.config.earlier import of_before
from fgkeras.config.earlier import of_today
from fgkeras.config.earlier import unsaid
from fgkeras.config.kinds import Int
from fgkeras.config.method_options import METHOD
from fgkeras.config.methods import mode_of_method
from fgkeras.config.model_options import LOSS
from fgkeras.config.model_options import MODEL
from fgkeras.config.model_options import POOLING
from fgkeras.config.option import AUTO
from fgkeras.config.option import Option
from fgkeras.config.option import always
from fgkeras.config.option import unknown_option
from fgkeras.config.stages import OF_RUN
from fgkeras.config.stages import REPLACED
from fgkeras.config.stages import STAGED
from fgkeras.config.stages import Stage
from fgkeras.config.stages import as_tables
from fgkeras.config.stages import from_tables
from fgkeras.config.stages import is_staged
from fgkeras.config.stages import make_stages
from fgkeras.config.stages import mode_of
from fgkeras.config.stages import read_staged
from fgkeras.config.stages import stages_asked
from fgkeras.config.stages import uses
from fgkeras.config.tables import flattened
from fgkeras.config.tables import nested
from fgkeras.config.tables import tables_of
from fgkeras.config.train_options import EVALUATION
from fgkeras.config.train_options import TRAIN

FORMAT = 2
_SECTIONS = {
    "data": DATA,
    "model": MODEL,
    "pooling": POOLING,
    "loss": LOSS,
    "method": METHOD,
    "train": TRAIN,
    "evaluation": EVALUATION,
}
OPTIONS = {
    f"{section}.{name}": option
    for section, options in _SECTIONS.items()
    for name, option in options.items()
}
OPTIONS["seed"] = Option(Int(0), 0, "of everything that is drawn", "", "--seed")


class Config:
    """One run: its options by name.

    Use it from TOML (`--config run.toml`), with `--set a.b=c` on top, or from
    Python. A config holds what somebody asked for; `resolved` chooses the rest
    and refuses what the run would not use. Values are read as attributes of
    sections: `config.train.epochs`.

    Attributes:
        asked: Dict of dotted name to value, only what somebody set.
        stage: The `Stage` it is of, or `None`.

    Example:

    >>> config = Config.read(changes={"loss.beta": "0.99"})
    >>> config.asked
    {'loss.beta': 0.99}
    >>> config.train.epochs, config.resolved().train.epochs
    ('auto', 10)
    """

    def __init__(self, asked=None, values=None, stage=None, stages=()):
        self.asked = dict(asked or {})
        self.stage, self.decoder = stage, None
        self._values, self._stages = values, tuple(stages)

    def seen_by(self, decoder):
        """Returns the config of a run of a `decoder`; `None` is today's."""
        twin = copy.copy(self)
        twin.decoder = decoder
        return twin

    def with_measured(self, name, value):
        """Returns a resolved config with what was measured for a word."""
        twin = copy.copy(self)
        twin._values = {**self._values, name: value}
        return twin

    @property
    def name(self):
        """The name of its stage, or `""`."""
        return self.stage.name if self.stage else ""

    @classmethod
    def read(cls, file=None, changes=(), *, trust=False):
        """Reads a TOML or JSON file, then sets `changes` over it.

        Args:
            file: Path or `None`. The `config.json` of a run asks for what the
                run was asked for.
            changes: Dict of dotted names to values; text is read as the
                option's kind.
            trust: Bool, whether a file may name a module, which is a program.
                Defaults to `False`.

        Raises:
            ValueError: If a name is unknown, a value is none of its option, or
                a file names a module.
        """
        config = cls()
        if file is not None:
            config = config.with_options(_asked_in(tables_of(file)))
            body = str(config["model.backbone"])
            if ":" in body and "model.backbone" not in changes and not trust:
                raise ValueError(
                    "A file that names a module runs it. Received: "
                    f"model.backbone={body!r} in {file}. Look at the module, "
                    "then type --backbone, or --trust."
                )
        return config.with_options(changes)

    @classmethod
    def of_run(cls, tree):
        """Returns the resolved config that a run has stored.

        Args:
            tree: What its `config.json` holds, also of an earlier version.

        Raises:
            ValueError: If it is no config of a run.
        """
        stored = dict(tree.get("resolved", tree))
        stages = from_tables(
            stored.pop("stages", ()), lambda table: _read(flattened(table))
        )
        values = {name: option.default for name, option in OPTIONS.items()}
        values.update(of_before(_read(flattened(stored))))
        asked = tree.get("asked")
        if asked is None:
            asked = _different(values)
        asked = _read(flattened(asked))
        return cls(asked, _chosen(values), stages=stages)

    def with_options(self, changes):
        """Returns a config that asks for `changes` too.

        Args:
            changes: Dict of dotted names to values.

        Raises:
            ValueError: As `read`.
        """
        return type(self)({**self.asked, **_read(dict(changes).items())})

    def resolved(self, also=()):
        """Returns the config with every `auto` chosen, checked.

        Args:
            also: Names of options that are used for another reason.

        Raises:
            ValueError: If options do not go together, or one was asked for
                that the run would not use.
        """
        if self._values is not None:
            return self
        values = {name: option.default for name, option in OPTIONS.items()}
        asked = {n: v for n, v in self.asked.items() if not is_staged(n)}
        values.update(asked)
        values["train.mode"] = mode_of_method(values, asked)
        staged = stages_asked(self.asked)
        stages: tuple[Stage, ...] = ()
        if staged:
            stages = make_stages(staged, values, _chosen)
            values["train.mode"] = mode_of(staged)
            kept = [stage.changes["train.keep"] for stage in stages]
            if values["data.val_share"] == AUTO and "best" in kept:
                values["data.val_share"] = VAL_SHARE
        out = type(self)(self.asked, _chosen(values), stages=stages)
        for name, value in asked.items():
            default = value == OPTIONS[name].default
            if name not in also and not default and not out._uses(name):
                raise ValueError(_unused(name, value, out))
        check_together(out)
        if stages:
            for stage in out.stages():
                check_stage(stage, OPTIONS)
        return out

    def _uses(self, name):
        """Whether a run uses an option as it stands for the whole run."""
        option = OPTIONS[name]
        if self._stages and name in REPLACED:
            return False
        if name in OF_RUN or name not in STAGED or not self._stages:
            return option.used(self)
        return any(uses(stage, name, option) for stage in self.stages())

    def stages(self):
        """Returns the stages of the training, each a config with a name."""
        config = self.resolved()
        stages = config._stages or config._usual_stages()
        return tuple(config._of(stage) for stage in stages)

    def _usual_stages(self):
        """The stages that `train.mode` and `train.head_epochs` stand for."""
        tune = "head" if self.train.mode == "frozen" else "all"
        if when.EMBEDDING(self):
            return (Stage("embedding", tune, {}),)
        if tune == "head":
            return (Stage("head", tune, {}),)
        out: tuple[Stage, ...] = (Stage("all", tune, {}),)
        if self.train.head_solver == "logistic":
            return (Stage("head", "head", {}), *out)
        if self.train.head_epochs:
            # A head on frozen features costs one pass over the images.
            head = {
                "data.batch_size": max(self.data.batch_size, 128),
                "train.epochs": self.train.head_epochs,
                "train.optimizer": "adam",
                "train.learning_rate": self.train.head_learning_rate,
                "train.schedule": "cosine",
                "train.warmup_epochs": 0.0,
                "train.weight_decay": 3e-4,
                "train.decay_kind": "all",
            }
            out = (Stage("head", "head", head, own=tuple(head)), *out)
        return out

    def _of(self, stage):
        """The config of a stage."""
        values = {**self._values, **stage.changes}
        return type(self)(self.asked, values, stage).seen_by(self.decoder)

    def __getitem__(self, name):
        """Returns the value of an option by its dotted name."""
        if self._values is not None:
            return self._values[name]
        return self.asked.get(name, OPTIONS[name].default)

    def __getattr__(self, name):
        if name in _SECTIONS:
            return _Section(self, name)
        if name in OPTIONS:
            return self[name]
        raise AttributeError(f"a config has no {name!r}")

    def __eq__(self, other):
        return isinstance(other, Config) and self.as_json() == other.as_json()

    def __hash__(self):
        return hash(json.dumps(self.as_json()))

    def flat(self):
        """Returns a dict of dotted names to values."""
        return {name: self[name] for name in OPTIONS}

    def used(self):
        """Returns the names of the options that the run uses, a tuple."""
        config = self.resolved()
        return tuple(name for name in OPTIONS if config._uses(name))

    def differences(self, other):
        """Returns in what another run would not be this one.

        Args:
            other: A resolved `Config`, the run that is asked for.

        Returns:
            Dict of dotted name to the pair of values, for what `other` uses.
        """
        names = other.used()
        pairs = {name: (self[name], other[name]) for name in names}
        if self._stages or other._stages:
            here, there = self._staged(), other._staged()
            for name in dict.fromkeys((*there, *here)):
                pairs[name] = (here.get(name), there.get(name))
        kept = kept_defaults(self, other)
        return {
            n: pair
            for n, pair in pairs.items()
            if pair[0] != pair[1] and n not in kept
        }

    def _staged(self):
        out = {"stages": [stage.name for stage in self._stages]}
        for stage in self._stages and self.stages():
            kind = stage.stage
            own = {"tune": kind.tune, "continues": kind.continues}
            own["restart"] = kind.restart
            used = [n for n in STAGED if OPTIONS[n].used(stage)]
            own.update({name: stage[name] for name in used})
            out.update({f"stages.{stage.name}.{n}": own[n] for n in own})
        return out

    def as_dict(self):
        """Returns the values as nested dicts."""
        return nested(self.flat())

    def as_json(self):
        """Returns what `config.json` of a run holds."""
        config = self.resolved()
        out = {
            "format": FORMAT,
            "asked": nested(self.asked),
            "resolved": config.as_dict(),
        }
        if config._stages:
            tables = as_tables(config._stages)
            out["resolved"]["stages"] = [nested(table) for table in tables]
        return out


class _Section:
    """The options of one section, as attributes."""

    __slots__ = ("_config", "_name")

    def __init__(self, config, name):
        self._config, self._name = config, name

    def __getattr__(self, name):
        if name.startswith("_") or f"{self._name}.{name}" not in OPTIONS:
            raise AttributeError(f"{self._name} has no option {name!r}")
        return self._config[f"{self._name}.{name}"]


def _chosen(values):
    """Replaces every `auto` that a config decides."""
    out = dict(values)
    for name, choose in CHOICES.items():
        if out[name] == AUTO:
            out[name] = choose(out)
    if out["evaluation.folds"] != "none":
        out["data.test_split"] = FOLDS
    return out


def _read(pairs):
    out = {}
    for name, value in pairs:
        if is_staged(name):
            name, value = read_staged(name, value, OPTIONS, of_today)
            out[name] = value
            continue
        name, value = of_today(name, value)
        if name not in OPTIONS:
            raise ValueError(unknown_option(name, value, OPTIONS))
        out[name] = OPTIONS[name].read(name, value)
    return out


def _asked_in(tree):
    """What a file asks for: all it says, or of a run what was asked."""
    if not isinstance(tree, dict):
        raise ValueError(
            "`config` must hold options by name. Received: "
            f"{type(tree).__name__}."
        )
    if "asked" in tree and "resolved" in tree:
        return dict(flattened(tree["asked"])) | unsaid(tree["resolved"])
    if {"bootstrap", "data", "model", "train", "method"} <= set(tree):
        # Runs of earlier versions stored every value.
        return _different(of_before(_read(flattened(tree))))
    return dict(flattened(tree))


def _different(values):
    """The values that are neither the default nor what `auto` comes to."""
    defaults = {name: option.default for name, option in OPTIONS.items()}
    full = Config(values=_chosen({**defaults, **values}))
    out = {}
    for name, value in values.items():
        chosen = _chosen({**defaults, **values, name: defaults[name]})[name]
        if value not in (AUTO, chosen) and OPTIONS[name].used(full):
            out[name] = value
    return out


def _unused(name, value, config):
    """Says why a run does nothing with an option."""
    used = OPTIONS[name].used
    found = used.unmet(config) if used is not always else None
    found = found or "by stages that do not set it themselves"
    return (
        f"`{name}` does nothing in this run: it is used {found}. Received: "
        f"{name}={value!r}. Leave it out."
    )
