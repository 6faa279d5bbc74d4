"""Names and values that options had in earlier versions."""

from fgkeras.config.methods import known_options
from fgkeras.config.option import AUTO
from fgkeras.registries import METHODS

# The name it has now.
RENAMED = {
    "bootstrap": "evaluation.resamples",
    "data.long_tail": "data.cut",
    "data.mirror_test": "evaluation.views",
}
_MIRRORED = dict.fromkeys((True, "true", "yes"), "mirror")
_MIRRORED |= dict.fromkeys((False, "false", "no"), "center")
# What an option was where nobody asked, before its default was another.
DEFAULTS = {
    "evaluation.groups": [20, 100],
    "method.start": "random",
    "method.dim": 64,
    "train.learning_rate": 1e-3,
}
# What a value that stood for something else is now.
_VALUES: dict[str, dict] = {
    "data.batch_size": {0: AUTO},
    "data.size": {0: AUTO},
    "data.resize": {0: AUTO},
    "data.train_resize": {0: AUTO},
    "evaluation.views": _MIRRORED,
    "method.images_per_class": {0: AUTO},
    "method.resample_steps": {0: "pass"},
    "pooling.dim": {0: AUTO},
    "pooling.projection": {0: "none"},
    "train.epochs": {0: AUTO},
    "train.learning_rate": {0: AUTO},
    "train.replicas": {0: "all"},
    "train.weight_decay": {-1: AUTO},
}

_CLASSIFIERS = ("classes", "nearest")
_OPTIONS = "method.options"


def of_today(name, value):
    """Returns name and value of today for those of an earlier version.

    Example:

    >>> of_today("train.replicas", 0), of_today("bootstrap", 50)
    (('train.replicas', 'all'), ('evaluation.resamples', 50))
    """
    name = RENAMED.get(name, name)
    for before, now in _VALUES.get(name, {}).items():
        # False is no 0.
        alike = isinstance(value, bool) == isinstance(before, bool)
        if alike and value == before:
            return name, now
    return name, value


def of_before(stored):
    """Returns what a run stored, and did where its version had no option.

    Args:
        stored: Dict of dotted name to value.
    """
    name = stored.get("method.name", "softmax")
    known = isinstance(name, str) and name in METHODS
    embeds = known and METHODS.fact(name, "kind") not in _CLASSIFIERS
    # What the others do not use.
    option = "method.start" if embeds else "evaluation.groups"
    found = {option: DEFAULTS[option], **stored}
    # `method.positives` came with the option of what was rejected.
    earlier = known and "method.positives" not in stored
    draws = earlier and known_options(name).get("rejected") == "violating"
    if draws and stored.get("method.rejected"):
        found[_OPTIONS] = _drawing_any(stored.get(_OPTIONS, ""))
    return found


def _drawing_any(options):
    """Options of a method that draws of what was rejected as once all did."""
    return ",".join(filter(None, (options, "rejected=any")))


def unsaid(resolved):
    """Returns what a run did of which its stored config says nothing.

    Args:
        resolved: What its `config.json` has of that name.
    """
    there = {}
    for section in ("method", "evaluation"):
        found = resolved.get(section) if isinstance(resolved, dict) else None
        if not isinstance(found, dict):
            return {}
        there.update({f"{section}.{n}": v for n, v in found.items()})
    return {n: v for n, v in of_before(there).items() if there.get(n) != v}


def kept_defaults(before, now):
    """Returns the options that a run keeps from the defaults of its version.

    Args:
        before: Resolved `Config` of the run.
        now: Resolved `Config` that asks to go on with it.

    Returns:
        Dict of dotted name to value, of what `now` does not ask for.
    """
    kept = {
        name: value
        for name, value in DEFAULTS.items()
        if before[name] == value
        and name not in now.asked
        and name not in before.asked
    }
    options = now.asked.get(_OPTIONS, "")
    alike = options == before.asked.get(_OPTIONS, "")
    if alike and before[_OPTIONS] == _drawing_any(options):
        kept[_OPTIONS] = before[_OPTIONS]
    return kept


def continuing(before, now):
    """Returns the config that a run goes on with.

    Args:
        before: Resolved `Config` that its folder holds, perhaps of an earlier
            version, whose decoder and defaults it keeps.
        now: Resolved `Config` that asks to go on with it.
    """
    config = now.seen_by(before.decoder)
    for name, value in kept_defaults(before, now).items():
        config = config.with_measured(name, value)
    return config
