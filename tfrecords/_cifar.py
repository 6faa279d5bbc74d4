"""The Python version of CIFAR as a source; pixels are stored as PNG."""

import pickle

import numpy as np

from fgkeras.data.images.image import encode_png
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split
from tfrecords._listed import need

# All that the files hold: arrays, lists, strings, numbers.
_ALLOWED = {
    ("_codecs", "encode"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
}


class _ArraysOnly(pickle.Unpickler):
    """Reads a pickle without letting it run anything but these."""

    def find_class(self, module, name):
        if (module, name) not in _ALLOWED:
            raise ValueError(
                "A CIFAR file must hold arrays alone. Received: a pickle that "
                f"asks for {module}.{name}."
            )
        module = module.replace("numpy.core", "numpy._core")
        return super().find_class(module, name)


class CifarSource(Source):
    """Images held as arrays of pixels.

    Args:
        root: Path of the unpacked archive.
        batches: Dict of split name to file names.
        label_key: Bytes, the labels' key in a batch.
        meta: Tuple of the file of names and the key of the class names.
        coarse: Pair of keys, of the superclass labels in a batch and of their
            names in the file of names, or `None`.
        name: String, the data set's name.
    """

    def __init__(self, root, batches, label_key, meta, *, name, coarse=None):
        file, key = meta
        meta = unpickle(need(root, file))
        class_names = [n.decode().replace("_", " ") for n in meta[key]]
        self.pixels = {}
        splits, parents = {}, {}
        for split, files in batches.items():
            read = [unpickle(need(root, file)) for file in files]
            pixels = np.concatenate([batch[b"data"] for batch in read])
            labels = np.concatenate([batch[label_key] for batch in read])
            ids = tuple(f"{split}/{i:05d}.png" for i in range(len(labels)))
            splits[split] = Split(ids, labels.astype("int64"))
            pixels = pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
            self.pixels[split] = pixels
            if coarse is not None:
                above = np.concatenate([batch[coarse[0]] for batch in read])
                pairs = zip(labels.tolist(), above.tolist(), strict=True)
                parents.update(pairs)
        hierarchy = None
        if coarse is not None:
            names = [n.decode().replace("_", " ") for n in meta[coarse[1]]]
            hierarchy = {
                "coarse": [names[parents[i]] for i in range(len(class_names))]
            }
        super().__init__(name, class_names, splits, hierarchy)

    def read(self, image_id):
        split, _, file = image_id.partition("/")
        return encode_png(self.pixels[split][int(file[:-4])])


def unpickle(path):
    """Returns what a CIFAR file holds, with keys of bytes."""
    with open(path, "rb") as file:
        return _ArraysOnly(file, encoding="bytes").load()
