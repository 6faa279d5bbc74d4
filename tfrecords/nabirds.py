"""NABirds (North American birds, 555 classes) to TFRecord.

DATA is the unpacked archive of the Cornell Lab of Ornithology:

    images/0817/*.jpg
    classes.txt               817 Oak Titmouse    (also inner nodes)
    hierarchy.txt             817 199             (child parent)
    images.txt                0000139e-... 0817/0000139e....jpg
    image_class_labels.txt    0000139e-... 817
    train_test_split.txt      0000139e-... 0      (1 marks training)
    bounding_boxes.txt        0000139e-... 83 59 128 228  (x y width height)

Gives train 23,929 and test 24,633 with boxes. Labels follow the class numbers
that have images; the columns `parent` and `top` come from hierarchy.txt:

    python -m tfrecords.nabirds nabirds records/nabirds
"""

import sys

from tfrecords._listed import ListedSource
from tfrecords._listed import lines
from tfrecords._listed import need
from tfrecords._run import run


def source(root):
    """Returns the set as a source."""
    names = dict(lines(root, "classes.txt"))
    parents = dict(lines(root, "hierarchy.txt"))
    label = dict(lines(root, "image_class_labels.txt"))
    training = dict(lines(root, "train_test_split.txt"))
    boxes = dict(lines(root, "bounding_boxes.txt"))
    used = sorted(set(label.values()), key=int)
    labels = {key: row for row, key in enumerate(used)}
    rows = {"train": [], "test": []}
    for key, path in lines(root, "images.txt"):
        x, y, width, height = map(float, boxes[key].split())
        box = (x, y, x + width, y + height)
        split = "train" if training[key] == "1" else "test"
        rows[split].append((path, labels[label[key]], box))
    hierarchy = {
        "parent": [names[parents.get(key, key)] for key in used],
        "top": [names[_top(key, parents)] for key in used],
    }
    return ListedSource(
        need(root, "images"),
        [names[key] for key in used],
        rows,
        name="nabirds",
        hierarchy=hierarchy,
    )


def _top(key, parents):
    """Returns the ancestor right below the root."""
    while parents.get(parents.get(key)) is not None:
        key = parents[key]
    return key


if __name__ == "__main__":
    sys.exit(run(source, __doc__))
