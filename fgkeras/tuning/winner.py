"""The winner of a sweep: trained again on all images, and tested once."""

import shlex
import time

from fgkeras.config import OPTIONS
from fgkeras.config.kinds import Flag
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.train import train
from fgkeras.storage import FolderTaken
from fgkeras.training.reporter import CONSOLE

# Of a run's numbers on the test images, what a sweep shows.
_SHOWN = ("num_images", "top1", "top5", "mean_per_class", "groups")
_WAIT = 1.0


def winner_config(sweep, trial, roles):
    """Returns the `Config` that a winner is trained by on all images.

    Nothing is held back to choose by, and a `val` split of the source that
    was chosen by is trained on too. So no epoch can be chosen either: all
    count (`train.keep=last`).

    Args:
        sweep: `Sweep`.
        trial: `Trial`.
        roles: `Roles` of a trial.
    """
    asked = {
        name: value
        for name, value in sweep.space.trial_config(trial.values).asked.items()
        if not name.endswith(("data.val_share", "data.val_fold", "train.keep"))
    }
    config = type(sweep.space.config)(asked)
    if roles.val == "val":
        both = f"{config['data.train_split']}+val"
        config = config.with_options({"data.train_split": both})
    return config


def numbers_of_winner(sweep, trial, roles, *, refit=True, reporter=CONSOLE):
    """Tests the winner of a sweep, once.

    Args:
        sweep: `Sweep` whose trials have ended.
        trial: `Trial`, the winner.
        roles: `Roles` of a trial.
        refit: Bool, whether it is trained again on all images first. Defaults
            to `True`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        Dict ready for JSON: `trial`, `refit`, `folder` and the numbers on the
        test images, which are also in the sweep's journal.
    """
    folder = sweep.folder
    while True:
        for event in folder.events():
            known = event["event"] == "tested"
            if known and (event["trial"], event["refit"]) == (
                trial.number,
                refit,
            ):
                return {n: v for n, v in event.items() if n != "event"}
        if not refit:
            run = RunFolder(folder.trial(trial.number) / sweep.repeats[0][0])
            metrics = run.metrics()
            break
        try:
            run, metrics = train(
                winner_config(sweep, trial, roles),
                folder.winner(trial.number),
                reporter=reporter,
            )
            break
        except FolderTaken:
            # Another worker of this sweep is at it.
            time.sleep(_WAIT)
    found = {
        "trial": trial.number,
        "refit": refit,
        "folder": str(run.path.relative_to(folder.path)),
        **{name: metrics.get(name) for name in _SHOWN},
    }
    with folder.taken():
        folder.note("tested", **found)
    return found


def command_of(config):
    """Returns the `fgkeras train` command of a config, a string.

    Args:
        config: `Config`.

    Example:

    >>> from fgkeras.config import Config
    >>> command_of(Config.read(changes={"data.source": "flora:",
    ...     "loss.beta": 0.9, "data.flip": "no", "data.skip_bad": True}))
    'fgkeras train --data flora: --beta 0.9 --set data.flip=no --skip-bad'
    """
    words = ["fgkeras", "train"]
    for name, value in config.asked.items():
        option = OPTIONS.get(name)
        flag = option.flag if option is not None else ""
        if flag and isinstance(option.kind, Flag) and value is True:
            words.append(flag)
        elif flag and not isinstance(option.kind, Flag):
            words += [flag, _written(value)]
        else:
            words += ["--set", f"{name}={_written(value)}"]
    return shlex.join(words)


def _written(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ",".join(map(_written, value))
    return str(value)
