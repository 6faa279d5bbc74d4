"""Stanford Cars (196 classes) to TFRecord.

DATA holds the authors' downloads, unpacked, in one of two layouts:

    cars_train/00001.jpg   cars_test/00001.jpg   devkit/cars_meta.mat
    devkit/cars_train_annos.mat   cars_test_annos_withlabels.mat (or in devkit/)

    car_ims/000001.jpg     cars_annos.mat

Gives train 8,144 and test 8,041 with boxes and the columns `make` and `year`.
The two layouts number the images differently but hold the same split:

    python -m tfrecords.cars196 cars records/cars196
"""

import pathlib
import sys

import numpy as np
import scipy.io

from tfrecords._listed import ListedSource
from tfrecords._listed import need
from tfrecords._run import run

_TWO_WORDS = ("AM General", "Aston Martin", "Land Rover")
_SIDES = ("bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2")
_TEST = "cars_test_annos_withlabels.mat"


def source(root):
    """Returns the set as a source."""
    rows = {"train": [], "test": []}
    if pathlib.Path(root, "cars_annos.mat").exists():
        data = _mat(pathlib.Path(root, "cars_annos.mat"))
        names = data["class_names"]
        for entry in np.atleast_1d(data["annotations"]):
            split = "test" if entry.test else "train"
            rows[split].append(_row(entry, str(entry.relative_im_path)))
    else:
        names = _mat(need(root, "devkit/cars_meta.mat"))["class_names"]
        lists = {
            "train": need(root, "devkit/cars_train_annos.mat"),
            "test": need(root, f"devkit/{_TEST}", _TEST),
        }
        for split, path in lists.items():
            for entry in np.atleast_1d(_mat(path)["annotations"]):
                file = f"cars_{split}/{entry.fname}"
                rows[split].append(_row(entry, file))
    names = [str(name).strip() for name in np.atleast_1d(names)]
    hierarchy = {
        "make": [_make(name) for name in names],
        "year": [name.split()[-1] for name in names],
    }
    return ListedSource(root, names, rows, name="cars196", hierarchy=hierarchy)


def _mat(path):
    return scipy.io.loadmat(path, squeeze_me=True, struct_as_record=False)


def _row(entry, path):
    box = [float(getattr(entry, side)) for side in _SIDES]
    return path, int(getattr(entry, "class")) - 1, box


def _make(name):
    for make in _TWO_WORDS:
        if name.startswith(make):
            return make
    return name.split()[0]


if __name__ == "__main__":
    sys.exit(run(source, __doc__))
