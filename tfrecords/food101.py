"""Food-101 to TFRecord.

DATA is the unpacked food-101.tar.gz:

    images/apple_pie/134.jpg
    meta/classes.txt       apple_pie
    meta/labels.txt        Apple pie      (the same classes, to be shown)
    meta/train.json        {"apple_pie": ["apple_pie/1005649", ...], ...}
    meta/test.json

Gives train 75,750 and test 25,250:

    python -m tfrecords.food101 food-101 records/food101
"""

import json
import sys

from tfrecords._listed import ListedSource
from tfrecords._listed import need
from tfrecords._run import run


def source(root):
    """Returns the set as a source."""
    classes = need(root, "meta/classes.txt").read_text().split()
    shown = need(root, "meta/labels.txt").read_text().splitlines()
    rows = {}
    for split in ("train", "test"):
        listed = json.loads(need(root, f"meta/{split}.json").read_text())
        rows[split] = [
            (f"{path}.jpg", label)
            for label, name in enumerate(classes)
            for path in listed[name]
        ]
    names = [name.strip() for name in shown if name.strip()]
    return ListedSource(need(root, "images"), names, rows, name="food101")


if __name__ == "__main__":
    sys.exit(run(source, __doc__))
