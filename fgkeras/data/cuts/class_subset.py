"""Some classes of a source, as a source of its own."""

import difflib
import pathlib
import re

import numpy as np

from fgkeras.data.cuts.class_list import load_class_list

# A number, or a half-open range of them.
_NUMBERS = re.compile(r"-?\d+|\d*:\d*", re.ASCII)


def class_numbers(text, num_classes):
    """Reads ranges of class numbers such as `"0:98,150"`.

    Args:
        text: String: numbers and half-open ranges, separated by commas.
        num_classes: Int.

    Returns:
        Sorted `int64` array.

    Raises:
        ValueError: If the text is none, or a number is out of range.

    Example:
    >>> class_numbers("0:3,7", 10).tolist()
    [0, 1, 2, 7]
    """
    numbers = set()
    try:
        for part in text.split(","):
            first, colon, last = part.partition(":")
            start = int(first) if first or not colon else 0
            stop = int(last or num_classes) if colon else start + 1
            numbers.update(range(start, stop))
    except ValueError:
        numbers = {-1}
    if not numbers or min(numbers) < 0 or max(numbers) >= num_classes:
        raise ValueError(
            "Classes are numbers and half-open ranges from 0 to the number of "
            f"classes, {num_classes}, such as 0:98 or 0:3,7. "
            f"Received: {text!r}."
        )
    return np.array(sorted(numbers), "int64")


def chosen_classes(text, class_names):
    """Reads numbers, ranges and names of classes such as `"0:98,oak"`.

    What is a number or a range is one; every other part is a name. `"@FILE"`
    is the names that a file lists, one a line, whatever they look like; a
    class that is called so comes first.

    Args:
        text: String, parts separated by commas, or `"@FILE"`.
        class_names: Sequence of strings.

    Returns:
        Sorted `int64` array.

    Raises:
        ValueError: If a part is neither, or out of range.

    Example:

    >>> chosen_classes("elm,2", ["ash", "elm", "oak"]).tolist()
    [1, 2]
    """
    number = {name: i for i, name in enumerate(class_names)}
    if text in number and not _NUMBERS.fullmatch(text):
        return np.array([number[text]], "int64")
    if text.startswith("@"):
        return np.array(sorted(_listed(text[1:], number)), "int64")
    found = set()
    for part in (part.strip() for part in text.split(",")):
        if _NUMBERS.fullmatch(part):
            found.update(class_numbers(part, len(class_names)).tolist())
        elif part in number:
            found.add(number[part])
        else:
            raise ValueError(
                "Classes are numbers and half-open ranges from 0 to the number "
                f"of classes, {len(class_names)}, such as 0:98 or 0:3,7, or "
                f"names, or @FILE of names. Received: {part!r} in {text!r}, "
                f"which is none{_meant(part, number)}. `fgkeras data info "
                "SOURCE --json` lists the names."
            )
    return np.array(sorted(found), "int64")


def _listed(path, number):
    """The numbers of the classes that a file names."""
    names = load_class_list(path)
    unknown = [name for name in names if name not in number]
    if unknown:
        raise ValueError(
            f"{len(unknown)} of {len(names)} classes of {path} are none of the "
            f"source. Received: {unknown[0]!r}{_meant(unknown[0], number)}. "
            "The list was written for another source, or other labels."
        )
    return {number[name] for name in names}


def _meant(part, number):
    near = difflib.get_close_matches(part, number, 1)
    return f", meant is perhaps {near[0]!r}" if near else ""


def chosen_again(source, text, split, names):
    """Reduces the source of a run to its classes.

    Args:
        source: `Source`.
        text: String, see `chosen_classes`.
        split: String, the split whose images count.
        names: Sequence of strings, the classes that a run that goes on has
            recorded, which more classes would shift; or `None`.

    Returns:
        `Source`.

    Raises:
        ValueError: As `chosen_classes`; and if recorded classes are gone, or a
            list of classes is another by now.
    """
    if names is None:
        return select_classes(source, chosen_classes(text, source.class_names))
    number = {name: i for i, name in enumerate(source.class_names)}
    went = [name for name in names if name not in number]
    if went:
        raise ValueError(
            "A run goes on with the classes that it recorded. Received: "
            f"{source.spec}, where {len(went)} of {len(names)} are gone: "
            f"{', '.join(went[:5])}. Put them back, choose another folder "
            "(--out), or --restart to replace the run."
        )
    if text.startswith("@") and text not in number:
        _check_list(source, text[1:], split, names)
    return select_classes(source, [number[name] for name in names])


def _check_list(source, path, split, names):
    """A list that is gone is not needed; another one is not passed over."""
    if not pathlib.Path(path).is_file():
        return
    listed, empty = set(load_class_list(path)), set()
    if source.has_split(split):
        none = np.flatnonzero(source.counts(split) == 0)
        empty = {source.class_names[i] for i in none}
    # Classes without images were never recorded.
    changed = sorted((listed - set(names) - empty) | (set(names) - listed))
    if changed:
        raise ValueError(
            "A run goes on with the classes that it recorded. Received: "
            f"@{path}, which is another list by now ({changed[0]!r} came or "
            "went). Choose another folder (--out), or --restart to replace "
            "the run."
        )


def in_order_of(source, class_names):
    """Returns the source with its classes in a recorded order.

    Folders named by whole numbers were once in the order of their texts: a
    run that began so goes on so.

    Args:
        source: `Source`.
        class_names: Sequence of strings; classes that are not among them come
            last.

    Returns:
        `Source` with the same images, or itself where its names are no whole
        numbers.
    """
    if not all(n.isascii() and n.isdigit() for n in source.class_names):
        return source
    place = {name: i for i, name in enumerate(dict.fromkeys(class_names))}
    order = sorted(
        range(source.num_classes),
        key=lambda i: place.get(source.class_names[i], len(place)),
    )
    if order == list(range(source.num_classes)):
        return source
    # The last is that of images without a class, -1.
    table = np.full(source.num_classes + 1, -1, "int64")
    table[order] = np.arange(len(order))
    twin = source.with_splits(
        {
            name: part.with_labels(table[part.labels])
            for name, part in source.splits.items()
        }
    )
    twin.class_names = tuple(source.class_names[i] for i in order)
    twin.hierarchy = {
        key: tuple(values[i] for i in order)
        for key, values in source.hierarchy.items()
    }
    return twin


def select_classes(source, numbers):
    """Returns the source reduced to some classes, numbered anew from 0.

    Args:
        source: `Source`.
        numbers: Integer array, classes to keep, in their new order.

    Returns:
        `Source` whose splits hold the images of these classes only.
    """
    numbers = np.asarray(numbers, "int64")
    table = np.full(source.num_classes, -1, "int64")
    table[numbers] = np.arange(len(numbers))
    splits = {}
    for name, part in source.splits.items():
        old = part.labels
        kept = part.take(np.flatnonzero((old >= 0) & (table[old] >= 0)))
        splits[name] = kept.with_labels(table[kept.labels])
    twin = source.with_splits(splits)
    twin.class_names = tuple(source.class_names[i] for i in numbers)
    twin.hierarchy = {
        key: tuple(values[i] for i in numbers)
        for key, values in source.hierarchy.items()
    }
    return twin
