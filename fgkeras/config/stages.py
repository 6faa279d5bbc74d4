"""The stages of a training: what each tunes, and what it sets anew.

In TOML, in their order:

    [[stages]]
    name = "everything"
    tune = "all"
    [[stages]]
    name = "balanced"
    tune = "all"
    data.cut = "cap:50"
    train.learning_rate = 1e-6

On the command line by name: --set stages.balanced.train.epochs=2.
"""

import dataclasses
import re

from fgkeras.config.kinds import Choice
from fgkeras.config.kinds import Flag
from fgkeras.config.option import Option

TUNED = ("head", "all", "scale")
# What stands in a stage beside options of the run.
OWN = {
    "tune": Option(
        Choice(TUNED),
        "",
        "what is trained: head (what follows the pooling, on frozen "
        "features), all, or scale (one number for each logit)",
    ),
    "restart": Option(
        Flag(),
        False,
        "the head starts anew: classifier re-training",
    ),
    "continues": Option(
        Flag(),
        False,
        "optimizer, schedule and batches of the stage before go on",
    ),
}
# In a stage it is of the images that the run trains on.
CUT = "data.cut"
# What a run uses also where each stage has its own: to be tested, and answer.
OF_RUN = (CUT, "data.source", "data.size", "data.resize")
# Options that a stage may set; the others are of the whole run.
STAGED = (
    "data.source",
    CUT,
    "data.size",
    "data.resize",
    "data.sampler",
    "data.batch_size",
    "data.augmentation",
    "data.train_resize",
    "data.min_area",
    "data.flip",
    "data.color",
    "loss.weighting",
    "loss.beta",
    "loss.gamma",
    "loss.smoothing",
    "train.epochs",
    "train.head_solver",
    "train.head_c",
    "train.optimizer",
    "train.learning_rate",
    "train.pooling_rate",
    "train.momentum",
    "train.schedule",
    "train.warmup_epochs",
    "train.boundaries",
    "train.factors",
    "train.decay",
    "train.decay_epochs",
    "train.weight_decay",
    "train.decay_kind",
    "train.clip",
    "train.keep",
    "train.validate_every",
    "train.save_seconds",
    "train.jit",
)
# What only such a stage uses.
_TUNED_BY = {"train.head_solver": "head", "train.head_c": "head"}
# What may be other in a stage that continues: neither optimizer nor steps.
_CONTINUED = (
    "data.sampler",
    "loss.weighting",
    "loss.beta",
    "loss.gamma",
    "train.epochs",
    "train.keep",
    "train.validate_every",
    "train.save_seconds",
)
# What stages take the place of; they also say what `train.mode` is.
REPLACED = ("train.head_epochs", "train.head_learning_rate")
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_FILES = ("triplets",)
_ENDINGS = ("-best", "-triplets")


@dataclasses.dataclass(frozen=True)
class Stage:
    """One stage of a training.

    Args:
        name: String; its checkpoint is named after it.
        tune: String, one of `TUNED`.
        changes: Dict of dotted name to value, over the config of the run.
        continues: Bool, whether optimizer, schedule and batches of the stage
            before go on.
        before: Int, epochs of the stages that it continues.
        total: Int, epochs of the schedule, `before` and later ones included;
            0: its own.
        own: Tuple of the names that were set for this stage alone.
        restart: Bool, whether the head starts anew.
        continued: Bool, whether the next stage goes on with its optimizer.
    """

    name: str
    tune: str
    changes: dict
    continues: bool = False
    before: int = 0
    total: int = 0
    own: tuple = ()
    restart: bool = False
    continued: bool = False


def uses(stage, name, option):
    """Whether a stage uses an option as it stands for the whole run.

    Args:
        stage: The `Config` of the stage.
        name: String, the option's dotted name, one of `STAGED`.
        option: `Option`.
    """
    tuned = _TUNED_BY.get(name, stage.stage.tune)
    own = name in stage.stage.own
    return not own and tuned == stage.stage.tune and option.used(stage)


def is_staged(name):
    """Whether an option's dotted name is that of a stage.

    >>> is_staged("stages.head.train.epochs"), is_staged("train.epochs")
    (True, False)
    """
    return name.startswith("stages.")


def read_staged(name, value, options, of_today):
    """Returns name and value of an option of a stage, read.

    Args:
        name: String, `stages.STAGE.OPTION`.
        value: What was asked.
        options: Dict of dotted name to `Option`, those of a run.
        of_today: Function that brings an older name and value up to date.

    Raises:
        ValueError: If the name is none, or the value is none of its option.
    """
    _, stage, inner = (*name.split(".", 2), "")[:3]
    taken = stage in _FILES or stage.endswith(_ENDINGS)
    if not _NAME.fullmatch(stage) or taken or not inner:
        raise ValueError(
            "An option of a stage is written stages.NAME.OPTION, with a NAME "
            f"of small letters and digits, not {' or '.join(_FILES)}, "
            f"and not ending in {' or '.join(_ENDINGS)}. "
            f"Received: {name}={value!r}."
        )
    inner, value = of_today(inner, value)
    if inner in OWN:
        option = OWN[inner]
    elif inner in STAGED:
        option = options[inner]
    else:
        raise ValueError(
            "A stage sets what it trains and how, and nothing of the whole "
            f"run. Received: {name}={value!r}. A stage may set "
            f"{', '.join((*OWN, *STAGED))}."
        )
    return f"stages.{stage}.{inner}", option.read(name, value)


