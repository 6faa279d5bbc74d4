"""One sweep: what is tried, how, and by what the best is known."""

import dataclasses
import hashlib

from fgkeras.config.stages import is_staged
from fgkeras.evaluation import frequency_groups
from fgkeras.evaluation.frequency_group import group_limits
from fgkeras.runs.roles import Roles
from fgkeras.runs.start_checks import check_start
from fgkeras.tuning.objective import OBJECTIVES
from fgkeras.tuning.objective import SEARCHES
from fgkeras.tuning.repeats import repeats_of
from fgkeras.tuning.space import THESIS
from fgkeras.tuning.space import Space
from fgkeras.tuning.sweep_folder import SweepFolder
from fgkeras.tuning.trials import Trials

# Images held back to choose by, where nothing else was asked for.
_SHARE = 0.1
# Trials of a search that could go on for ever.
_TRIALS = 20


@dataclasses.dataclass(frozen=True)
class Sweep:
    """What a sweep tries; made by `Sweep.of`, which checks it.

    Attributes:
        folder: `SweepFolder`.
        space: `Space`.
        search: String, one of `SEARCHES`.
        objective: String, one of `OBJECTIVES`.
        repeats: List of pairs of a name and what a repeat sets.
        trials: Int, trials at most, or `None` for all of a grid or hyperband.
        epochs: Int, of a whole training; hyperband's, else `None`.

    Example:

    >>> from fgkeras.config import Config
    >>> config = Config.read(changes={"data.source": "flora:"})
    >>> sweep = Sweep.of(config, ["beta=0,0.9,0.99"], "sweeps/beta")
    >>> sweep.space.size, sweep.first_config().asked["data.val_share"]
    (3, 0.1)
    """

    folder: SweepFolder
    space: Space
    search: str
    objective: str
    repeats: list
    trials: int | None
    epochs: int | None

    @classmethod
    def of(
        cls,
        config,
        over=THESIS,
        out="sweep",
        *,
        search="grid",
        objective="class-mean",
        trials=None,
        seeds=1,
        folds=None,
    ):
        """Checks a sweep before its first trial.

        Args:
            config: `Config` that all trials share.
            over: Sequence of strings such as `"beta=0,0.9"`. Defaults to the
                space of the thesis.
            out: Path of the sweep's folder.
            search: String, one of `SEARCHES`. Defaults to `"grid"`.
            objective: String, one of `OBJECTIVES`. Defaults to
                `"class-mean"`.
            trials: Int, trials at most, or `None`: all of a grid, 20 of a
                random or Bayesian search. Defaults to `None`.
            seeds: Int, how often each trial is trained. Defaults to `1`.
            folds: Int, of validation images, or `None`. Defaults to `None`.

        Raises:
            ValueError: If something cannot be, or does nothing.
        """
        _check_names(search, objective)
        _check_method(config)
        if config["data.val_share"] == 0:
            raise ValueError(
                "A sweep chooses on validation images. Received: "
                "data.val_share=0. Leave it out, or set a share."
            )
        repeats = repeats_of(config, seeds, folds)
        if folds is None and "data.val_share" not in config.asked:
            config = config.with_options({"data.val_share": _SHARE})
        space = Space.read(config, over)
        epochs = None
        if search == "hyperband":
            epochs = _epochs(space, objective)
            if trials is not None:
                raise ValueError(
                    "Hyperband makes as many trials as its epochs are for. "
                    f"Received: trials={trials}. Leave it out."
                )
        elif trials is None and search != "grid":
            trials = min(_TRIALS, space.size)
        if trials is not None and trials < 1:
            raise ValueError(
                f"A sweep has at least one trial. Received: trials={trials}."
            )
        if search == "grid":
            space.grid()
        return cls(
            SweepFolder(out), space, search, objective, repeats, trials, epochs
        )

    def about(self):
        """Returns what the folder keeps of it, a dict ready for JSON.

        What is there goes on only as the same; more trials may be added.
        """
        return {
            "asked": self.space.config.asked,
            "over": self.space.as_json(),
            "search": self.search,
            "objective": self.objective,
            "repeats": [name for name, _ in self.repeats],
        }

    def made_trials(self):
        """Returns the `Trials` of its folder, which is started."""
        return Trials(
            self.folder,
            self.space,
            self.search,
            self.space.config["seed"],
            most=self.trials,
            epochs=self.epochs,
        )

    def first_config(self):
        """Returns the `Config` of the first repeat of the first values."""
        config = self.space.trial_config(self.space.first)
        return config.with_options(self.repeats[0][1])

    def begin(self):
        """Makes the folder, or goes on in it, with the images it began with.

        Returns:
            `Roles` of the first trial.

        Raises:
            ValueError: If it holds something else, or the images changed.
        """
        self.folder.check(self.about())
        roles = self.check_data()
        images = {
            "images": {
                role: [len(part.ids), _digest(part.ids)]
                for role, part in roles.data.parts.items()
            }
        }
        self.folder.start({**self.about(), **images})
        return roles

    def check_data(self):
        """Opens the images once, before the first trial.

        Returns:
            `Roles`.

        Raises:
            ValueError: If they cannot be trained on or chosen by.
        """
        config = self.first_config().resolved()
        check_start(config, self.folder.path)
        roles = Roles.opened(config)
        if self.objective == "tail":
            _check_tail(roles, config)
        return roles


