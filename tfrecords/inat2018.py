"""iNaturalist 2018 competition (8,142 species) to TFRecord.

DATA holds the downloads, unpacked:

    train_val2018/SUPERCATEGORY/...jpg
    train2018.json, val2018.json      COCO-like: images, annotations, categories
    categories.json                     optional: names and taxonomy

Gives train 437,513 and val 24,426. The columns of the hierarchy are those
that the categories have (supercategory, and the taxonomy down to the genus):

    python -m tfrecords.inat2018 inat2018 records/inat2018
"""

import functools
import sys

from tfrecords._inat import inat_source
from tfrecords._run import run

source = functools.partial(inat_source, year=2018)

if __name__ == "__main__":
    sys.exit(run(source, __doc__))
