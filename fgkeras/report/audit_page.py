"""The audit of a set as one HTML file, to read before training."""

import numpy as np

from fgkeras.report.effective_chart import effective_chart
from fgkeras.report.effective_chart import tail_chart
from fgkeras.report.granularity_chart import granularity_chart
from fgkeras.report.number import DASH
from fgkeras.report.number import number
from fgkeras.report.number import percent
from fgkeras.report.page import render_page
from fgkeras.report.page import write_page
from fgkeras.report.picture import Thumbnails
from fgkeras.report.rows import flat_options
from fgkeras.report.size_chart import size_chart
from fgkeras.report.suspects_page import suspect_galleries

_MAX_GROUPS = 12
_MAX_CLASSES = 2000
_GROUPS = (
    ("between_splits", "In more than one split"),
    ("with_different_labels", "With different labels"),
    ("within_splits", "More than once in a split"),
)


def audit_page(
    path,
    found,
    *,
    title,
    thumbnail,
    pair_pictures,
    read_picture,
    worth=None,
    tails=None,
):
    """Writes the page of an audit.

    Args:
        path: path of the file; an old one is replaced as a whole.
        found: dict that `fgkeras.jobs.audit` returns.
        title: str.
        thumbnail: function of a position in the sample that returns a
            PIL.Image.
        pair_pictures: list of three positions per hardest pair.
        read_picture: function of an image id that returns a PIL.Image or
            None, for duplicates.
        worth: dict of beta to images and their effective numbers, see
            `effective_chart`, or None.
        tails: dict of imbalance to images per class, see `tail_chart`, or
            None.

    Returns:
        pathlib.Path of the file.
    """
    description = found["description"]
    images, by_id = Thumbnails(thumbnail), Thumbnails(read_picture)
    order = [found["train_split"]]
    order += [s for s in description["splits"] if s not in order]
    splits = {name: description["splits"][name] for name in order}
    counts = splits[order[0]]["counts"]
    data = render_page(
        "audit.html",
        title=title,
        found=found,
        splits=[
            [name, number(part["images"]), number(part["classes"])]
            for name, part in splits.items()
        ],
        cards=_cards(found, splits),
        sizes=size_chart({n: p["counts"] for n, p in splits.items()}),
        effective=[
            [
                f"{row['beta']:g}",
                number(row["largest"]),
                number(row["smallest"]),
                f"{row['weight_ratio']:.3g}",
            ]
            for row in found["effective_numbers"]
        ],
        theory=[
            *([effective_chart(worth, counts)] if worth else []),
            *([tail_chart(tails, counts)] if tails else []),
        ],
        pictures=_picture_rows(description["images"]),
        duplicates=_duplicates(description["images"], by_id),
        suspects=suspect_galleries(found["suspects"], by_id),
        chart=(
            granularity_chart(found["granularity"])
            if found["granularity"]
            else None
        ),
        pairs=[
            {
                **pair,
                "percent": percent(pair["rankm"]),
                "pictures": [images(i) for i in shown],
            }
            for pair, shown in zip(
                found["hardest_pairs"], pair_pictures, strict=True
            )
        ],
        similarity=[
            [
                row["name"],
                number(row["classes"]),
                f"{row['distance']:.3f}",
                DASH if row["relative"] is None else f"{row['relative']:.2f}",
                f"{row['similarity']:.4f}",
            ]
            for row in found["similarity"]
        ],
        nearest=[
            {
                "name": row["name"],
                "rows": [
                    [
                        entry["target"],
                        ", ".join(s["name"] for s in entry["sources"]),
                        f"{entry['sources'][0]['distance']:.3f}",
                    ]
                    for entry in row["nearest_classes"]
                ],
            }
            for row in found["similarity"][:3]
        ],
        classes=_class_rows(found, splits),
        total_classes=description["num_classes"],
        environment=list(flat_options(found["environment"])),
    )
    return write_page(path, data)


