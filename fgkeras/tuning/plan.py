"""What a sweep will do and how long that takes, before it is done."""

import time
from typing import NamedTuple

from fgkeras.training.reporter import CONSOLE
from fgkeras.tuning.oracles import make_oracle
from fgkeras.tuning.oracles import read_values
from fgkeras.tuning.trial_run import TrialRun


class Plan(NamedTuple):
    """What `plan` returns.

    Args:
        trials: List of strings, the trials in words, as far as they are known
            before any was measured.
        rungs: List of tuples of a number of trainings, the epoch they start
            and the epoch they stop at; hyperband's, else empty.
        total: Int, trials at most.
        ended: Int, how many of them have ended.
        seconds: Float, of what is left, by one worker.
    """

    trials: list
    rungs: list
    total: int
    ended: int
    seconds: float


def plan(sweep, reporter=CONSOLE):
    """Says which trials a sweep makes and how long they take.

    The time comes from what has ended in its folder. Where nothing has, the
    first trial is trained for one epoch, which is kept: the sweep goes on
    from there.

    Args:
        sweep: `Sweep`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        `Plan`.

    Raises:
        ValueError: As `tune`, before the first trial.
    """
    sweep.begin()
    made = sweep.made_trials()
    made.follow()
    seconds, epochs = _measured(sweep, made)
    if not epochs:
        seconds, epochs = _first_epoch(sweep, made, reporter)
    texts, rungs = [], []
    if sweep.search == "hyperband":
        rungs = _rungs(sweep)
        # What one round has trained the next need not, so this is the most.
        total = sum(size for size, start, _ in rungs if not start)
        total = min(total, sweep.space.size)
        whole = sum(size * (stop - start) for size, start, stop in rungs)
        whole = min(whole, total * _epochs(sweep, sweep.space.first))
    else:
        known = _proposals(sweep)
        texts = [sweep.space.describe(values) for values in known]
        total = min(sweep.trials or sweep.space.size, sweep.space.size)
        whole = sum(_epochs(sweep, values) for values in known)
        if known:
            whole *= total / len(known)
    done = sum(_trained(sweep, trial) for trial in made.known)
    left = max(whole - done, 0) * len(sweep.repeats)
    ended = sum(t.failed is not None or bool(t.measured) for t in made.known)
    return Plan(texts, rungs, total, ended, left * seconds / epochs)


def _epochs(sweep, values):
    """Epochs of all stages of a trial; of what is no gradient descent, one."""
    stages = sweep.space.trial_config(values).resolved().stages()
    return sum(
        s.train.epochs if "train.epochs" in s.used() else 1 for s in stages
    )


def _trained(sweep, trial):
    if trial.failed is not None or None in trial.measured:
        return _epochs(sweep, trial.values)
    return max(trial.measured, default=0)


def _measured(sweep, made):
    """Seconds and epochs of all that has ended."""
    seconds = epochs = 0
    for trial in made.known:
        found = trial.measured.values()
        if found:
            seconds += sum(m["seconds"] for m in found)
            epochs += _trained(sweep, trial) * len(sweep.repeats)
    return seconds, epochs


def _first_epoch(sweep, made, reporter):
    """Trains the first trial for an epoch; returns its seconds and epochs."""
    job, lock = made.next()
    if job is None:
        return 0.0, 1
    name = sweep.repeats[0][0]
    run = TrialRun(
        sweep.folder, sweep.space, [sweep.repeats[0]], sweep.objective, reporter
    )
    began = time.monotonic()
    try:
        rows = run.one_epoch(job, name)
    finally:
        lock.__exit__()
    whole = time.monotonic() - began
    epochs = _epochs(sweep, job.values)
    # What comes before the first epoch comes once for each trial.
    epoch = sum(row.get("seconds", 0.0) for row in rows)
    return whole + epoch * (epochs - 1), epochs


def _proposals(sweep):
    """The values of the trials that do not depend on any outcome."""
    if sweep.search == "grid":
        return sweep.space.grid()[: sweep.trials]
    oracle = make_oracle(sweep.space, sweep.search, sweep.space.config["seed"])
    count = sweep.trials
    if sweep.search == "bayesian":
        count = min(count, 3 * len(sweep.space.over))
    out = []
    for number in range(count):
        trial = oracle.create_trial(str(number))
        if trial.status != "RUNNING":
            break
        values = trial.hyperparameters.values
        out.append(read_values(sweep.space, values))
    return out


def _rungs(sweep):
    """The rounds of hyperband: how many, from which epoch to which."""
    oracle = make_oracle(
        sweep.space,
        "hyperband",
        sweep.space.config["seed"],
        epochs=sweep.epochs,
    )
    return oracle.rungs()
