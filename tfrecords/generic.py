"""Any folder, zip file or CSV list of images to TFRecord.

DATA is what `fgkeras.data.open` takes, such as

    folder:photos      photos/CLASS/*.jpg or photos/{train,val,test}/CLASS/*.jpg
    zip:photos.zip     the same inside a zip file
    csv:photos.csv     a list `path,label[,split]`

For example:

    python -m tfrecords.generic folder:photos records/photos
"""

import sys

from fgkeras.data.open import open as source
from tfrecords._run import run

if __name__ == "__main__":
    sys.exit(run(source, __doc__, screens=True))
