"""CIFAR-10 to TFRecord.

DATA is the unpacked cifar-10-python.tar.gz:

    data_batch_1 ... data_batch_5, test_batch, batches.meta

Gives train 50,000 and test 10,000, as PNG:

    python -m tfrecords.cifar10 cifar-10-batches-py records/cifar10
"""

import sys

from tfrecords._cifar import CifarSource
from tfrecords._run import run


def source(root):
    """Returns the set as a source."""
    return CifarSource(
        root,
        {
            "train": [f"data_batch_{number}" for number in range(1, 6)],
            "test": ["test_batch"],
        },
        b"labels",
        ("batches.meta", b"label_names"),
        name="cifar10",
    )


if __name__ == "__main__":
    sys.exit(run(source, __doc__))
