"""Which files of an output directory are a conversion's own."""

import re

from fgkeras.data.records import manifest as manifests
from fgkeras.data.records.tfds_metadata import tfds_metadata

# A line for the plan, then one per shard, noted before it gets its name.
STATE = ".partial.jsonl"
INDEX = "index-{}.json"


class OwnFiles:
    """The files that a conversion may remove, replace or write.

    A name is never enough: a file is the conversion's own only if it is a
    regular file directly in the directory, no link, of a name that the data
    set gives, with the SHA-256 that was noted before it was written. Only
    what a kill left half written, `.NAME.tmp`, has no checksum.

    Args:
        out: Path of the directory.
        name: String, the data set's name.

    Example:

    >>> import pathlib, tempfile
    >>> own = OwnFiles(pathlib.Path(tempfile.mkdtemp()), "birds")
    >>> own.has_name("birds-train.tfrecord-00000-of-00001")
    True
    >>> own.has_name("../birds-train.tfrecord-00000-of-00001")
    False
    """

    def __init__(self, out, name):
        self.out, self.name = out, name
        fixed = "|".join(re.escape(file) for file in others(()))
        self._form = re.compile(
            rf"{re.escape(name)}-[A-Za-z]\w*\.tfrecord-\d{{5,}}-of-\d{{5,}}"
            rf"|index-[A-Za-z]\w*\.json|{fixed}"
        )

    def has_name(self, file):
        """Whether the conversion could have given this name to a file."""
        return self._form.fullmatch(file) is not None

    def holds(self, file, checksums):
        """Whether a file is there, and is one that was written.

        Args:
            file: String, its name.
            checksums: Container of the SHA-256 noted for it.
        """
        path = self.out / file
        return (
            self.has_name(file)
            and is_regular(path)
            and manifests.file_sha256(path) in checksums
        )

    def foreign(self, files, noted):
        """Returns those of `files` that are there and not its own.

        Args:
            files: Iterable of strings, names that are to be written.
            noted: Dict of name to the SHA-256 noted for it, a set.
        """
        return [
            file
            for file in files
            if is_there(self.out / file)
            and not self.holds(file, noted.get(file, ()))
        ]

    def remove_partials(self):
        """Removes what a kill left half written."""
        for path in self.out.glob(".*.tmp"):
            file = path.name[1 : -len(".tmp")]
            whole = self.has_name(file) or file in (STATE, manifests.MANIFEST)
            if whole and is_regular(path):
                path.unlink()


def others(splits):
    """Returns the names of the files beside shards, state and manifest.

    Args:
        splits: Iterable of strings, the splits that have images.
    """
    fixed = tfds_metadata("", (), {}, False)
    return [*(INDEX.format(split) for split in splits), *fixed]


def is_there(path):
    """Whether anything has this name, a link to nothing included."""
    return path.is_symlink() or path.exists()


def is_regular(path):
    """Whether a path is a file itself, no link to one."""
    return path.is_file() and not path.is_symlink()
