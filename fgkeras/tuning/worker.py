"""Works on a sweep until nothing is left; several processes may."""

import time

from fgkeras.storage import DiskRefusal
from fgkeras.storage import FolderTaken

_WAIT, _LONGEST_WAIT = 0.05, 2.0
_LONGEST = 1000
# What stops a sweep: the trial has no part in it, and goes on later.
_OUTER = (DiskRefusal, FolderTaken)


def _nothing(*said):
    """Says, does and checks nothing."""


def work(trials, run_trial, say=_nothing, ended=_nothing, check=_nothing):
    """Runs trials until none is left.

    Args:
        trials: `Trials`.
        run_trial: Function of a `Job` that returns what it measured, a dict
            ready for JSON with `score`; it goes on where it was killed.
        say: Function of a sentence, told of every trial.
        ended: Function that is called after every trial.
        check: Function that raises where all trials must fail, as without
            images; called before one counts as failed.

    Raises:
        ValueError: If every trial failed.

    Example:

    >>> from fgkeras.config import Config
    >>> from fgkeras.tuning import Space
    >>> from fgkeras.tuning import SweepFolder
    >>> from fgkeras.tuning import Trials
    >>> config = Config.read(changes={"data.source": "flora:"})
    >>> space = Space.read(config, ["beta=0.9,0.99"])
    >>> folder = SweepFolder("sweeps/worked")
    >>> folder.start({"over": space.as_json()})
    >>> trials = Trials(folder, space, "grid")
    >>> work(
    ...     trials, lambda job: {"score": job.values["loss.beta"] / 2}, print
    ... )
    trial 1: loss.beta=0.9
    trial 1: 0.4500
    trial 2: loss.beta=0.99
    trial 2: 0.4950
    >>> trials.best().values
    {'loss.beta': 0.99}
    """
    wait = _WAIT
    while True:
        job, lock = trials.next()
        if job is None:
            if lock is False:
                break
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)
            continue
        wait = _WAIT
        try:
            _run(trials, job, run_trial, say, check)
        finally:
            lock.__exit__()
        ended()
    if trials.known and all(t.failed is not None for t in trials.known):
        reasons = dict.fromkeys(t.failed for t in trials.known)
        raise ValueError(
            "A sweep needs a trial that ends. Received: "
            f"{trials.folder.path}, where all {len(trials.known)} failed: "
            f"{' | '.join(reasons)[:_LONGEST]}"
        )


def _run(trials, job, run_trial, say, check):
    words = f"trial {job.trial}: {trials.space.describe(job.values)}"
    until = f" to epoch {job.epochs}" if job.epochs else ""
    say(f"{words}{until}")
    try:
        found = run_trial(job)
    except _OUTER:
        raise
    except Exception as error:
        check()
        reason = _reason(error)
        say(f"trial {job.trial} failed: {reason}")
        trials.failed(job, reason)
        return
    trials.measured(job, found)
    say(f"trial {job.trial}{until}: {found['score']:.4f}")


def _reason(error):
    text = " ".join(str(error).split())
    if not isinstance(error, ValueError) or not text:
        text = f"{type(error).__name__} {text}".strip()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
