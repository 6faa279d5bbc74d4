"""The trials of a sweep: what its journal says, and what comes next."""

import dataclasses
import json

from fgkeras.tuning.oracles import make_oracle
from fgkeras.tuning.oracles import read_values


@dataclasses.dataclass(frozen=True)
class Job:
    """What a worker does next: a trial, up to an epoch.

    Args:
        trial: Int, the number of the trial, from 1.
        values: Dict of dotted name to value, one for each option swept.
        epochs: Int, the epoch of the last stage after which to stop; `None`:
            to the end.
    """

    trial: int
    values: dict
    epochs: int | None = None


@dataclasses.dataclass
class Trial:
    """What is known of a trial.

    Args:
        number: Int from 1, in the order of proposal.
        values: Dict of dotted name to value, one for each option swept.
        measured: Dict of epochs (`None`: to the end) to what was measured
            there, a dict with `score`.
        failed: String, why it failed, or `None`.
    """

    number: int
    values: dict
    measured: dict = dataclasses.field(default_factory=dict)
    failed: str | None = None

    @property
    def last(self):
        """What was measured after the most epochs, or `None`."""
        if None in self.measured:
            return self.measured[None]
        return self.measured[max(self.measured)] if self.measured else None

    @property
    def score(self):
        """The score after the most epochs, or `None`."""
        return self.last and self.last["score"]


# Of a failed trial, where failing must not hold up those that go on.
_WORST = -1.0


