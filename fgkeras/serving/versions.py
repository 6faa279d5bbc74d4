"""The versions of an export: which are there, which answer."""

import logging
import pathlib
import threading

from fgkeras.export.folder import refuse_others
from fgkeras.export.folder import versions
from fgkeras.serving.served_version import ServedVersion

_log = logging.getLogger(__name__)


class Versions:
    """Follows the folder of an export and keeps its newest versions loaded.

    Use it so that a new version takes over while requests come: it is held to
    its checksums, loaded and warmed beside the old one, and only then asked.
    One that is not whole, or was changed, is refused and the old one stays; it
    is tried again once its files change. That a version is removed from the
    disk changes nothing until the next start.

    Args:
        path: Path of what `fgkeras export` was given, of its folder
            `saved_model`, or of one version in it, which is then the only one.
        keep: Int at least 1, versions that stay reachable by their number.
            Defaults to `2`.
        batch_sizes: Sequence of ints, sizes of batches to warm up. Defaults
            to `(1, 4)`.
        additions: `Additions`, or `None` (default).

    Attributes:
        base: `pathlib.Path` of the folder that holds the versions.
        refused: Dict of version numbers to why they are not served.

    Raises:
        ValueError: If there is no version that can be served.

    Example:

    >>> served = Versions("runs/flowers")  # doctest: +SKIP
    >>> served.get().number, served.numbers()  # doctest: +SKIP
    (2, [1, 2])
    """

    def __init__(self, path, *, keep=2, batch_sizes=(1, 4), additions=None):
        if keep < 1:
            raise ValueError(
                f"`keep` must be at least 1. Received: keep={keep}."
            )
        self.base = folder_of_versions(path)
        self._only = _only_version(path)
        # A version that was named itself may have any name.
        self._names = {self._only: pathlib.Path(path).resolve().name}
        self._keep = keep
        self._batch_sizes = tuple(batch_sizes)
        self.additions = additions
        self._loaded = {}
        self.refused = {}
        self._stamps = {}
        self._stop = threading.Event()
        self._thread = None
        self.look()
        if not self._loaded:
            number, why = max(self.refused.items())
            raise ValueError(
                "An export has a version that is whole. Received: "
                f"{self.base}, of which version {number} is refused: {why}"
            )

    def get(self, number=None):
        """Returns a version, `None` if it is not served.

        Args:
            number: Int, or `None` (default) for the newest.
        """
        loaded = self._loaded
        return loaded.get(max(loaded) if number is None else number)

    def numbers(self):
        """Returns the numbers of the versions that answer, ascending."""
        return sorted(self._loaded)

    def all(self):
        """Returns the versions that answer, ascending by number."""
        loaded = self._loaded
        return [loaded[number] for number in sorted(loaded)]

    def look(self):
        """Looks at the folder once, and loads what is new.

        Returns:
            Bool, whether the newest version changed.
        """
        before = max(self._loaded, default=0)
        if self._only is not None:
            found = [] if self._loaded else [self._only]
        else:
            found = [n for n in versions(self.base) if n > before]
        # The newest first, and older ones where it is not whole.
        for number in reversed(found):
            self._try(number)
            if sum(n in self._loaded for n in found) == self._keep:
                break
        return max(self._loaded, default=0) != before

    def watch(self, seconds):
        """Looks again and again, in a thread, until `close`.

        Args:
            seconds: Float above 0, between two looks.
        """

        def run():
            while not self._stop.wait(seconds):
                try:
                    self.look()
                except OSError as error:
                    _log.warning("%s cannot be read: %s", self.base, error)

        self._thread = threading.Thread(target=run, name="versions")
        self._thread.daemon = True
        self._thread.start()

    def close(self):
        """Ends the thread of `watch`."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _try(self, number):
        path = self.base / self._names.get(number, str(number))
        stamp = _stamp(path)
        if self._stamps.get(number) == stamp:
            return
        try:
            version = ServedVersion(path, number)
            version.warm(self._batch_sizes)
            if self.additions is None:
                self._take(version)
            else:
                # What is added meanwhile waits, and goes to this one too.
                with self.additions.lock:
                    self.additions.bring_to(version)
                    self._take(version)
        except Exception as error:
            self._stamps[number] = stamp
            self.refused[number] = str(error)
            _log.warning("Version %s is not served: %s", number, error)
            return
        self.refused.pop(number, None)
        self._stamps.pop(number, None)

    def _take(self, version):
        if self._loaded:
            _log.info("Version %s is served.", version.number)
        loaded = {**self._loaded, version.number: version}
        kept = sorted(loaded)[-self._keep :]
        self._loaded = {number: loaded[number] for number in kept}


def folder_of_versions(path):
    """Returns the folder that holds the versions of an export.

    Args:
        path: Path of what `fgkeras export` was given, of its folder
            `saved_model`, or of one version in it.

    Returns:
        `pathlib.Path`.

    Raises:
        ValueError: If there is no export.

    Example:

    >>> import tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> (folder / "saved_model" / "1").mkdir(parents=True)
    >>> folder_of_versions(folder).name
    'saved_model'
    """
    path = pathlib.Path(path).resolve()
    refuse_others(path)
    if (path / "saved_model.pb").is_file():
        return path.parent
    for base in (path / "saved_model", path):
        if versions(base):
            return base
    raise ValueError(
        "An export holds a folder saved_model with versions. Received: "
        f"{path}, which holds none. Make one with `fgkeras export RUN`."
    )


def _only_version(path):
    """The number of a version that was named itself, else `None`."""
    path = pathlib.Path(path).resolve()
    if not (path / "saved_model.pb").is_file():
        return None
    is_number = path.name.isascii() and path.name.isdigit()
    return int(path.name) if is_number else 1


def _stamp(path):
    """What changes when a file of a folder does."""
    found = []
    for file in sorted(path.rglob("*")):
        try:
            about = file.stat()
        except OSError:
            continue
        found.append((str(file), about.st_mtime_ns, about.st_size))
    return found
