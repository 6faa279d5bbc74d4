"""What the folder of a sweep is made of."""

import contextlib
import pathlib
import time

from fgkeras.runs.kept.files import read_object
from fgkeras.storage import FolderLock
from fgkeras.storage import FolderTaken
from fgkeras.storage import Journal
from fgkeras.storage import write_json

FORMAT = 1
_ABOUT, _JOURNAL = "sweep.json", "journal.jsonl"
_HEADER = "a sweep of fgkeras"
_WAIT = 0.05


class SweepFolder:
    """The folder of one sweep.

    | file | what |
    | --- | --- |
    | `sweep.json` | what is tried, how, and what is best by |
    | `journal.jsonl` | what was proposed, measured and failed |
    | `trials/NNN/` | a trial: a run folder for each of its repeats |
    | `winner-NNN/` | the run of the winner, trained on all and tested |
    | `report.json`, `report.html` | all of it to look at |

    Several processes may work in it at once. A trial is claimed by a lock in
    its folder that dies with its process.

    Args:
        path: Path of the folder.

    Example:

    >>> folder = SweepFolder("sweeps/noted")
    >>> folder.start({"over": {"loss.beta": [0.0, 0.9]}})
    >>> folder.note("measured", trial=1, score=0.5)
    >>> folder.events()
    [{'event': 'measured', 'trial': 1, 'score': 0.5}]
    >>> folder.trial(1).name, folder.about()
    ('001', {'over': {'loss.beta': [0.0, 0.9]}})
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def __truediv__(self, name):
        return self.path / name

    def check(self, about):
        """Checks that a sweep may go into the folder.

        Args:
            about: Dict ready for JSON: what the sweep is.

        Raises:
            ValueError: If it holds another sweep, or other files.
        """
        # Looked through first: another worker may begin the sweep meanwhile.
        beginning = not self.path.exists() or self._is_beginning()
        if not (self / _ABOUT).exists():
            if not beginning:
                raise ValueError(
                    "A sweep needs a new or empty folder. Received: "
                    f"{self.path}, which holds other files. Choose another "
                    "one (--out)."
                )
            return
        known = self.about()
        # What is not asked yet, such as images that are not open, may be there.
        names = about
        differing = [
            f"{name}: {known.get(name)!r} there, {about.get(name)!r} asked"
            for name in names
            if known.get(name) != about.get(name)
        ]
        if differing:
            raise ValueError(
                "A folder goes on with its own sweep. Received: "
                f"{self.path}, which differs in {'; '.join(differing)}. "
                "Choose another folder (--out)."
            )

    def _is_beginning(self):
        """Whether all that is there is what a kill may leave at the start."""
        if not self.path.is_dir():
            return False
        names = [path.name for path in self.path.iterdir()]
        return all(n == ".lock" or n.startswith(f".{_ABOUT}.") for n in names)

    def about(self):
        """Returns what the sweep in the folder is, a dict.

        Raises:
            ValueError: If there is none.
        """
        found = read_object(self / _ABOUT)
        if found.pop("format", None) != FORMAT or not found:
            raise ValueError(
                f"{_ABOUT} of a sweep has format {FORMAT}. Received: "
                f"{self.path}. It may be of a later version of fgkeras."
            )
        return found

    def start(self, about):
        """Makes the folder, or goes on in it.

        Args:
            about: As in `check`.

        Raises:
            ValueError: As `check`.
        """
        self.check(about)
        self.path.mkdir(parents=True, exist_ok=True)
        with self.taken():
            self.check(about)
            if not (self / _ABOUT).exists():
                write_json(self / _ABOUT, {"format": FORMAT, **about})
            Journal(self / _JOURNAL, _HEADER)

    @contextlib.contextmanager
    def taken(self):
        """Keeps other processes out for the moment of a decision."""
        while True:
            lock = FolderLock(self.path)
            try:
                lock.__enter__()
                break
            except FolderTaken:
                time.sleep(_WAIT)
        try:
            yield
        finally:
            lock.__exit__()

    def events(self):
        """Returns what has happened, a list of dicts."""
        if not (self / _JOURNAL).exists():
            return []
        found = Journal(self / _JOURNAL, _HEADER).events()
        return [e for e in found if isinstance(e, dict) and "event" in e]

    def note(self, event, **facts):
        """Notes what has happened; it is on the disk then.

        Args:
            event: String.
            **facts: What is ready for JSON.
        """
        Journal(self / _JOURNAL, _HEADER).append({"event": event, **facts})

    def trial(self, number):
        """Returns the path of the folder of a trial, by its number from 1."""
        return self / "trials" / f"{number:03d}"

    def winner(self, number):
        """Returns the path of the run of a winner, by its trial's number."""
        return self / f"winner-{number:03d}"

    def claim(self, number):
        """Returns the lock of a trial, taken; `None` where another has it.

        Args:
            number: Int, of the trial.
        """
        folder = self.trial(number)
        folder.mkdir(parents=True, exist_ok=True)
        lock = FolderLock(folder)
        try:
            return lock.__enter__()
        except FolderTaken:
            return None