def stages_asked(asked):
    """Returns what was asked for each stage, in their order.

    Args:
        asked: Dict of dotted name to value.

    Returns:
        Dict of name to a dict of option to value.

    Raises:
        ValueError: If stages contradict each other or options of the run.

    Example:

    >>> stages_asked({"stages.all.tune": "all", "seed": 1})
    {'all': {'tune': 'all'}}
    """
    out = {}
    for name, value in asked.items():
        if is_staged(name):
            _, stage, inner = name.split(".", 2)
            out.setdefault(stage, {})[inner] = value
    before = None
    for name, settings in out.items():
        _check(name, settings, before, list(out))
        before = settings
    said = [n for n in ("train.mode", *REPLACED) if n in asked]
    if out and said:
        raise ValueError(
            "Stages say what is trained for how long. Received: "
            f"{said[0]}={asked[said[0]]!r} beside the stages "
            f"{', '.join(out)}. Leave it out."
        )
    return out


def _check(name, settings, before, names):
    tune = settings.get("tune")
    if not tune:
        raise ValueError(
            "A stage says what it trains: tune = "
            f"{' or '.join(TUNED)}. Received: stage {name!r} of "
            f"{', '.join(names)} without `tune`."
        )
    for option, other in _TUNED_BY.items():
        if option in settings and tune != other:
            raise ValueError(
                f"`{option}` is of a stage with tune={other!r}. Received: "
                f"stage {name!r} with tune={tune!r}. Leave it out."
            )
    if not settings.get("continues"):
        return
    if tune == "scale":
        raise ValueError(
            "A stage with tune='scale' begins with a scale of 1. Received: "
            f"stage {name!r} with continues. Leave it out."
        )
    if settings.get("restart"):
        raise ValueError(
            "A stage that continues another goes on with its head. Received: "
            f"stage {name!r} with continues and restart. Leave one out."
        )
    if before is None or before["tune"] != tune:
        found = "no stage" if before is None else f"tune={before['tune']!r}"
        raise ValueError(
            "A stage continues one that trains the same. Received: stage "
            f"{name!r} with tune={tune!r} after {found}."
        )
    keep = "train.keep"
    if keep in settings and before.get(keep, settings[keep]) != settings[keep]:
        raise ValueError(
            "An epoch is kept where the last of the stages that continue each "
            f"other ends. Received: {keep}={before[keep]!r} in the stage that "
            f"{name!r} continues, which has {settings[keep]!r}. Leave the "
            "first out."
        )
    others = [n for n in settings if n not in (*OWN, *_CONTINUED)]
    if others:
        raise ValueError(
            "A stage that continues keeps optimizer, schedule and batches; it "
            f"may set {', '.join(_CONTINUED)}. Received: stage {name!r} with "
            f"{others[0]}={settings[others[0]]!r}."
        )


def mode_of(stages):
    """Returns what `train.mode` is of a run of these stages.

    Args:
        stages: What `stages_asked` returned.
    """
    heads = all(settings["tune"] != "all" for settings in stages.values())
    return "frozen" if heads else "finetune"


def make_stages(stages, values, chosen):
    """Returns the `Stage`s of a run, with every `auto` chosen.

    Args:
        stages: What `stages_asked` returned.
        values: Dict of the run's values by dotted name, `auto` where it was
            left.
        chosen: Function that replaces every `auto`.

    Returns:
        Tuple of `Stage`.
    """
    out, inherited = [], {}
    for name, settings in stages.items():
        own = {n: v for n, v in settings.items() if n not in OWN}
        continues = settings.get("continues", False)
        # What is asked of a stage holds for those that continue it.
        inherited = {**inherited, **own} if continues else dict(own)
        mode = {"train.mode": mode_of({name: settings})}
        whole = chosen({**values, CUT: "", **inherited, **mode})
        changes = {n: whole[n] for n in (*STAGED, "train.mode")}
        if settings["tune"] == "scale":
            changes["train.head_solver"] = "adam"
        stage = Stage(name, settings["tune"], changes, continues)
        restart = settings.get("restart", False)
        out.append(dataclasses.replace(stage, own=tuple(own), restart=restart))
    return with_totals(out)


def with_totals(stages):
    """Returns stages that know the epochs of all that continue each other.

    Args:
        stages: Sequence of `Stage`.
    """
    out, group = [], []
    for i, stage in enumerate(stages):
        group.append(stage)
        if i + 1 < len(stages) and stages[i + 1].continues:
            continue
        epochs = [s.changes["train.epochs"] for s in group]
        for j, member in enumerate(group):
            out.append(
                dataclasses.replace(
                    member,
                    before=sum(epochs[:j]),
                    total=sum(epochs),
                    continued=j + 1 < len(group),
                )
            )
        group = []
    return tuple(out)


def as_tables(stages):
    """Returns what a run stores of its stages, a list of dicts.

    Args:
        stages: Sequence of `Stage`.
    """
    return [
        {
            "name": s.name,
            "tune": s.tune,
            "continues": s.continues,
            "own": list(s.own),
            **({"restart": True} if s.restart else {}),
            **s.changes,
        }
        for s in stages
    ]


def from_tables(tables, read):
    """Returns the stages that a run stored.

    Args:
        tables: Sequence of dicts, as of `as_tables`, options nested or not.
        read: Function that makes options by dotted name of what is left.

    Returns:
        Tuple of `Stage`.
    """
    out = []
    for table in tables:
        rest = dict(table)
        name, tune = rest.pop("name"), rest.pop("tune")
        continues, own = rest.pop("continues"), rest.pop("own")
        restart = rest.pop("restart", False)
        stage = Stage(name, tune, read(rest), continues)
        out.append(dataclasses.replace(stage, own=tuple(own), restart=restart))
    return with_totals(out)
