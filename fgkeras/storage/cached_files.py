"""What the cache holds, and what goes when it is trimmed."""

import dataclasses
import os
import pathlib
import re
import stat

from fgkeras.storage.cache_folder import cache_folder
from fgkeras.storage.whole_file import leftover_parts

# Kind -> its folder in the cache (None: the cache itself) and the names that
# its files have. Nothing else in these folders is ever touched.
KINDS = {
    # With those of an extraction that was stopped.
    "features": ("features", r"[0-9a-f]{64}(?:\.from\d+)?\.npy"),
    "flora": (None, r"flora-[0-9a-f]{20}\.bin"),
}


@dataclasses.dataclass(frozen=True)
class CachedFile:
    """One file of the cache.

    Args:
        kind: String, one of `KINDS`.
        path: `pathlib.Path`.
        size: Int, bytes.
        used: Float, seconds since 1970: when it was last written or read.
        whole: Bool, `False` for what a killed process left of a write.
            Defaults to `True`.

    Example:

    >>> from fgkeras.storage.byte_sizes import size_in_words
    >>> file = CachedFile("features", pathlib.Path("a.npy"), 4_000_000, 0.0)
    >>> f"{file.path} of {size_in_words(file.size)}"
    'a.npy of 4.0 MB'
    """

    kind: str
    path: pathlib.Path
    size: int
    used: float
    whole: bool = True


def note_use(path):
    """Notes that a file of the cache is used now, for `trim_cache`.

    Many disks do not note reads. Where that may not be written nothing
    happens.

    Args:
        path: Path of the file.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.npy")
    >>> path.touch()
    >>> os.utime(path, (0, 0))
    >>> note_use(path)
    >>> path.stat().st_mtime > 0
    True
    """
    try:
        os.utime(path)
    except OSError:
        return


def cached_files():
    """Lists what the library has written into its cache.

    Only files of the names that it gives count, in its own folders; links are
    not followed, and files of others, or that are being written, are no part
    of it.

    Returns:
        List of `CachedFile`, the one that was not used for longest first.

    Example:

    >>> all(file.size >= 0 for file in cached_files())
    True
    """
    out = []
    for kind, (name, form) in KINDS.items():
        folder = cache_folder(name)
        if not folder.is_dir() or (name and folder.is_symlink()):
            continue
        for path in folder.iterdir():
            if re.fullmatch(form, path.name):
                out += _regular(kind, path, True)
        for path in leftover_parts(folder, form):
            out += _regular(kind, path, False)
    return sorted(out, key=lambda file: (file.whole, file.used, file.path))


def trim_cache(size=0):
    """Deletes the files of the cache that were not used for longest.

    Use it with 0 to clear the cache. What goes is made again when it is
    needed; a program that reads a file right now keeps what it has opened.

    Args:
        size: Int at least 0, bytes that may stay. Defaults to `0`. What killed
            processes left of a write goes in any case.

    Returns:
        Tuple of two lists of `CachedFile`: what was deleted, and what was to
        be but could not.

    Raises:
        ValueError: If `size` is below 0.

    Example:

    >>> import tempfile
    >>> os.environ["FGKERAS_CACHE"] = tempfile.mkdtemp()
    >>> _ = cache_folder(f"flora-{0:020}.bin").write_bytes(b"pictures")
    >>> deleted, kept = trim_cache(5)
    >>> [file.size for file in deleted], kept, cached_files()
    ([8], [], [])
    """
    if size < 0:
        raise ValueError(f"`size` must be at least 0. Received: size={size}.")
    files = cached_files()
    total = sum(file.size for file in files)
    deleted, kept = [], []
    for file in files:
        if file.whole and total <= size:
            break
        try:
            file.path.unlink(missing_ok=True)
        except OSError:
            kept.append(file)
            continue
        deleted.append(file)
        total -= file.size
    return deleted, kept


def _regular(kind, path, whole):
    """The file as a list, empty for a link, a folder or what is gone."""
    try:
        found = path.lstat()
    except OSError:
        return []
    if not stat.S_ISREG(found.st_mode):
        return []
    used = max(found.st_mtime, found.st_atime)
    return [CachedFile(kind, path, found.st_size, used, whole)]
