"""Lists of pictures as tables that `csv:` opens."""

import csv
import io

_PROVENANCE = ("licence", "author", "url")
COLUMNS = ("path", "label", "round", "sha256", "source", "file", *_PROVENANCE)


def picture_line(path, label, number, row):
    """Returns the cells of a picture, in the order of `COLUMNS`.

    Args:
        path: `pathlib.Path` where the project keeps it.
        label: String.
        number: Int, the round that brought it, 0 for the seed.
        row: Mapping, its row in the store.
    """
    place = f"../../images/{path.parent.name}/{path.name}"
    return [
        place, label, number, row["sha256"], row["source"], row["name"],
        *(" ".join(row[name].split()) for name in _PROVENANCE),
    ]  # fmt: skip


def class_table(project, names):
    """Returns the text of a `classes.csv` of a project.

    Args:
        project: `Project`.
        names: Dict of class to name.
    """
    more = project.store.setting("hierarchy", {})
    words = project.store.setting("descriptions", {})
    columns = ["class", *more, *(["description"] if words else [])]
    lines = [
        [name, *(values[k] for values in more.values()),
         *([words.get(name, "")] if words else [])]
        for k, name in sorted(names.items())
    ]  # fmt: skip
    return table_text(columns, lines)


def table_text(columns, lines):
    """Returns a table as text.

    >>> table_text(["path", "label"], [["a,b.jpg", "elm"]])
    'path,label\\n"a,b.jpg",elm\\n'
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(lines)
    return file.getvalue()
