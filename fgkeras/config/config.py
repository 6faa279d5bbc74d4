"""A run's config: what was asked, and what it comes to."""

import difflib
import json
import pathlib
import tomllib

from fgkeras.config.auto import CHOICES
from fgkeras.config.checks import check_together
from fgkeras.config.data_options import DATA
from fgkeras.config.earlier import of_today
from fgkeras.config.kinds import Int
from fgkeras.config.model_options import LOSS
from fgkeras.config.model_options import MODEL
from fgkeras.config.model_options import POOLING
from fgkeras.config.option import AUTO
from fgkeras.config.option import Option
from fgkeras.config.train_options import EVALUATION
from fgkeras.config.train_options import METHOD
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
        name: String, the stage it is of, or `""`.

    Example:

    >>> config = Config.read(changes={"loss.beta": "0.99"})
    >>> config.asked
    {'loss.beta': 0.99}
    >>> config.train.epochs, config.resolved().train.epochs
    ('auto', 10)
    """

    def __init__(self, asked=None, values=None, name=""):
        self.asked = dict(asked or {})
        self.name = name
        self._values = values

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
            config = config.with_options(_asked_in(_tree(file)))
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
        stored = tree.get("resolved", tree)
        values = {name: option.default for name, option in OPTIONS.items()}
        values.update(_read(_flat(stored)))
        asked = tree.get("asked")
        if asked is None:
            asked = _different(values)
        asked = dict(of_today(*pair) for pair in _flat(asked))
        return cls(asked, _chosen(values))

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
        values.update(self.asked)
        out = type(self)(self.asked, _chosen(values), self.name)
        for name, value in self.asked.items():
            used = OPTIONS[name].used
            default = value == OPTIONS[name].default
            if name not in also and not default and not used(out):
                raise ValueError(
                    f"`{name}` does nothing in this run: it is used "
                    f"{used.unmet(out)}. Received: {name}={value!r}. Leave it "
                    "out."
                )
        check_together(out)
        return out

    def stages(self):
        """Returns the stages of the training, each a config with a name."""
        config = self.resolved()
        if config.method.name != "softmax":
            return (config._stage("embedding"),)
        if config.train.mode == "frozen":
            return (config._stage("head"),)
        out = (config._stage("all"),)
        if config.train.head_solver == "logistic":
            return (config._stage("head"), *out)
        if config.train.head_epochs:
            # A head on frozen features costs one pass over the images.
            head = {
                "train.epochs": config.train.head_epochs,
                "train.optimizer": "adam",
                "train.learning_rate": config.train.head_learning_rate,
                "train.schedule": "cosine",
                "train.warmup_epochs": 0.0,
                "train.weight_decay": 3e-4,
                "train.decay_kind": "all",
            }
            out = (config._stage("head", head), *out)
        return out

    def _stage(self, name, changes=()):
        values = {**self._values, **dict(changes)}
        return type(self)(self.asked, values, name)

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
        return tuple(n for n, option in OPTIONS.items() if option.used(config))

    def as_dict(self):
        """Returns the values as nested dicts."""
        return _nested(self.flat())

    def as_json(self):
        """Returns what `config.json` of a run holds."""
        return {
            "format": FORMAT,
            "asked": _nested(self.asked),
            "resolved": self.resolved().as_dict(),
        }


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
    return out


def _read(pairs):
    out = {}
    for name, value in pairs:
        name, value = of_today(name, value)
        if name not in OPTIONS:
            raise ValueError(_unknown(name, value))
        out[name] = OPTIONS[name].read(name, value)
    return out


def _tree(file):
    path = pathlib.Path(file)
    if not path.is_file():
        raise ValueError(
            "`config` must be a TOML or JSON file. "
            f"Received: config={file}, which does not exist."
        )
    text = path.read_text("utf-8")
    try:
        json_file = path.suffix == ".json"
        return json.loads(text) if json_file else tomllib.loads(text)
    except ValueError as error:
        raise ValueError(
            "`config` must be valid TOML (or JSON, if named so). "
            f"Received: {file}: {error}."
        ) from error


def _asked_in(tree):
    """What a file asks for: all it says, or of a run what was asked."""
    if not isinstance(tree, dict):
        raise ValueError(
            "`config` must hold options by name. Received: "
            f"{type(tree).__name__}."
        )
    if "asked" in tree and "resolved" in tree:
        return dict(_flat(tree["asked"]))
    if {"bootstrap", "data", "model", "train", "method"} <= set(tree):
        # Runs of earlier versions stored every value.
        return _different(_read(_flat(tree)))
    return dict(_flat(tree))


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


def _flat(tree, prefix=""):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _nested(values):
    out = {}
    for name, value in values.items():
        section, dot, last = name.partition(".")
        if dot:
            out.setdefault(section, {})[last] = value
        else:
            out[section] = value
    return out


def _unknown(name, value):
    """Says which options a wrong name may have meant."""
    last = name.split(".")[-1]
    near = [n for n in OPTIONS if n.split(".")[-1] == last]
    near = near or difflib.get_close_matches(name, list(OPTIONS), 3, 0.7)
    section = name.split(".")[0] + "."
    inside = [n for n in OPTIONS if n.startswith(section)]
    if near:
        way = f"Did you mean {' or '.join(near)}?"
    else:
        way = f"Options: {', '.join(inside or OPTIONS)}."
    return f"Unknown option. Received: {name}={value!r}. {way}"