class Trials:
    """The trials of a sweep, as its journal tells them.

    Every process of a sweep reads the same journal, in which decisions stand
    in their order, and tells an oracle of its own all of it.

    Args:
        folder: `SweepFolder`, started.
        space: `Space`.
        search: String, one of `fgkeras.tuning.oracles.SEARCHES`.
        seed: Int. Defaults to `0`.
        most: Int, trials at most, or `None`. Defaults to `None`.
        epochs: Int, of a whole training; hyperband's.
        factor: Int, hyperband's. Defaults to `3`.

    Attributes:
        known: List of `Trial`, in the order of proposal.

    Example:

    >>> from fgkeras.config import Config
    >>> from fgkeras.tuning.space import Space
    >>> from fgkeras.tuning.sweep_folder import SweepFolder
    >>> config = Config.read(changes={"data.source": "flora:"})
    >>> space = Space.read(config, ["beta=0.9,0.99"])
    >>> folder = SweepFolder("sweeps/trials")
    >>> folder.start({"over": space.as_json()})
    >>> trials = Trials(folder, space, "grid")
    >>> job, lock = trials.next()
    >>> trials.measured(job, {"score": 0.5})
    >>> lock.__exit__()
    >>> trials.best().number, trials.best().values
    (1, {'loss.beta': 0.9})
    """

    def __init__(
        self, folder, space, search, seed=0, *, most=None, epochs=None, factor=3
    ):
        self.folder, self.space, self.search = folder, space, search
        self.most, self.epochs = most, epochs
        self._make = lambda: make_oracle(
            space, search, seed, epochs=epochs, factor=factor
        )
        self._reset()

    def _reset(self):
        self._oracle, self._applied, self._refused = self._make(), 0, None
        self.known, self._jobs, self._ended = [], {}, set()

    def follow(self):
        """Reads what has happened since, by whichever process."""
        for event in self.folder.events()[self._applied :]:
            self._apply(event)
            self._applied += 1

    def next(self):
        """Decides what to do next.

        Returns:
            Tuple of a `Job` and its lock, taken. Both are `None` where others
            are at work on all that is left, and the job is `None` and the
            lock `False` where nothing is left.
        """
        with self.folder.taken():
            self.follow()
            for job in self._open():
                lock = self.folder.claim(job.trial)
                if lock is not None:
                    return job, lock
            while self._propose():
                job = next(iter(self._open()[::-1]), None)
                if job is None:
                    continue
                lock = self.folder.claim(job.trial)
                if lock is not None:
                    return job, lock
            return None, None if self._open() else False

    def measured(self, job, found):
        """Notes what a job has measured.

        Args:
            job: `Job`.
            found: Dict ready for JSON, with `score`.
        """
        with self.folder.taken():
            self.folder.note(
                "measured", trial=job.trial, epochs=job.epochs, **found
            )
            self.follow()

    def failed(self, job, reason):
        """Notes that a trial failed.

        Args:
            job: `Job`.
            reason: String.
        """
        with self.folder.taken():
            self.folder.note("failed", trial=job.trial, reason=reason)
            self.follow()

    def best(self):
        """Returns the `Trial` to choose, or `None`.

        Of those trained for the most epochs the one with the best score, and
        of equals the first.
        """
        done = [t for t in self.known if t.measured and t.failed is None]
        if self.epochs is not None:
            whole = [t for t in done if None in t.measured]
            done = whole or done
        return max(done, key=lambda t: (t.score, -t.number), default=None)

    def _open(self):
        """The jobs that were proposed and have no end, in their order."""
        out = {}
        for job in self._jobs.values():
            trial = self.known[job.trial - 1]
            if trial.failed is None and job.epochs not in trial.measured:
                out[job.trial, job.epochs] = job
        return list(out.values())

    def _propose(self):
        """Proposes one more trial; whether there was one."""
        if self.most is not None and len(self.known) >= self.most:
            return False
        if self._refused == self._applied:
            # It would say the same again.
            return False
        name = str(len(self._jobs))
        found = self._oracle.create_trial(name)
        if found.status != "RUNNING":
            # Being asked may have changed it; what it says next must depend
            # on the journal alone.
            self._reset()
            self.follow()
            self._refused = self._applied
            return False
        epochs = found.hyperparameters.values.get("tuner/epochs")
        event = {
            "event": "proposed",
            "trial": self._number(self._values(name)),
            "values": self._values(name),
            "epochs": None if epochs == self.epochs else epochs,
        }
        self.folder.note(**event)
        self._add(name, event)
        self._applied += 1
        return True

    def _values(self, name):
        found = self._oracle.ongoing_trials[name].hyperparameters.values
        return read_values(self.space, found)

    def _number(self, values):
        """The number of the trial of these values, perhaps a new one."""
        key = self._key(values)
        for trial in self.known:
            if self._key(trial.values) == key:
                return trial.number
        return len(self.known) + 1

    def _key(self, values):
        return json.dumps(self.space.changes(values))

    def _apply(self, event):
        if event["event"] == "proposed":
            name = str(len(self._jobs))
            if self.search == "bayesian":
                self._oracle.proposed[f"{int(name):04d}"] = event["values"]
            found = self._oracle.create_trial(name)
            same = found.status == "RUNNING" and self._key(
                self._values(name)
            ) == self._key(event["values"])
            if not same:
                raise ValueError(
                    "A sweep goes on with the trials that were proposed. "
                    f"Received: {self.folder.path}, whose journal has "
                    f"{self.space.describe(event['values'])} as proposal "
                    f"{int(name) + 1}, which {self.search} search does not "
                    "propose there now. It was made with other versions: "
                    "choose another folder (--out)."
                )
            self._add(name, event)
        elif event["event"] == "measured":
            trial = self.known[event["trial"] - 1]
            facts = {
                name: value
                for name, value in event.items()
                if name not in ("event", "trial", "epochs")
            }
            trial.measured.setdefault(event["epochs"], facts)
            self._tell()
        elif event["event"] == "failed":
            self.known[event["trial"] - 1].failed = event["reason"]
            self._tell()

    def _add(self, name, event):
        if event["trial"] > len(self.known):
            self.known.append(Trial(event["trial"], event["values"]))
        self._jobs[name] = Job(event["trial"], event["values"], event["epochs"])
        self._tell()

    def _tell(self):
        """Tells the oracle of all that has ended."""
        for name, job in self._jobs.items():
            trial = self.known[job.trial - 1]
            if name in self._ended:
                continue
            if job.epochs in trial.measured:
                self._end(name, trial.measured[job.epochs]["score"])
            elif trial.failed is not None:
                self._end(name, None)

    def _end(self, name, score):
        self._ended.add(name)
        trial = self._oracle.ongoing_trials[name]
        if score is None and self.search == "hyperband":
            score = _WORST
        if score is None:
            trial.status = "FAILED"
        else:
            self._oracle.update_trial(trial.trial_id, {"score": score})
            trial.status = "COMPLETED"
        self._oracle.end_trial(trial)
