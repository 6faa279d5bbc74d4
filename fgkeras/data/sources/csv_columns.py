"""Which columns of an image list hold the paths, the labels and the splits."""

import dataclasses
import typing

from fgkeras.data.sources.layout import split_name

BOX = ("ymin", "xmin", "ymax", "xmax")
# What programs and people call them, where there is no `path` or `label`.
_NAMES = {
    "path": ("path", "filename", "file_name", "filepath", "file_path")
    + ("image_path", "image", "img", "file"),
    "label": ("label", "class", "class_name", "category", "choice", "species"),
    "split": ("split",),
}
_LIKE_SPLITS = frozenset(
    ("fold", "folds", "set", "subset", "partition", "phase", "usage")
    + ("is_train", "is_training", "is_training_image", "is_test", "is_val")
    + ("is_valid", "is_validation", "train", "test", "val", "valid", "tvt")
    + ("train_test", "train_test_split", "data_set", "data_split")
)
_YES = {"1": True, "true": True, "yes": True, "t": True}
_NO = {"0": False, "false": False, "no": False, "f": False}
_FLAGS = {**_YES, **_NO}
# The option's value for a list whose splits are not to be used.
NONE = "none"


@dataclasses.dataclass(frozen=True)
class Columns:
    """The columns of an image list, by their places in a row.

    Args:
        header: Tuple of strings, as they stand in the file.
        path: Int.
        label: Int.
        split: Int, or `None` where all images are of one split.
        box: Tuple of four ints, or of none.
        others: Tuple of ints, of the columns of the images.
    """

    header: tuple
    path: int
    label: int
    split: int | None
    box: tuple
    others: tuple

    def split_of(self, text):
        """Returns the split that a cell names, or `None`."""
        found = split_name(text)
        flag = _FLAGS.get(text.strip().lower())
        if found is not None or flag is None:
            return found
        # As in `is_train`: 1 or 0.
        name = "" if self.split is None else self.header[self.split].lower()
        named = [s for s in ("train", "val", "test") if s in name]
        if len(named) != 1:
            return None
        return named[0] if flag else {"train": "test"}.get(named[0], "train")


def find_columns(where, header, asked):
    """Finds the columns of an image list.

    Args:
        where: String, the file, for messages.
        header: List of strings.
        asked: Dict of `path`, `label` and `split` to the name of a column, as
            a person gave them; a split of `"none"` is not used.

    Returns:
        `Columns`.

    Raises:
        ValueError: If there is no such column, two may be meant, or a name
            stands twice.
    """
    lower = [name.lower() for name in header]
    named = [name for name in lower if name]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise ValueError(
            "The columns of an image list have different names. Received: "
            f"{header} in {where}, with {twice[0]!r} more than once. Rename "
            "or remove one."
        )
    found: dict[str, typing.Any] = {}
    for role, names in _NAMES.items():
        name = asked.get(role)
        if role == "split" and name == NONE:
            found[role] = None
            continue
        if name is not None and name.lower() not in lower:
            raise ValueError(
                f"`{role}=` names a column of the list. Received: "
                f"{role}={name!r} for {where} with {_shown(header)}."
            )
        choices = [name.lower()] if name is not None else _known(lower, names)
        if len(choices) != 1 and role != "split":
            several = (
                f"{' and '.join(choices)} may be" if choices else "none is"
            )
            raise ValueError(
                "An image list starts with a header that names a column of "
                "paths and one of labels, `path,label`, and, if there is one, "
                f"of splits. Received: {_shown(header)} in {where}, where "
                f"{several} the {role}. Rename the column, or name it: "
                f"csv:{where}?{role}=NAME."
            )
        found[role] = lower.index(choices[0]) if choices else None
    box = tuple(lower.index(name) for name in BOX if name in lower)
    if box and len(box) < len(BOX):
        only = ", ".join(header[i] for i in sorted(box))
        raise ValueError(
            f"A box has the columns {', '.join(BOX)}. Received: only "
            f"{only} in {where}. Add the others, or rename these."
        )
    own = {*found.values(), *box}
    # A column without a name, as tables number their rows, is none.
    others = [i for i, name in enumerate(header) if name and i not in own]
    return Columns(tuple(header), **found, box=box, others=tuple(others))


def split_like(columns, values):
    """Returns the name of another column that looks like a split, or `None`.

    Args:
        columns: `Columns`.
        values: List of tuples, the other cells of each row.

    Example:

    >>> columns = find_columns("t.csv", ["path", "label", "is_train"], {})
    >>> split_like(columns, [("1",), ("0",)])
    'is_train'
    """
    for place, column in enumerate(columns.others):
        cells = {row[place].lower() for row in values}
        name = columns.header[column]
        if len(cells) > 1 and (
            name.lower() in _LIKE_SPLITS
            or all(split_name(cell) is not None for cell in cells)
        ):
            return name
    return None


def _known(lower, names):
    """Returns the columns of usual names; the first name goes before all."""
    if names[0] in lower:
        return [names[0]]
    return [name for name in names if name in lower]


def _shown(header):
    return f"the columns {header}" if header else "no row"
