"""A whole sweep, from its options to its winner and its report."""

from typing import NamedTuple

from fgkeras.training.reporter import CONSOLE
from fgkeras.tuning.report import TuningReport
from fgkeras.tuning.space import THESIS
from fgkeras.tuning.sweep import Sweep
from fgkeras.tuning.trial_run import TrialRun
from fgkeras.tuning.winner import command_of
from fgkeras.tuning.winner import numbers_of_winner
from fgkeras.tuning.winner import winner_config
from fgkeras.tuning.worker import work


class Tuned(NamedTuple):
    """What `tune` returns.

    Args:
        report: `TuningReport`, of all trials.
        winner: The best `Trial`.
        tested: Dict of the winner's numbers on the test images.
    """

    report: TuningReport
    winner: object
    tested: dict


def tune(
    config,
    over=THESIS,
    out="sweep",
    *,
    search="grid",
    objective="class-mean",
    trials=None,
    seeds=1,
    folds=None,
    refit=True,
    reporter=CONSOLE,
):
    """Trains every trial of a sweep and tests the best.

    Use it to choose losses, their weights or any other option of a run. What
    is chosen is chosen on validation images, which are held back of the
    training images (`data.val_share`); the test images are looked at once,
    for the winner. Killed and called again it goes on, with nothing trained
    twice; called by two processes on one folder they share the trials.

    Args:
        config: `Config` that all trials share.
        over: Sequence of strings such as `"beta=0,0.9"`, flags or dotted
            names of options. Defaults to the losses, betas and gammas of the
            thesis.
        out: Path of the sweep's folder. Defaults to `"sweep"`.
        search: String: `"grid"`, `"random"`, `"hyperband"` or `"bayesian"`.
            Defaults to `"grid"`.
        objective: String: `"top-1"`, `"class-mean"` or `"tail"`, on
            validation. Defaults to `"class-mean"`.
        trials: Int, trials at most, or `None`: all of a grid, 20 of a random
            or Bayesian search. Defaults to `None`.
        seeds: Int, how often each trial is trained. Defaults to `1`.
        folds: Int, into which the training images are cut, or `None`.
            Defaults to `None`.
        refit: Bool, whether the winner is trained again on all images before
            it is tested. Defaults to `True`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        `Tuned`, a tuple `(report, winner, tested)`.

    Raises:
        ValueError: If a trial cannot be, before the first one starts; if the
            folder holds something else; if every trial failed.

    Example:

    >>> from fgkeras.config import Config
    >>> config = Config.read(changes={
    ...     "data.source": "flora:species=3,images=8,test=2,size=32",
    ...     "data.size": 32, "model.backbone": "small_cnn",
    ...     "train.mode": "frozen", "train.epochs": 1,
    ... })
    >>> found = tune(config, ["beta=0,0.9"], "sweeps/flowers", refit=False)
    >>> len(found.report.facts["trials"]), sorted(found.winner.values)
    (2, ['loss.beta'])

    Reference:
        Cui, "Fine-grained visual recognition", 2019, chapter 5, for the
        space; O'Malley et al., "KerasTuner", 2019, for the searches.
    """
    sweep = Sweep.of(
        config,
        over,
        out,
        search=search,
        objective=objective,
        trials=trials,
        seeds=seeds,
        folds=folds,
    )
    roles = sweep.begin()
    made = sweep.made_trials()

    def ended():
        """What is known so far can be looked at."""
        TuningReport.of(sweep, made).write()

    run = TrialRun(
        sweep.folder, sweep.space, sweep.repeats, objective, reporter
    )
    work(made, run, reporter.say, ended, sweep.check_data)
    winner = made.best()
    tested = numbers_of_winner(
        sweep, winner, roles, refit=refit, reporter=reporter
    )
    command = command_of(winner_config(sweep, winner, roles))
    report = TuningReport.of(
        sweep, made, winner=winner, tested=tested, command=command
    )
    report.write()
    return Tuned(report, winner, tested)
