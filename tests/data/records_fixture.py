"""A small source of real encoded images, held in memory."""

import io

import numpy as np
from PIL import Image

from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split


def encoded(seed, kind="JPEG"):
    """Returns an encoded noise image whose size depends on the seed."""
    rng = np.random.default_rng(seed)
    shape = (8 + seed % 5, 9 + seed % 3, 3)
    out = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, shape, "uint8")).save(out, kind)
    return out.getvalue()


class MemorySource(Source):
    """A source over a dict of id to bytes."""

    def __init__(self, images, class_names, splits, **kwargs):
        super().__init__("folder:/abs/photos", class_names, splits, **kwargs)
        self.images = images

    def read(self, image_id):
        return self.images[image_id]


def make_source(num_train=11, num_test=4, boxes=False):
    """Returns a source of three classes, JPEG and PNG."""
    images, splits = {}, {}
    for split, count in (("train", num_train), ("test", num_test)):
        ids = tuple(f"{split}/{i}.img" for i in range(count))
        for i, image_id in enumerate(ids):
            images[image_id] = encoded(i, "PNG" if i % 4 == 3 else "JPEG")
        box = np.tile(np.array([[0.1, 0.2, 0.5, 0.9]], "float32"), (count, 1))
        box[:, 0] *= np.arange(count) / max(count, 1)
        splits[split] = Split(
            ids,
            np.arange(count, dtype="int64") % 3,
            box if boxes else None,
        )
    return MemorySource(
        images,
        ["wren", "robin", "blue tit"],
        splits,
        hierarchy={"family": ["a", "b", "b"]},
    )
