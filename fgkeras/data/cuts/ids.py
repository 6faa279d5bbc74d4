"""Lists of ids: the images of a cut, written to a file and read again."""

import pathlib

from fgkeras.storage import write_text


def save_ids(path, source, split="train"):
    """Writes the ids of one split, one a line, to train on the same images.

    Args:
        path: File to write, UTF-8.
        source: `Source`.
        split: String. Defaults to `"train"`.

    Raises:
        ValueError: An id holds a line break.
    """
    ids = source.split(split).ids
    broken = next((i for i in ids if "\n" in i or "\r" in i), None)
    if broken is not None:
        raise ValueError(
            "Ids are written one a line and must hold no line break. "
            f"Received: id={broken!r}."
        )
    text = "".join(f"{i}\n" for i in ids)
    write_text(path, text)


def load_ids(path, source, split="train"):
    """Reduces one split to the ids that `save_ids` wrote, in their order.

    Args:
        path: File of ids, one a line.
        source: `Source` whose split holds all of them.
        split: String. Defaults to `"train"`.

    Returns:
        `Source` with the split reduced.

    Raises:
        ValueError: There is no such file, it lists nothing, an id is not in
            the split, or it is listed twice.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise ValueError(
            "A list of ids must be a file, one id a line. Received: "
            f"{str(path)!r}, which does not exist. Take training_ids.txt of a "
            "run, or what `save_ids` writes."
        )
    position = {name: i for i, name in enumerate(source.split(split).ids)}
    text = path.read_text(encoding="utf-8")
    ids = [line for line in text.split("\n") if line]
    unknown = [i for i in ids if i not in position]
    if unknown:
        raise ValueError(
            f"{len(unknown)} of {len(ids)} ids in {path} are not in split "
            f"{split!r} of {source.spec}. Received: id={unknown[0]!r}. The "
            "list was written for another source or split."
        )
    if len(set(ids)) < len(ids) or not ids:
        twice = next((i for i in ids if ids.count(i) > 1), None)
        raise ValueError(
            "A list of ids holds each image once, and one at least. Received: "
            + (f"id={twice!r} twice" if ids else "no id")
            + f" in {path}."
        )
    return source.select(split, [position[i] for i in ids])


def ids_cut(source, file, *, split="train", seed=0):
    """Cuts a split to the images that a file lists, as `load_ids`.

    Args:
        source: `Source`.
        file: Path of a list of ids.
        split: String. Defaults to `"train"`.
        seed: Integer, no matter: nothing is drawn.
    """
    del seed
    return load_ids(file, source, split)
