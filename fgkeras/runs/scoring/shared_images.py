"""The images that several runs were tested on, the same in all of them."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class SharedImages:
    """The images that all runs were tested on.

    Args:
        labels: Integer array, places in `classes`.
        classes: List of strings.
        places: List of integer arrays, where they stand in each run.
        answers: List of what each run answered.
        notes: List of sentences on what was left out.
    """

    labels: np.ndarray
    classes: list
    places: list
    answers: list
    notes: list


def shared_images(members, kind):
    """Finds the images that all runs were tested on, and none was trained on.

    Args:
        members: Sequence of `KeptAnswers`.
        kind: `CLASSIFICATION` or `RETRIEVAL`.

    Returns:
        `SharedImages`, in the order of the first run.

    Raises:
        ValueError: If they share none, or an image of one name has another
            class or other contents.
    """
    read = [member.answers(kind) for member in members]
    names = names_of([member.path for member in members])
    at = [{i: place for place, i in enumerate(ids)} for ids, _, _ in read]
    ids = [i for i in at[0] if all(i in there for there in at[1:])]
    _check_alike(members, read, at, ids, names)
    notes = []
    if any(len(there) > len(ids) for there in at):
        tested = ", ".join(
            f"{len(there):,} of {name}"
            for name, there in zip(names, at, strict=True)
        )
        notes.append(
            f"The runs were not tested on the same images ({tested}): the "
            f"{len(ids):,} that all were tested on are counted."
        )
    ids = _untrained(members, ids, names, notes)
    if not ids:
        raise ValueError(
            "Runs are compared on images that all were tested on and none was "
            f"trained on. Received: {', '.join(names)}, which share none. "
            "Evaluate them on the same images (fgkeras evaluate RUN --data "
            "SOURCE), and name the folders that it prints."
        )
    places = [np.array([there[i] for i in ids]) for there in at]
    named = read[0][1][places[0]]
    classes, labels = np.unique(named, return_inverse=True)
    return SharedImages(
        labels, classes.tolist(), places, [row[2] for row in read], notes
    )


def _check_alike(members, read, at, ids, names):
    """Refuses images of one name that differ in class or contents."""
    known: list = members[0].content_of(ids)
    first = read[0][1][[at[0][i] for i in ids]] if ids else []
    for number in range(1, len(members)):
        theirs = read[number][1][[at[number][i] for i in ids]] if ids else []
        content = members[number].content_of(ids)
        told = 0
        for i, name, other, mine, there in zip(
            ids, first, theirs, known, content, strict=True
        ):
            what = None
            if name != other:
                what = (
                    f"{i} is {str(name)!r} of {names[0]}, {str(other)!r} there"
                )
            elif None not in (mine, there) and mine != there:
                what = f"{i} holds other things than in {names[0]}"
            told += None not in (mine, there)
            if what:
                raise ValueError(
                    "Runs are compared on the same images under the same "
                    f"classes. Received: {names[number]}, where {what}. "
                    "Evaluate them on one set (fgkeras evaluate RUN --data "
                    "SOURCE), or name other runs."
                )
        sources = members[0].source, members[number].source
        if not told and sources[0] != sources[1]:
            raise ValueError(
                "Runs are compared on the same images. Received: "
                f"{names[0]} on {sources[0]} and {names[number]} on "
                f"{sources[1]}, without contents to know images by. Evaluate "
                "them on one set (fgkeras evaluate RUN --data SOURCE)."
            )


def _untrained(members, ids, names, notes):
    """Leaves out what one of the runs was trained on, and says so."""
    for member, name in zip(members, names, strict=True):
        if member.out_of_fold:
            continue
        trained, contents, source = member.trained_on()
        same = source is not None and source == members[0].source
        held = members[0].content_of(ids)
        kept = [
            i
            for i, content in zip(ids, held, strict=True)
            if content not in contents and not (same and i in trained)
        ]
        if len(kept) < len(ids):
            notes.append(
                f"{len(ids) - len(kept):,} images were left out that {name} "
                "was trained on."
            )
        ids = kept
    return ids


def names_of(paths):
    """Returns names of runs: the ends of their paths that tell them apart.

    Args:
        paths: Sequence of `pathlib.Path`.

    Example:

    >>> import pathlib
    >>> names_of([pathlib.Path("runs/a"), pathlib.Path("more/a")])
    ['runs/a', 'more/a']
    """
    parts = [path.resolve().parts for path in paths]
    for count in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part[-count:]) for part in parts]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]
