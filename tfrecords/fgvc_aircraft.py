"""FGVC-Aircraft 2013b (100 variants) to TFRecord.

DATA is the `data` folder of the unpacked fgvc-aircraft-2013b.tar.gz:

    images/1025794.jpg
    variants.txt                   707-320
    images_variant_train.txt       1025794 707-320     (also val, test)
    images_family_train.txt        1025794 Boeing 707
    images_manufacturer_train.txt  1025794 Boeing
    images_box.txt                 1025794 3 144 998 431  (xmin ymin xmax ymax)

Gives train 3,334, val 3,333 and test 3,333 with boxes and the columns `family`
and `manufacturer`. The 20 pixels of the photographer's banner at the bottom are
kept, lest the images be encoded twice; the boxes leave it out:

    python -m tfrecords.fgvc_aircraft fgvc-aircraft-2013b/data records/aircraft
"""

import sys

from tfrecords._listed import ListedSource
from tfrecords._listed import lines
from tfrecords._listed import need
from tfrecords._run import run


def source(root):
    """Returns the set as a source."""
    text = need(root, "variants.txt").read_text(encoding="utf-8")
    names = [line.strip() for line in text.splitlines() if line.strip()]
    labels = {name: row for row, name in enumerate(names)}
    boxes = dict(lines(root, "images_box.txt"))
    rows = {}
    columns = {"family": {}, "manufacturer": {}}
    for split in ("train", "val", "test"):
        variants = lines(root, f"images_variant_{split}.txt")
        rows[split] = []
        for key, variant in variants:
            box = [float(side) for side in boxes[key].split()]
            rows[split].append((f"{key}.jpg", labels[variant], box))
        for column, parents in columns.items():
            found = dict(lines(root, f"images_{column}_{split}.txt"))
            for key, variant in variants:
                parents[variant] = found[key]
    return ListedSource(
        need(root, "images"),
        names,
        rows,
        name="fgvc_aircraft",
        hierarchy={
            column: [parents[name] for name in names]
            for column, parents in columns.items()
        },
    )


if __name__ == "__main__":
    sys.exit(run(source, __doc__))
