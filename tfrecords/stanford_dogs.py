"""Stanford Dogs (120 breeds) to TFRecord.

DATA holds the authors' images.tar and lists.tar, unpacked:

    Images/n02085620-Chihuahua/n02085620_10074.jpg
    train_list.mat     file_list, labels (1 to 120)
    test_list.mat

Gives train 12,000 and test 8,580. All its images are ImageNet's, so ImageNet
weights have seen the test images too. Boxes are left out, since an image may
have several:

    python -m tfrecords.stanford_dogs dogs records/dogs
"""

import sys

import scipy.io

from tfrecords._listed import ListedSource
from tfrecords._listed import need
from tfrecords._run import run


def source(root):
    """Returns the set as a source."""
    rows, names = {}, {}
    for split in ("train", "test"):
        listed = scipy.io.loadmat(need(root, f"{split}_list.mat"))
        rows[split] = []
        for cell, label in zip(
            listed["file_list"].ravel(), listed["labels"].ravel(), strict=True
        ):
            path = str(cell[0])
            folder = path.partition("/")[0]
            name = folder.partition("-")[2].replace("_", " ")
            names[int(label) - 1] = name
            rows[split].append((path, int(label) - 1))
    names = [names[label] for label in range(len(names))]
    return ListedSource(need(root, "Images"), names, rows, name="stanford_dogs")


if __name__ == "__main__":
    sys.exit(run(source, __doc__))
