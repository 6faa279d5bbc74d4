"""Stanford Online Products (22,634 products) to TFRecord.

DATA is the unpacked Stanford_Online_Products.zip:

    bicycle_final/111085122871_0.JPG ...
    Ebay_train.txt     image_id class_id super_class_id path   (with a header)
    Ebay_test.txt

Gives train 59,551 images of 11,318 products and test 60,502 of the other
11,316, with the 12 categories as the column `category`: a set for retrieval of
unseen classes.

    python -m tfrecords.sop Stanford_Online_Products records/sop
"""

import sys

from tfrecords._listed import ListedSource
from tfrecords._listed import need
from tfrecords._run import run


def source(root):
    """Returns the set as a source."""
    rows, categories = {}, {}
    for split in ("train", "test"):
        text = need(root, f"Ebay_{split}.txt").read_text()
        rows[split] = []
        for line in text.splitlines()[1:]:
            _, product, _, path = line.split()
            product = int(product)
            folder = path.partition("/")[0].removesuffix("_final")
            categories[product] = folder.replace("_", " ")
            rows[split].append((path, product))
    products = sorted(categories)
    labels = {product: row for row, product in enumerate(products)}
    return ListedSource(
        root,
        [f"{categories[product]} {product}" for product in products],
        {
            split: [(path, labels[product]) for path, product in members]
            for split, members in rows.items()
        },
        name="sop",
        hierarchy={"category": [categories[product] for product in products]},
    )


if __name__ == "__main__":
    sys.exit(run(source, __doc__))
