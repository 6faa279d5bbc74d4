"""Layouts: which class and split the files of a folder or zip belong to."""

import dataclasses
import re
import unicodedata

import numpy as np

from fgkeras.data.sources.file_names import is_clutter
from fgkeras.data.sources.file_names import is_ignored
from fgkeras.data.sources.file_names import is_picture
from fgkeras.data.sources.file_names import printable
from fgkeras.data.sources.file_names import why_no_picture
from fgkeras.data.sources.problems import Problems
from fgkeras.data.sources.split import Split

# Folder names that stand for a split rather than a class.
SPLITS = {
    "train": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
}
# What stands between several labels in one text.
_BETWEEN = r"[|;,+&/]| and "
EXPECTED = (
    "Expected CLASS/IMAGE.jpg, or train/CLASS/IMAGE.jpg beside "
    "val/CLASS/... and test/CLASS/..."
)


@dataclasses.dataclass(frozen=True)
class Layout:
    """The classes and splits that a list of files stands for.

    Args:
        class_names: Tuple of strings, sorted: the union over the splits; by
            number where all are whole numbers.
        splits: Dict of split name to `Split`; `{"all": ...}` where the files
            name no splits.
        refused: `Problems` of what was left out.
    """

    class_names: tuple
    splits: dict
    refused: list


def layout(where, files, folders=(), *, faults=None, skip_bad=False, ignore=()):
    """Reads classes and splits off paths.

    Args:
        where: String, what is being opened, for messages.
        files: Iterable of strings, relative paths with `/`. They become the
            ids of the images.
        folders: Iterable of strings, relative paths of all folders; an empty
            class folder shows only here.
        faults: Dict of path to why it cannot be read. Defaults to none.
        skip_bad: Boolean, whether files and class folders that cannot be used
            are listed in `refused` rather than stopping. Defaults to False.
        ignore: Sequence of globs of what to leave out, see `is_ignored`.
            Defaults to none.

    Returns:
        `Layout`. Ids are sorted by class, then by name.

    Raises:
        ValueError: if there is no image, the layout is another, a class folder
            is empty, two class names are equal up to case or Unicode form, or
            a file is neither an image nor known clutter (see `is_clutter`).
            All such files are named at once.

    Example:

    >>> layout("x", ["elm/1.jpg", "oak/1.jpg"]).splits["all"].labels
    array([0, 1])
    """
    files = [
        path
        for path in files
        if not is_ignored(path, ignore) and not is_clutter(path)
    ]
    faults = faults or {}
    folders = [
        path
        for path in folders
        if not is_ignored(path, ignore)
        and not is_clutter(path, is_file=False)
        and path not in faults
    ]
    root = _root(files, folders)
    inside = [tuple(path.removeprefix(root).split("/")) for path in files]
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
    refused, kept = Problems(), {}
    for path, parts in zip(files, inside, strict=True):
        reason = _why_refused(path, parts, depth, faults)
        if reason is None:
            kept[path] = parts
        else:
            refused.append((printable(path), reason))
    refused += _empty(root, kept.values(), empty, depth)
    refused.sort()
    if not skip_bad:
        refused.refuse(
            f"Every file in {where} must be an image of a class, and every "
            "class folder hold one.",
            expected=f"{EXPECTED}.",
        )
    if not kept:
        raise ValueError(
            f"There must be images in {where}. Received: none among "
            f"{len(files)} files. {EXPECTED}."
        )
    class_names = in_order({parts[-2] for parts in kept.values()})
    check_class_names(where, class_names)
    return Layout(
        tuple(class_names), _splits(kept, class_names, with_splits), refused
    )


def in_order(names):
    """Returns class names sorted: by number where all are whole numbers.

    Args:
        names: Iterable of different strings.

    Example:

    >>> in_order(["10", "9", "0"]), in_order(["10", "9", "a"])
    (['0', '9', '10'], ['10', '9', 'a'])
    """
    names = sorted(names)
    if all(name.isascii() and name.isdigit() for name in names):
        # Equal numbers, as 1 and 01, stay in the order of their texts.
        names.sort(key=lambda name: (len(name.lstrip("0")), name.lstrip("0")))
    return names


