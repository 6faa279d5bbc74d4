"""CIFAR-100 to TFRecord.

DATA is the unpacked cifar-100-python.tar.gz:

    train, test, meta

Gives train 50,000 and test 10,000, as PNG, with the 20 superclasses as the
column `coarse`:

    python -m tfrecords.cifar100 cifar-100-python records/cifar100
"""

import sys

from tfrecords._cifar import CifarSource
from tfrecords._run import run


def source(root):
    """Returns the set as a source."""
    return CifarSource(
        root,
        {"train": ["train"], "test": ["test"]},
        b"fine_labels",
        ("meta", b"fine_label_names"),
        coarse=(b"coarse_labels", b"coarse_label_names"),
        name="cifar100",
    )


if __name__ == "__main__":
    sys.exit(run(source, __doc__))
