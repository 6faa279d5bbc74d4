"""Trains a trial of a sweep: a run folder for each of its repeats."""

import time

import numpy as np

from fgkeras.runs.train import train
from fgkeras.training.reporter import CONSOLE
from fgkeras.training.reporter import Reporter
from fgkeras.tuning.objective import entries_at
from fgkeras.tuning.objective import entries_of
from fgkeras.tuning.spread import spread


class _Unsaid(Reporter):
    """Shows how far a training is, and says nothing of what came of it.

    A training may say how its test images fared, which nobody may see who
    still chooses; the rest stands in the report of each run.
    """

    def __init__(self, reporter):
        self.bar, self.epochs = reporter.bar, reporter.epochs


class TrialRun:
    """Trains trials and measures them on validation images.

    What was trained is not trained again: a trial goes on from the checkpoints
    in its folder, with the schedule of a whole training.

    Args:
        folder: `SweepFolder`.
        space: `Space`.
        repeats: List of pairs of a name and a dict of what a repeat sets.
        objective: String, one of `OBJECTIVES`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.
    """

    def __init__(self, folder, space, repeats, objective, reporter=CONSOLE):
        self.folder, self.space, self.repeats = folder, space, repeats
        self.objective, self.reporter = objective, _Unsaid(reporter)

    def config(self, values, name):
        """Returns the `Config` of a repeat of a trial.

        Args:
            values: Dict of dotted name to value, one for each option swept.
            name: String, the name of the repeat.
        """
        config = self.space.trial_config(values)
        return config.with_options(dict(self.repeats)[name])

    def __call__(self, job):
        """Trains a trial up to an epoch, or to its end.

        Args:
            job: `Job`.

        Returns:
            Dict ready for JSON: `score`, the mean over the repeats; `low` and
            `high`, its 95 % interval; `repeats`, by name the objectives on
            validation; `seconds`, what this call took.

        Raises:
            ValueError: If it cannot be trained, or has no such objective.
        """
        began = time.monotonic()
        found = {name: self._repeat(job, name) for name, _ in self.repeats}
        entries = [values[self.objective] for values in found.values()]
        if None in entries:
            raise ValueError(
                f"A trial is measured by {self.objective}. Received: "
                "validation images of no such class. Choose another "
                "--objective, or a larger data.val_share."
            )
        low, high = spread(entries)
        return {
            "score": float(np.mean([entry["value"] for entry in entries])),
            "low": low,
            "high": high,
            "repeats": {
                name: {n: e and e["value"] for n, e in values.items()}
                for name, values in found.items()
            },
            "seconds": round(time.monotonic() - began, 1),
        }

    def one_epoch(self, job, name):
        """Trains the first epoch of a trial, which is kept.

        Args:
            job: `Job`.
            name: String, the name of the repeat.

        Returns:
            List of dicts, the lines of the run's history.
        """
        config = self.config(job.values, name)
        stage = config.stages()[0]
        until = (stage.name, 1) if "train.epochs" in stage.used() else None
        folder, _ = train(
            config,
            self.folder.trial(job.trial) / name,
            until=until,
            reporter=self.reporter,
        )
        return folder.history()

    def _repeat(self, job, name):
        config = self.config(job.values, name)
        until = None
        if job.epochs is not None:
            until = (config.stages()[-1].name, job.epochs)
        folder, metrics = train(
            config,
            self.folder.trial(job.trial) / name,
            until=until,
            reporter=self.reporter,
        )
        if metrics is not None and until is None:
            return entries_of(metrics["val"])
        rows = [r for r in folder.history() if r.get("stage") == until[0]]
        return entries_at(rows[until[1] - 1])