def several_labels(class_names):
    """Returns sentences on names that look like several labels at once.

    Args:
        class_names: Iterable of strings.

    Example:

    >>> several_labels(["cat", "dog", "cat|dog", "cat-like"])
    ["The class 'cat|dog' looks like several labels, of other classes: ..."]
    """
    names = set(class_names)
    found = [
        name
        for name in sorted(names)
        for parts in [[part.strip() for part in re.split(_BETWEEN, name)]]
        if len(parts) > 1 and names.issuperset(parts)
    ]
    if not found:
        return []
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return [
        f"The class {found[0]!r}{more} looks like several labels, of other "
        "classes: an image has one class here. Give each image one, or leave "
        "such images out."
    ]


def check_class_names(where, class_names):
    """Refuses class names that are hardly meant to be names of classes.

    Two that differ only by case, Unicode form or leading zeros, and one that
    is empty or holds a line break or another control character.

    Args:
        where: String, what is being opened, for messages.
        class_names: Iterable of different strings.

    Raises:
        ValueError: naming such classes. Two would be one folder on some file
            systems, and are most likely one class.
    """
    seen = {}
    for name in class_names:
        if not name or printable(name) != name:
            raise ValueError(
                "Names of classes hold no line break or other control "
                f"character, and are not empty. Received: {name!r} in {where}. "
                "Rename it."
            )
        key = unicodedata.normalize("NFC", name.casefold())
        if key.isascii() and key.isdigit():
            key = key.lstrip("0") or "0"
        if key in seen:
            both = f"{ascii(seen[key])}, {ascii(name)}"
            raise ValueError(
                "Class names must differ by more than upper and lower case, "
                "Unicode form and leading zeros. Received: "
                f"{seen[key]!r} and {name!r} ({both}) in {where}. Join or "
                "rename them."
            )
        seen[key] = name


def split_name(name):
    """Returns `train`, `val` or `test` for a usual name of one, else `None`."""
    return SPLITS.get(name.strip().lower())


def _root(files, folders):
    """Returns the prefix of a lone outer folder around classes or splits."""
    # Stray files, which are refused anyway, say nothing of the layout.
    pictures = [path for path in files if is_picture(path)]
    tops = {path.split("/")[0] for path in [*pictures, *folders]}
    if len(tops) != 1 or split_name(min(tops)) is not None:
        return ""
    # A folder that holds images itself is a class, not an outer folder.
    if not pictures or any(path.count("/") < 2 for path in pictures):
        return ""
    return min(tops) + "/"


def _has_splits(where, inside, empty):
    """Whether the top folders are splits; refuses what could be both."""
    tops = {parts[0] for parts in inside if len(parts) > 1}
    tops |= {parts[0] for parts in empty}
    splits = {top for top in tops if split_name(top) is not None}
    if splits:
        # Scripts and notes beside the splits are no class.
        tops = splits | {
            parts[0]
            for parts in inside
            if len(parts) > 1 and is_picture(parts[-1])
        }
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


def _why_refused(path, parts, depth, faults):
    """Returns why a file cannot be used, or `None`."""
    if path in faults:
        return faults[path]
    named = why_no_picture(path)
    if named is not None and not is_picture(path):
        return named
    if len(parts) < depth:
        return "it lies outside any class folder"
    if len(parts) > depth:
        return "it lies too deep"
    return named


def _empty(root, kept, folders, depth):
    """Returns the class folders without a single usable image."""
    used = {parts[:-1] for parts in kept}
    return [
        (root + "/".join(folder), "it is a class folder without an image")
        for folder in sorted(set(folders))
        if len(folder) == depth - 1 and folder not in used
    ]


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
