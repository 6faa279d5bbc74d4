"""Oxford Flowers 102 to TFRecord.

DATA holds the three downloads of the Visual Geometry Group, unpacked:

    jpg/image_00001.jpg ...
    imagelabels.mat        labels, 1 to 102
    setid.mat              trnid, valid, tstid, numbers of images
    cat_to_name.json       optional, {"1": "pink primrose", ...}

Gives train 1,020, val 1,020 and test 6,149. The authors' files have no class
names; without cat_to_name.json they are "flower 001" and so on:

    python -m tfrecords.oxford_flowers102 flowers records/flowers
"""

import json
import pathlib
import sys

import scipy.io

from tfrecords._listed import ListedSource
from tfrecords._listed import need
from tfrecords._run import run

_SPLITS = {"train": "trnid", "val": "valid", "test": "tstid"}


def source(root):
    """Returns the set as a source."""
    labels = scipy.io.loadmat(need(root, "imagelabels.mat"))["labels"].ravel()
    sets = scipy.io.loadmat(need(root, "setid.mat"))
    rows = {
        split: [
            (f"image_{number:05d}.jpg", int(labels[number - 1]) - 1)
            for number in sets[key].ravel().tolist()
        ]
        for split, key in _SPLITS.items()
    }
    known = pathlib.Path(root, "cat_to_name.json")
    known = json.loads(known.read_text()) if known.exists() else {}
    names = [
        known.get(str(number), f"flower {number:03d}")
        for number in range(1, int(labels.max()) + 1)
    ]
    return ListedSource(
        need(root, "jpg"), names, rows, name="oxford_flowers102"
    )


if __name__ == "__main__":
    sys.exit(run(source, __doc__))
