"""All files and folders below a folder, and which of them are none."""

import os

from fgkeras.data.sources.file_names import is_clutter
from fgkeras.data.sources.file_names import is_ignored
from fgkeras.data.sources.file_names import is_picture
from fgkeras.data.sources.plain_file import fault_of


def walk(root, *, ignore=(), depth=None):
    """Lists what lies below a folder, without folders of clutter.

    Args:
        root: String or path.
        ignore: Sequence of globs, see `is_ignored`. Defaults to none.
        depth: Int, folders below are not looked into: links may lead in
            circles. `None` looks into all, each once.

    Returns:
        Tuple of two lists of relative paths with `/`, of files and of folders,
        and a dict of path to why it cannot be read: links that lead nowhere,
        pipes, devices, pictures that are too large, folders that may not be
        looked into.
    """
    root = os.fspath(root)
    files, folders, faults, pending, seen = [], [], {}, [""], set()
    while pending:
        prefix = pending.pop()
        place = os.path.realpath(os.path.join(root, prefix))
        if depth is None and place in seen:
            continue
        seen.add(place)
        try:
            with os.scandir(os.path.join(root, prefix)) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            if not prefix:
                raise
            path = prefix.rstrip("/")
            files.append(path)
            faults[path] = f"it cannot be looked into ({error.strerror})"
            continue
        for entry in entries:
            path = prefix + entry.name
            is_folder = entry.is_dir()
            if is_ignored(path, ignore):
                continue
            if is_folder:
                if is_clutter(path, is_file=False):
                    continue
                folders.append(path)
                if depth is None or path.count("/") < depth:
                    pending.append(path + "/")
                continue
            files.append(path)
            if not entry.is_file() or is_picture(entry.name):
                fault = fault_of(entry.path)
                if fault is not None:
                    faults[path] = fault
    return files, folders, faults
