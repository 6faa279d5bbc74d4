"""What `--method` names, and what `method.options` sets of it."""

import dataclasses

from fgkeras.config.kinds import Choice
from fgkeras.config.kinds import Flag
from fgkeras.config.kinds import Float
from fgkeras.config.kinds import Int
from fgkeras.config.kinds import ListOf
from fgkeras.config.kinds import Named
from fgkeras.config.kinds import OneOf
from fgkeras.data.spec import parse_options
from fgkeras.registries import METHODS

_ABOVE, _LEAST = Float(0, None, "low"), Float(0)
_SHARE = Float(0, 1, "low")
_TERMS = ("kl", "recon", "synthetic", "invariant")
_SHARED = {"margin": Float(), "l2": _LEAST, "hidden": Int(1)}
_LISTED = {
    "margin": _ABOVE,
    "negatives": Choice(("random", "violating", "semi-hard", "hardest")),
    "nearest": _SHARE,
    "rejected": Choice(("violating", "any")),
}
# What the options of a method, or of all of its kind, may be; of others what
# their defaults are. The targets refuse the same, later.
_KINDS = {
    "listed": _LISTED,
    "joint": _LISTED,
    "hdc": {
        "margin": _ABOVE,
        "fraction": OneOf((_SHARE, ListOf(_SHARE, ":"))),
        "squared": Flag(),
    },
    "hdml": {
        **_SHARED,
        "alpha": _LEAST,
        "beta": OneOf((Choice(("scaled",)), _LEAST)),
        "recon_share": Float(0, 1),
        "class_scale": _LEAST,
        "block": Int(1),
    },
    "dvml": {
        **_SHARED,
        "first_steps": Int(0),
        "num_samples": Int(1),
        "first_weights": Named(_LEAST, _TERMS),
        "second_weights": Named(_LEAST, _TERMS),
        "seed": Int(0),
    },
}


@dataclasses.dataclass(frozen=True)
class Method:
    """How one method trains; see `fgkeras.registries.METHODS`.

    Attributes:
        kind: String, one of `fgkeras.registries.KINDS`.
        loss: String, of a model with a generator; else empty.
        defaults: Dict of options that differ from the target's own defaults.
        images_per_class: Int K of a batch; 0 where batches are uniform.
        unit_norm: Bool, whether the loss sees embeddings of length 1.
        batch_norm: Bool, whether features are batch normalized first.
        levels: Int, how many depths of the body a cascade embeds; 0 of others.
        lots: Int, how many random numbers the loss finds behind each embedding.
        positives: String, whether the loss takes a relation of pairs:
            `"graded"`, `"mask"` or `"none"`.
    """

    kind: str
    loss: str
    defaults: dict
    images_per_class: int
    unit_norm: bool
    batch_norm: bool
    levels: int
    lots: int
    positives: str


def mode_of_method(values, asked):
    """Returns what `train.mode` is of a run without stages.

    Args:
        values: Dict of all values by dotted name.
        asked: Dict of those that somebody set.

    Raises:
        ValueError: If a method without training is to fine-tune.
    """
    mode = values["train.mode"]
    if method_named(values["method.name"]).kind != "nearest":
        return mode
    if asked.get("train.mode", "frozen") != "frozen":
        raise ValueError(
            "Nearest class means and neighbours train nothing. Received: "
            f"--method {values['method.name']} with train.mode={mode!r}. Leave "
            "--mode out; or fine-tune first, and start from that run "
            "(--weights RUN)."
        )
    return "frozen"


def method_named(name):
    """Returns the `Method` of a name.

    Raises:
        ValueError: If there is none.

    Example:
    >>> method_named("triplet-m").defaults["nearest"]
    0.6
    """
    return Method(**{f: METHODS.fact(name, f) for f in METHODS.facts})


def method_options(name, text=""):
    """Returns the options of a method: its own, and what `text` sets.

    Args:
        name: String, one of `METHODS`.
        text: String such as `"margin=0.1,squared=no"`.

    Returns:
        Dict, values of the types of the defaults they replace.

    Raises:
        ValueError: If an option is unknown or of another type.

    Example:
    >>> method_options("triplet-m", "nearest=0.4")["nearest"]
    0.4
    """
    known = known_options(name)
    out = dict(METHODS.fact(name, "defaults"))
    for key, value in parse_options(text).items():
        if key not in known:
            raise ValueError(
                f"`method.options` of {name} may set {', '.join(known) or '-'}."
                f" Received: {key}={value}."
            )
        out[key] = _typed(name, key, value, known[key])
    return out


def known_options(name):
    """Returns the options that a method takes, with their defaults.

    Args:
        name: String, one of `METHODS`.
    """
    return {**dict(METHODS[name].options), **METHODS.fact(name, "defaults")}


def kinds_of(name):
    """Returns what the options of a method may be, a dict of `Kind` by name.

    Args:
        name: String, one of `METHODS`. What is not in the dict is of the type
            of its default.
    """
    return _KINDS.get(name) or _KINDS.get(METHODS.fact(name, "kind"), {})


def describe_options(name):
    """Returns a line of each option that a method takes, a list of strings.

    Example:
    >>> describe_options("triplet-hn")[2]
    'nearest=1.0 (number in (0, 1])'
    """
    kinds = kinds_of(name)
    return [
        f"{key}={'' if value is None else value}"
        + (f" ({kinds[key]})" if key in kinds else "")
        for key, value in known_options(name).items()
    ]


def _typed(name, key, value, default):
    kind = kinds_of(name).get(key)
    if kind is not None:
        try:
            return kind.read(value)
        except ValueError as error:
            raise ValueError(
                f"`method.options` of {name}: {key} must {error}. Received: "
                f"{key}={value}."
            ) from None
    try:
        if isinstance(default, bool):
            return Flag().read(value)
        if isinstance(default, str):
            return value
        if isinstance(default, int):
            return int(value)
        number = float(value)
        if not abs(number) <= 3.4e38:
            raise ValueError("be finite, also in 32 bits")
    except (ValueError, OverflowError):
        raise ValueError(
            f"`method.options` of {name}: {key} must be a "
            f"{type(default).__name__}. Received: {key}={value}."
        ) from None
    if default is None and number.is_integer():
        return int(number)
    return number
