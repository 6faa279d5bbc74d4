"""Images that look wrong, as galleries ordered by how sure that is."""

from fgkeras.report.number import number
from fgkeras.report.page import render_page
from fgkeras.report.page import write_page
from fgkeras.report.picture import Thumbnails
from fgkeras.report.rows import flat_options

# Kinds of suspects, the gravest first: heading, and what it means.
KINDS = {
    "wrong_label": (
        "Labels that look wrong",
        "The features are nearer to another class than to the own one, both by "
        "the nearest pictures and by a linear classifier of all others. On the "
        "right the nearest picture of that class. A rare view of the right "
        "class looks the same: look before you change a label.",
    ),
    "copy_with_other_label": (
        "Near copies under different labels",
        "One picture, saved again, resized or mirrored, in two classes: at "
        "most one of the labels is right. On the left the one that the "
        "features speak against.",
    ),
    "copy_across_splits": (
        "Near copies in different splits",
        "A test on pictures that were trained on is too good.",
    ),
    "copy_within_split": (
        "Near copies within a split",
        "They count double.",
    ),
    "blank": ("Blank pictures", "Their pixels hardly differ."),
    "outlying": (
        "Outlying pictures",
        "Pictures that are like no other of the set, whatever their class.",
    ),
}
# What stands there instead where other detectors were asked.
_BY_OTHERS = {
    "out-of-fold": "A logistic regression that was fitted to other images "
    "finds another class likelier than the own one. On the right the nearest "
    "picture of that class. A rare view of the right class looks the same: "
    "look before you change a label.",
    "both": "Two detectors looked: the features, nearer to another class than "
    "to the own one, and a logistic regression that was fitted to other images "
    "(out-of-fold). Below each pair stands which of them finds it alone. On "
    "the right the nearest picture of the other class. A rare view of the "
    "right class looks the same: look before you change a label.",
}
_SHOWN = 24


def suspects_page(path, found, *, title, read_picture):
    """Writes the page of `fgkeras data suspects`.

    Args:
        path: path of the file; an old one is replaced as a whole.
        found: dict that `fgkeras.jobs.suspects` returns.
        title: str.
        read_picture: function of an image id that returns a PIL.Image or None.

    Returns:
        pathlib.Path of the file.
    """
    data = render_page(
        "suspects.html",
        title=title,
        found=found,
        galleries=suspect_galleries(found, Thumbnails(read_picture)),
        environment=list(flat_options(found["environment"])),
    )
    return write_page(path, data)


def suspect_galleries(found, pictures):
    """Returns what a template shows of suspects, a gallery for each kind.

    Args:
        found: dict of `looked_at`, `counts`, `rows` and, if labels were not
            judged by the features alone, `detector`.
        pictures: function of an image id that returns a `Picture` or None.

    Returns:
        List of dicts: `kind`, `name`, `text`, `count`, `shown`, `judged`
        (whether this kind was looked for) and `cards`, the surest first.

    Example:

    >>> found = {"looked_at": {"by_the_network": 0, "labels": 0},
    ...     "counts": dict.fromkeys(KINDS, 0), "rows": []}
    >>> [g["name"] for g in suspect_galleries(found, None) if g["judged"]][0]
    'Near copies under different labels'
    """
    judged = {
        "wrong_label": found["looked_at"]["labels"],
        "outlying": found["looked_at"]["by_the_network"],
    }
    detector = found.get("detector")
    galleries = []
    for kind, (name, text) in KINDS.items():
        if kind == "wrong_label":
            text = _BY_OTHERS.get(detector, text)
        rows = [row for row in found["rows"] if row["kind"] == kind][:_SHOWN]
        galleries.append(
            {
                "kind": kind,
                "name": name,
                "text": text,
                "count": number(found["counts"][kind]),
                "some": found["counts"][kind] > 0,
                "rest": number(found["counts"][kind] - len(rows)),
                "more": found["counts"][kind] > len(rows),
                "judged": judged.get(kind, 1) > 0,
                "cards": [
                    _card(row, pictures, detector == "both") for row in rows
                ],
            }
        )
    return galleries


def _card(row, pictures, several):
    sides = [_side(row, "", pictures)]
    if row["other"] is not None:
        sides.append(_side(row, "other", pictures))
    return {
        "sides": sides,
        "score": f"{row['score']:.2f}",
        "mirrored": row.get("mirrored", False),
        "found_by": " and ".join(row.get("found_by", ())) if several else "",
    }


def _side(row, prefix, pictures):
    key = f"{prefix}_" if prefix else ""
    name = row[prefix or "file"]
    return {
        "picture": pictures(name),
        "file": name,
        "split": row[f"{key}split"],
        "class": row[f"{key}class"],
    }