def _digest(ids):
    text = "\n".join(sorted(ids))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _check_names(search, objective):
    for name, value, known in (
        ("search", search, SEARCHES),
        ("objective", objective, OBJECTIVES),
    ):
        if value not in known:
            raise ValueError(
                f"`{name}` is one of {', '.join(known)}. Received: "
                f"{name}={value!r}."
            )


def _check_tail(roles, config):
    """Refuses to choose by classes that have no validation image."""
    source = roles.train
    counts = source.counts(config.data.train_split)
    limits = group_limits(counts, config.evaluation.groups)
    if not limits:
        raise ValueError(
            "A tail are classes with fewer training images than others. "
            f"Received: objective='tail', {source.spec}, whose classes have "
            f"{counts.min()} to {counts.max()}. Take --objective class-mean, "
            "or say what is a tail: --set evaluation.groups=LIMIT."
        )
    tail = frequency_groups(counts, limits)["tail"]
    if not (tail & (source.counts(roles.val) > 0)).any():
        raise ValueError(
            f"The tail are classes with fewer than {limits[0]} training "
            "images, and some of them need validation images (of three images "
            "at least). "
            f"Received: objective='tail', {source.spec} with "
            f"{int(tail.sum())} such classes. Take --objective class-mean."
        )


def _check_method(config):
    folds = config["evaluation.folds"]
    if folds != "none":
        raise ValueError(
            "A sweep trains each trial in folds by --folds, and tests its "
            f"winner once. Received: evaluation.folds={folds}. Leave it out."
        )
    if config["method.name"] != "softmax":
        raise ValueError(
            "A sweep compares classifiers (--method softmax). Received: "
            f"method.name={config['method.name']!r}. Embeddings are compared "
            "by fgkeras reality-check."
        )


def _epochs(space, objective):
    """The epochs of every trial's last stage, which hyperband divides."""
    if OBJECTIVES[objective][0] is None:
        known = [n for n, (column, _) in OBJECTIVES.items() if column]
        raise ValueError(
            "Hyperband compares trials by what each epoch is measured by: "
            f"{' or '.join(known)}. Received: objective={objective!r}."
        )
    swept = [n for n in space.over if n.endswith("train.epochs")]
    if swept or any(is_staged(n) and n.endswith(".tune") for n in space.over):
        raise ValueError(
            "Hyperband chooses how long a trial is trained. Received: "
            f"--over {(swept or list(space.over))[0]}. Leave it out."
        )
    config = space.trial_config(space.first).resolved()
    last = config.stages()[-1]
    if "train.epochs" not in last.used():
        raise ValueError(
            "Hyperband stops trainings after some epochs. Received: a head "
            "that is fitted at once (train.head_solver=logistic). Take "
            "--search grid or random."
        )
    return last.train.epochs
