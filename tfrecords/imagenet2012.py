"""ImageNet (ILSVRC 2012, 1,000 classes) to TFRecord.

DATA holds the two image archives and the development kit (tasks 1 and 2), each
class's archive unpacked into its folder:

    train/n01440764/n01440764_10026.JPEG
    val/ILSVRC2012_val_00000001.JPEG       (or val/n01751748/....JPEG)
    ILSVRC2012_devkit_t12/data/meta.mat
    ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt

Gives train 1,281,167 and val 50,000. Labels follow the sorted WordNet ids, as
the weights of keras.applications do, not the kit's own numbers:

    python -m tfrecords.imagenet2012 imagenet records/imagenet
"""

import sys

import numpy as np
import scipy.io

from tfrecords._listed import ListedSource
from tfrecords._listed import need
from tfrecords._run import run

_KIT = "ILSVRC2012_devkit_t12/data"


def source(root):
    """Returns the set as a source."""
    meta = scipy.io.loadmat(
        need(root, f"{_KIT}/meta.mat"), squeeze_me=True, struct_as_record=False
    )
    synsets = [s for s in np.atleast_1d(meta["synsets"]) if s.num_children == 0]
    synsets.sort(key=lambda synset: str(synset.WNID))
    labels = {str(s.WNID): row for row, s in enumerate(synsets)}
    numbers = {int(s.ILSVRC2012_ID): row for row, s in enumerate(synsets)}
    rows = {"train": _folders(root, "train", labels)}
    flat = sorted(need(root, "val").glob("*.JPEG"))
    if flat:
        file = need(root, f"{_KIT}/ILSVRC2012_validation_ground_truth.txt")
        truth = [numbers[int(number)] for number in file.read_text().split()]
        files = [f"val/{path.name}" for path in flat]
        rows["val"] = list(zip(files, truth, strict=True))
    else:
        rows["val"] = _folders(root, "val", labels)
    return ListedSource(
        root,
        [str(synset.words) for synset in synsets],
        rows,
        name="imagenet2012",
        hierarchy={"wnid": list(labels)},
    )


def _folders(root, split, labels):
    return [
        (f"{split}/{wnid}/{path.name}", label)
        for wnid, label in labels.items()
        for path in sorted(need(root, f"{split}/{wnid}").glob("*.JPEG"))
    ]


if __name__ == "__main__":
    sys.exit(run(source, __doc__))
