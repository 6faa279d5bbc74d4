"""CUB-200-2011 (birds, 200 classes) to TFRecord.

DATA is the unpacked CUB_200_2011.tgz of the authors:

    images/001.Black_footed_Albatross/*.jpg
    classes.txt               1 001.Black_footed_Albatross
    images.txt                1 001.Black_footed_Albatross/....jpg
    image_class_labels.txt    1 1
    train_test_split.txt      1 0        (1 marks training)
    bounding_boxes.txt        1 60.0 27.0 325.0 304.0    (x y width height)

Gives train 5,994 and test 5,794 with boxes:

    python -m tfrecords.cub200_2011 CUB_200_2011 records/cub
"""

import sys

from tfrecords._listed import ListedSource
from tfrecords._listed import lines
from tfrecords._listed import need
from tfrecords._run import run


def source(root):
    """Returns the set as a source."""
    classes = lines(root, "classes.txt")
    labels = {key: row for row, (key, _) in enumerate(classes)}
    label = dict(lines(root, "image_class_labels.txt"))
    training = dict(lines(root, "train_test_split.txt"))
    boxes = dict(lines(root, "bounding_boxes.txt"))
    rows = {"train": [], "test": []}
    for key, path in lines(root, "images.txt"):
        x, y, width, height = map(float, boxes[key].split())
        box = (x, y, x + width, y + height)
        split = "train" if training[key] == "1" else "test"
        rows[split].append((path, labels[label[key]], box))
    return ListedSource(
        need(root, "images"),
        [name.partition(".")[2].replace("_", " ") for _, name in classes],
        rows,
        name="cub200_2011",
    )


if __name__ == "__main__":
    sys.exit(run(source, __doc__))
