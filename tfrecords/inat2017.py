"""iNaturalist 2017 competition (5,089 species) to TFRecord.

DATA holds the downloads, unpacked:

    train_val_images/SUPERCATEGORY/...jpg
    train2017.json, val2017.json      COCO-like: images, annotations, categories

Gives train 579,184 and val 95,986. The columns of the hierarchy are those
that the categories have (supercategory, and the taxonomy down to the genus):

    python -m tfrecords.inat2017 inat2017 records/inat2017
"""

import functools
import sys

from tfrecords._inat import inat_source
from tfrecords._run import run

source = functools.partial(inat_source, year=2017)

if __name__ == "__main__":
    sys.exit(run(source, __doc__))
