"""The COCO-like lists of the iNaturalist competitions as a source."""

import json
import pathlib

from tfrecords._listed import ListedSource
from tfrecords._listed import need

_RANKS = (
    "supercategory",
    "kingdom",
    "phylum",
    "class",
    "order",
    "family",
    "genus",
)


def inat_source(root, year):
    """Returns one year's competition as a source with train and val.

    `categories.json`, where it is there, replaces the categories of the lists:
    those of 2018 were published without names at first.

    Args:
        root: Path of the unpacked downloads.
        year: Int, 2017 or 2018.
    """
    rows, categories = {}, None
    for split in ("train", "val"):
        path = need(root, f"{split}{year}.json")
        listed = json.loads(path.read_text(encoding="utf-8"))
        categories = categories or listed["categories"]
        label = {a["image_id"]: a["category_id"] for a in listed["annotations"]}
        rows[split] = [
            (entry["file_name"], label[entry["id"]])
            for entry in listed["images"]
        ]
    named = pathlib.Path(root, "categories.json")
    if named.exists():
        categories = json.loads(named.read_text(encoding="utf-8"))
    categories = sorted(categories, key=lambda category: category["id"])
    labels = {c["id"]: row for row, c in enumerate(categories)}
    ranks = [r for r in _RANKS if all(r in c for c in categories)]
    return ListedSource(
        root,
        [str(category["name"]) for category in categories],
        {
            split: [(path, labels[number]) for path, number in members]
            for split, members in rows.items()
        },
        name=f"inat{year}",
        hierarchy={
            rank: [str(category[rank]) for category in categories]
            for rank in ranks
        },
    )
