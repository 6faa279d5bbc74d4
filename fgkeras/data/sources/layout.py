"""Layouts: which class and split the files of a folder or zip belong to."""

import dataclasses
import unicodedata

import numpy as np

from fgkeras.data.sources.file_names import ending
from fgkeras.data.sources.file_names import is_clutter
from fgkeras.data.sources.file_names import is_picture
from fgkeras.data.sources.source import Split

# Folder names that stand for a split rather than a class.
SPLITS = {
    "train": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
}
EXPECTED = (
    "Expected CLASS/IMAGE.jpg, or train/CLASS/IMAGE.jpg beside "
    "val/CLASS/... and test/CLASS/..."
)


@dataclasses.dataclass(frozen=True)
class Layout:
    """The classes and splits that a list of files stands for.

    Args:
        class_names: Tuple of strings, sorted: the union over the splits.
        splits: Dict of split name to `Split`; `{"all": ...}` where the files
            name no splits.
        refused: List of `(path, reason)`.
    """

    class_names: tuple
    splits: dict
    refused: list


def layout(where, files, folders=(), *, skip_bad=False):
    """Reads classes and splits off paths.

    Args:
        where: String, what is being opened, for messages.
        files: Iterable of strings, relative paths with `/`. They become the
            ids of the images.
        folders: Iterable of strings, relative paths of all folders; an empty
            class folder shows only here.
        skip_bad: Boolean, whether files and class folders that cannot be used
            are listed in `refused` rather than stopping. Defaults to False.

    Returns:
        `Layout`. Ids are sorted by class, then by name.

    Raises:
        ValueError: if there is no image, the layout is another, a class folder
            is empty, two class names are equal up to case or Unicode form, or
            a file is neither an image nor known clutter (hidden files,
            `Thumbs.db`, `.txt`, `.csv`, `.json`, `.md`).

    Example:

    >>> layout("x", ["elm/1.jpg", "oak/1.jpg"]).splits["all"].labels
    array([0, 1])
    """
    files = [path for path in files if not is_clutter(path, is_file=True)]
    folders = [path for path in folders if not is_clutter(path, is_file=False)]
    root = _root(files, folders)
    inside = [tuple(path[len(root) :].split("/")) for path in files]
    empty = [
        tuple(path[len(root) :].split("/"))
        for path in folders
        if path.startswith(root) and len(path) > len(root)
    ]
    if not inside and not any(len(parts) > 1 for parts in empty):
        found = sorted({parts[0] for parts in empty})[:5]
        raise ValueError(
            f"There must be images in {where}. Received: no file"
            + (f", only the folders {found}" if found else "")
            + f". {EXPECTED}."
        )
    with_splits = _has_splits(where, inside, empty)
    depth = 3 if with_splits else 2
    refused, kept = [], {}
    for path, parts in zip(files, inside, strict=True):
        reason = _why_refused(path, parts, depth)
        if reason is None:
            kept[path] = parts
        elif skip_bad:
            refused.append((path, reason))
        else:
            raise ValueError(
                f"Every file in {where} must be an image of a class. "
                f"Received: {path}: {reason}. {EXPECTED}. Remove it, or leave "
                "such files out with `skip_bad`."
            )
    _check_empty(where, root, kept.values(), empty, depth, skip_bad, refused)
    if not kept:
        raise ValueError(
            f"There must be images in {where}. Received: none among "
            f"{len(files)} files. {EXPECTED}."
        )
    class_names = sorted({parts[-2] for parts in kept.values()})
    check_class_names(where, class_names)
    return Layout(
        tuple(class_names), _splits(kept, class_names, with_splits), refused
    )


def check_class_names(where, class_names):
    """Refuses class names that differ only by case or Unicode form.

    Args:
        where: String, what is being opened, for messages.
        class_names: Iterable of different strings.

    Raises:
        ValueError: naming two such classes. They would be one folder on some
            file systems, and are most likely one class.
    """
    seen = {}
    for name in class_names:
        key = unicodedata.normalize("NFC", name.casefold())
        if key in seen:
            raise ValueError(
                "Class names must differ by more than upper and lower case "
                f"and Unicode form. Received: {seen[key]!r} and {name!r} "
                f"({ascii(seen[key])}, {ascii(name)}) in {where}. Join or "
                "rename them."
            )
        seen[key] = name


def split_name(name):
    """Returns `train`, `val` or `test` for a usual name of one, else `None`."""
    return SPLITS.get(name.strip().lower())


def _root(files, folders):
    """Returns the prefix of a lone outer folder around classes or splits."""
    tops = {path.split("/")[0] for path in [*files, *folders]}
    if len(tops) != 1 or split_name(min(tops)) is not None:
        return ""
    # A folder that holds images itself is a class, not an outer folder.
    if not files or any(path.count("/") < 2 for path in files):
        return ""
    return min(tops) + "/"


def _has_splits(where, inside, empty):
    """Whether the top folders are splits; refuses what could be both."""
    tops = {parts[0] for parts in inside if len(parts) > 1}
    tops |= {parts[0] for parts in empty}
    splits = {top for top in tops if split_name(top) is not None}
    # `train` with images directly in it is a class of that name.
    direct = {parts[0] for parts in inside if len(parts) == 2}
    if not splits - direct:
        if tops and tops == splits:
            raise ValueError(
                f"The folders {sorted(tops)} of {where} must hold class "
                f"folders. Received: images without a class. {EXPECTED}."
            )
        return False
    if tops != splits:
        raise ValueError(
            f"{where} must hold either splits or classes. Received: "
            f"{sorted(splits)[:5]} beside {sorted(tops - splits)[:5]}. "
            f"{EXPECTED}."
        )
    if len({split_name(top) for top in tops}) < len(tops):
        raise ValueError(
            f"Each split of {where} must have one folder. Received: "
            f"{sorted(tops)}."
        )
    return True


def _why_refused(path, parts, depth):
    """Returns why a file cannot be used, or `None`."""
    if len(parts) < depth:
        return "it lies outside any class folder"
    if len(parts) > depth:
        return "it lies too deep"
    if not is_picture(path):
        return f"files ending in {ending(path)!r} are not read as images"
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return "its name is not valid UTF-8"
    return None


def _check_empty(where, root, kept, folders, depth, skip_bad, refused):
    """Refuses class folders without a single usable image."""
    used = {parts[:-1] for parts in kept}
    for folder in sorted(set(folders)):
        if len(folder) != depth - 1 or folder in used:
            continue
        name = root + "/".join(folder)
        if not skip_bad:
            raise ValueError(
                f"Every class folder of {where} must hold an image. Received: "
                f"{name} without one. Fill it or remove it, or leave it out "
                "with `skip_bad`."
            )
        refused.append((name, "it is a class folder without an image"))


def _splits(kept, class_names, with_splits):
    """Returns the splits of the files, each sorted by class, then name."""
    label_of = {name: label for label, name in enumerate(class_names)}
    chosen = {}
    for path, parts in kept.items():
        split = split_name(parts[0]) if with_splits else "all"
        chosen.setdefault(split, []).append((label_of[parts[-2]], path))
    order = [s for s in ("all", "train", "val", "test") if s in chosen]
    splits = {}
    for split in order:
        rows = sorted(chosen[split])
        splits[split] = Split(
            tuple(path for _, path in rows),
            np.array([label for label, _ in rows], dtype="int64"),
        )
    return splits
