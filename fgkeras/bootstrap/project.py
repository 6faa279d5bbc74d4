"""A project's folder: its store, pictures, sets, rounds and runs."""

import contextlib
import pathlib

from fgkeras.bootstrap.store import FILE
from fgkeras.bootstrap.store import Store
from fgkeras.storage import FolderLock
from fgkeras.storage import read_json


class Project:
    """A dataset that is being bootstrapped.

    | file | what |
    | --- | --- |
    | `store.sqlite3` | images, rounds, candidates, every decision |
    | `images/` | what was accepted or rejected, by content, bytes unchanged |
    | `sets/0001/` | S and H as one `apply` left them |
    | `runs/` | the trainings, one for each `apply` |
    | `rounds/01/` | the scores of a round's part |
    | `thumbnails/` | small pictures for the page; may be removed |

    Args:
        path: Path of the folder of a project that was begun.

    Attributes:
        path: `pathlib.Path`.
        store: `Store`.

    Raises:
        ValueError: If there is no project.

    Example:

    >>> Project("lost")
    Traceback (most recent call last):
    ...
    ValueError: A project is a folder that was begun. Received: lost, ... \
Begin one with `fgkeras bootstrap init lost --data SEED --pool POOL`.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        if not (self.path / FILE).is_file():
            raise ValueError(
                "A project is a folder that was begun. Received: "
                f"{path}, which holds no {FILE}. Begin one with `fgkeras "
                f"bootstrap init {path} --data SEED --pool POOL`."
            )
        self.store = Store(self.path / FILE)

    @classmethod
    def create(cls, path):
        """Makes an empty project, or opens the one that is there."""
        path = pathlib.Path(path)
        if (path / FILE).is_file():
            return cls(path)
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise ValueError(
                "A project begins in a new or an empty folder. Received: "
                f"{path}, which holds something else. Choose another."
            )
        path.mkdir(parents=True, exist_ok=True)
        Store(path / FILE, create=True).close()
        return cls(path)

    @contextlib.contextmanager
    def working(self):
        """Keeps other jobs out of the project; labelling goes on beside.

        Raises:
            FolderTaken: If another job is at work.
        """
        with FolderLock(self._made("work")):
            yield self

    @contextlib.contextmanager
    def serving(self):
        """Keeps a second server out of the project.

        Raises:
            FolderTaken: If another server has it.
        """
        with FolderLock(self._made("server")):
            yield self

    def sets(self, number):
        """Returns the folder of what one `apply` left."""
        return self.path / "sets" / f"{number:04d}"

    def run(self, number):
        """Returns the folder of the training on the sets of one `apply`."""
        return self.path / "runs" / f"sets_{number:04d}"

    def round(self, number):
        """Returns the folder of a round's scores."""
        return self._made("rounds", f"{number:02d}")

    @property
    def thumbnails(self):
        """The folder of small pictures."""
        return self._made("thumbnails")

    def last_applied(self):
        """Returns the number of the last `apply` and its facts, or `(0, {})`.

        The facts are those of `sets.json`: checksums of S and H, and the last
        round that they hold.
        """
        with self.store.reading() as db:
            row = db.execute("SELECT max(number) FROM applied").fetchone()
        number = row[0] or 0
        if not number:
            return 0, {}
        return number, read_json(
            self.sets(number) / "sets.json",
            "Restore the folder from a backup.",
        )

    def rounds(self):
        """Returns the numbers of the rounds that were opened."""
        with self.store.reading() as db:
            return [
                row[0]
                for row in db.execute("SELECT number FROM round ORDER BY 1")
            ]

    def class_names(self):
        """Returns the names of the classes, in their order, a tuple."""
        with self.store.reading() as db:
            return tuple(
                row["name"]
                for row in db.execute("SELECT name FROM class ORDER BY id")
            )

    def close(self):
        """Closes the store."""
        self.store.close()

    def _made(self, *parts):
        path = self.path.joinpath(*parts)
        path.mkdir(parents=True, exist_ok=True)
        return path