def _cards(found, splits):
    description = found["description"]
    balance = description["balance"]
    images = description["images"]
    factor = balance["imbalance_factor"]
    cards = [
        {
            "name": "Images",
            "value": number(sum(s["images"] for s in splits.values())),
            "text": "not split into train and test"
            if len(splits) == 1
            else ", ".join(
                f"{number(part['images'])} {name}"
                for name, part in splits.items()
            ),
        },
        {
            "name": "Classes",
            "value": number(description["num_classes"]),
            "text": f"{balance['smallest']} to {balance['largest']} "
            f"{'' if len(splits) == 1 else balance['split'] + ' '}images each",
        },
        {
            "name": "Imbalance",
            "value": DASH if factor is None else f"{factor:.3g}",
            "text": "largest class over smallest",
        },
    ]
    if images:
        groups = images["duplicates"]
        cards.append(
            {
                "name": "Leaks",
                "value": number(len(groups["between_splits"])),
                "text": "pictures in more than one split; "
                f"{len(groups['within_splits'])} repeated in one",
            }
        )
    if found["granularity"]:
        best = min(found["granularity"], key=lambda row: row["value"])
        cards.append(
            {
                "name": "RankM",
                "value": f"{best['value']:.3f}",
                "text": f"with {best['name']} at {best['size']} px"
                f"{compared(found['sample'])}",
            }
        )
    return cards


def compared(sample):
    """Says over how many classes granularity was measured, if not all.

    Args:
        sample: Dict of an audit: `classes`, and `compared`, those of them
            with two images or more, all where that is not noted.

    Returns:
        String, empty for all.

    Example:

    >>> compared({"classes": 10, "compared": 7})
    ', over 7 of 10 classes'
    """
    of = sample["classes"]
    count = sample.get("compared", of)
    return "" if count == of else f", over {count} of {of} classes"


def _picture_rows(images):
    if not images:
        return []
    rows = [
        [
            "Formats",
            ", ".join(f"{k} {v:,}" for k, v in images["formats"].items()),
        ],
        ["Size of all files", f"{images['bytes'] / 1e6:,.1f} MB"],
    ]
    for side in ("width", "height"):
        spread = images[side]
        if spread:
            rows.append(
                [
                    side.capitalize(),
                    f"{spread['min']} to {spread['max']} px, median "
                    f"{spread['median']:g}",
                ]
            )
    return rows


def _duplicates(images, by_id):
    """Groups of identical pictures, each under its gravest fault."""
    shown, result = set(), []
    for key, name in _GROUPS if images else ():
        groups = images["duplicates"][key]
        cards = []
        for group in groups:
            mark = group[0]["id"]
            if mark in shown or len(cards) == _MAX_GROUPS:
                continue
            shown.add(mark)
            cards.append(
                {
                    "picture": by_id(group[0]["id"]),
                    "places": [
                        f"{row['split']}: {row['class']}" for row in group[:4]
                    ],
                }
            )
        result.append({"name": name, "count": len(groups), "cards": cards})
    return result


def _class_rows(found, splits):
    names = found["description"]["class_names"]
    counts = [part["counts"] for part in list(splits.values())[:2]]
    scores = found["class_scores"]
    rows = []
    for i, name in enumerate(names):
        score = scores.get(name)
        rows.append(
            [
                name,
                score["rival"] if score else DASH,
                *(number(part[i]) for part in counts),
                f"{score['rankm']:.3f}" if score else DASH,
            ]
        )
    rank = np.array([scores.get(n, {"rankm": -1})["rankm"] for n in names])
    order = np.argsort(-rank, kind="stable")
    return {
        "columns": [
            "Class",
            "Nearest other class",
            *(f"{name} images" for name in list(splits)[:2]),
            "RankM",
        ],
        "rows": [rows[i] for i in order[:_MAX_CLASSES]],
    }
