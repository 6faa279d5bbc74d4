"""Classes that were added to a gallery, kept beside the export."""

import base64
import contextlib
import hashlib
import pathlib
import re
import threading

import numpy as np

from fgkeras.serving.served_version import UndecodedPicture
from fgkeras.storage import FolderLock
from fgkeras.storage import Journal
from fgkeras.storage import damaged_file
from fgkeras.storage import sync_path
from fgkeras.storage import whole_file
from fgkeras.web.refusal import Refusal

FOLDER = "gallery_additions"
_HEADER = {"gallery additions": 1}
_NAME = re.compile("[0-9a-f]{64}")
_LONGEST = 200
# What is embedded again with each new version.
_MOST = 10_000
_MOST_BYTES = 2 * 2**30
_AGAIN = "Put back the folder, or move it away to begin anew."


class Additions:
    """Pictures that make classes known without a training.

    Use it to let a gallery grow while it is served. The pictures themselves
    are kept, named by their SHA-256, and a line of a journal makes an addition
    count: once `add` returns, it is on the disk. What a kill cuts short never
    counts. Vectors are of one model: they are kept with its hash, and another
    version embeds the pictures again.

    Args:
        folder: Path, such as `runs/flowers/gallery_additions`: beside the
            versions, never inside of one, whose files have checksums.
        writable: Bool, whether `add` may be called; one process at a time may.
            Defaults to `False`.

    Attributes:
        lock: Held while something is added, and while a version is taken in.

    Raises:
        ValueError: If the journal is none, or a picture of it is lost.
        FolderTaken: If another process adds.

    Example:

    >>> additions = Additions("runs/flowers/gallery_additions")
    >>> len(additions)
    0
    """

    def __init__(self, folder, *, writable=False):
        self.folder = pathlib.Path(folder)
        self.lock = threading.RLock()
        self.writable = writable
        self._stack = contextlib.ExitStack()
        # SHA-256 of a picture -> its class, in the order they came.
        self._classes = {}
        # SHA-256 of the model -> SHA-256 of a picture -> its vector.
        self._vectors = {}
        self._bytes = 0
        self._journal = None
        if writable:
            self._pictures.mkdir(parents=True, exist_ok=True)
            self._stack.enter_context(FolderLock(self.folder))
        try:
            self._read()
        except BaseException:
            self._stack.close()
            raise

    def __len__(self):
        return len(self._classes)

    @property
    def _pictures(self):
        return self.folder / "pictures"

    def classes(self):
        """Returns a dict of the names of added classes to their pictures."""
        found = {}
        for name in list(self._classes.values()):
            found[name] = found.get(name, 0) + 1
        return found

    def add(self, name, pictures, versions):
        """Adds pictures of a class, all or none.

        A picture that is there already, by its content, is not added again.

        Args:
            name: String, the class: a new one, or one that is there.
            pictures: List of bytes.
            versions: Callable that returns the `ServedVersion`s that answer,
                which know the pictures when this returns.

        Returns:
            Int, how many pictures are new.

        Raises:
            Refusal: With 400 if the name or a picture is none, 409 if a
                picture is of another class, 507 if there is no more room.
        """
        checked_name(name)
        if not pictures:
            raise Refusal(400, "A class has a picture or more.")
        digests = [hashlib.sha256(data).hexdigest() for data in pictures]
        with self.lock:
            for index, digest in enumerate(digests):
                if self._classes.get(digest, name) != name:
                    raise Refusal(
                        409,
                        f"Picture {index} was added already, to another class.",
                    )
            new = {
                digest: data
                for digest, data in zip(digests, pictures, strict=True)
                if digest not in self._classes
            }
            size = sum(map(len, new.values()))
            if (
                len(self._classes) + len(new) > _MOST
                or self._bytes + size > _MOST_BYTES
            ):
                raise Refusal(
                    507,
                    f"At most {_MOST:,} pictures of 2 GB together are added. "
                    "Train with them.",
                )
            found = {}
            for version in versions():
                try:
                    vectors = version.embed(list(new.values()))
                except UndecodedPicture as error:
                    index = digests.index(list(new)[error.index])
                    raise Refusal(
                        400,
                        f"Picture {index} is none that the model decodes: "
                        "send whole JPEG, PNG, GIF or BMP files. Nothing was "
                        "added.",
                    ) from error
                found[version.model] = dict(zip(new, vectors, strict=True))
            if new:
                self._keep(name, new, found)
            for version in versions():
                self.bring_to(version)
            return len(new)

    def bring_to(self, version):
        """Makes a version know all that was added.

        Args:
            version: `ServedVersion`.
        """
        with self.lock:
            if not self._classes:
                return
            known = self._vectors.setdefault(version.model, {})
            missing = [d for d in self._classes if d not in known]
            if missing:
                vectors = version.embed([self._picture(d) for d in missing])
                made = dict(zip(missing, vectors, strict=True))
                known.update(made)
                if self.writable and self._journal is not None:
                    # So that the next start need not.
                    self._journal.append(
                        {
                            "class": "",
                            "pictures": [],
                            "vectors": {version.model: _texts(made)},
                        }
                    )
            order = list(self._classes)
            version.with_added(
                np.stack([known[d] for d in order]),
                [self._classes[d] for d in order],
                [f"added-{d[:16]}" for d in order],
            )

    def picture(self, identity):
        """Returns the bytes of an added picture, or `None`.

        Args:
            identity: String, its id in answers, `added-...`.
        """
        found = [d for d in self._classes if identity == f"added-{d[:16]}"]
        return self._picture(found[0]) if found else None

    def close(self):
        """Lets another process add."""
        self._stack.close()

    def _keep(self, name, new, found):
        """Writes pictures, then the line that makes them count."""
        for digest, data in new.items():
            with whole_file(self._pictures / digest, size=len(data)) as file:
                file.write(data)
        sync_path(self._pictures)
        if self._journal is None:
            self._journal = Journal(self._file, _HEADER)
            sync_path(self.folder)
        vectors = {model: _texts(rows) for model, rows in found.items()}
        self._journal.append(
            {"class": name, "pictures": list(new), "vectors": vectors}
        )
        for digest, data in new.items():
            self._classes[digest] = name
            self._bytes += len(data)
        for model, rows in found.items():
            self._vectors.setdefault(model, {}).update(rows)

    @property
    def _file(self):
        return self.folder / "additions.jsonl"

    def _read(self):
        if self._file.is_file():
            self._journal = Journal(self._file, _HEADER)
            for event in self._journal.events():
                try:
                    self._note(event)
                except (AttributeError, KeyError, TypeError, ValueError) as e:
                    why = f"a line is none of an addition ({e!r})"
                    raise ValueError(
                        damaged_file(self._file, why, _AGAIN)
                    ) from e
        for digest in self._classes:
            self._bytes += self._path(digest).stat().st_size
        if self.writable:
            self._remove_uncounted()

    def _note(self, event):
        for digest in event["pictures"]:
            if not _NAME.fullmatch(digest):
                raise ValueError(f"{digest!r} names no picture")
            self._classes[digest] = str(event["class"])
        for model, rows in event["vectors"].items():
            kept = self._vectors.setdefault(model, {})
            for digest, text in rows.items():
                kept[digest] = np.frombuffer(base64.b64decode(text), "<f4")

    def _remove_uncounted(self):
        """A kill leaves pictures that no line of the journal names."""
        for path in self._pictures.iterdir():
            if _NAME.fullmatch(path.name) and path.name not in self._classes:
                path.unlink()

    def _path(self, digest):
        path = self._pictures / digest
        if not path.is_file():
            raise ValueError(damaged_file(path, "it is lost", _AGAIN))
        return path

    def _picture(self, digest):
        data = self._path(digest).read_bytes()
        if hashlib.sha256(data).hexdigest() != digest:
            path = self._pictures / digest
            raise ValueError(damaged_file(path, "it was changed", _AGAIN))
        return data


def checked_name(name):
    """Returns the name of a class, or refuses it.

    Args:
        name: JSON value.

    Raises:
        Refusal: With 400 if it is no text of 1 to 200 characters of one line.

    Example:

    >>> checked_name("Myrandra glabra")
    'Myrandra glabra'
    """
    is_text = isinstance(name, str) and 1 <= len(name) <= _LONGEST
    if not is_text or not name.isprintable() or name != name.strip():
        raise Refusal(
            400,
            f"A class is a text of 1 to {_LONGEST} characters in one line, "
            "without spaces at its ends.",
        )
    return name


def _texts(vectors):
    """Vectors by picture as JSON has them."""
    return {
        digest: base64.b64encode(vector.astype("<f4").tobytes()).decode()
        for digest, vector in vectors.items()
    }
