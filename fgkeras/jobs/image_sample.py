"""Features of a sample of images under one or more pre-trainings."""

import pathlib

import numpy as np

from fgkeras.data.batches import arrays
from fgkeras.data.images.encoded import content_hash
from fgkeras.data.images.encoded import load_encoded
from fgkeras.data.open import open as open_source
from fgkeras.jobs.sample_indices import sample_indices
from fgkeras.training.progress import progress_bar

_BATCH = 64


class ImageSample:
    """A sample of one split, held encoded in memory.

    Args:
        source: A `Source` or the text that opens one.
        split: String; `None` takes `train`, else the first split.
        max_images: Int, at most so many, drawn evenly over the classes; 0 for
            all. Defaults to `3000`.
        skip_bad: Bool, whether undecodable images are left out. Defaults to
            `False`.
        seed: Int.
        quiet: Bool, no progress bar. Defaults to `False`.

    Attributes:
        encoded: List of bytes.
        ids: Tuple of strings.
        labels: `int64 (num_images,)`, the labels of the source.
        drawn: Dict with the numbers of images and classes, here and in all.
    """

    def __init__(
        self,
        source,
        split=None,
        *,
        max_images=3000,
        skip_bad=False,
        seed=0,
        quiet=False,
    ):
        if isinstance(source, str):
            source = open_source(source, skip_bad=skip_bad)
        if split is None:
            split = "train" if "train" in source.splits else None
            split = split or next(iter(source.splits))
        labels = source.split(split).labels
        if not len(labels):
            raise ValueError(
                "A split needs images to be looked at. Received: split="
                f"{split!r} of {source.spec}, which is empty."
            )
        chosen = sample_indices(labels, max_images, seed=seed)
        with progress_bar(f"reading {split} images", quiet=quiet) as progress:
            self.encoded, part, self.refused = load_encoded(
                source.select(split, chosen),
                split,
                skip_bad=skip_bad,
                progress=progress,
            )
        self.source, self.split, self.quiet = source, split, quiet
        self.ids, self.labels = part.ids, part.labels
        self.drawn = {
            "split": split,
            "images": len(self.ids),
            "of_images": len(labels),
            "classes": len(np.unique(self.labels)),
            "of_classes": len(np.unique(labels)),
        }
        self._hash = content_hash(self.encoded)
        self._pixels = (None, None)

    @property
    def names(self):
        """The class name of each image, a NumPy array of strings."""
        return np.asarray(self.source.class_names)[self.labels]

    def pixels(self, size):
        """Returns central squares, `uint8 (num_images, size, size, 3)`."""
        if self._pixels[0] != size:
            self._pixels = (size, arrays.decode_split(self.encoded, size))
        return self._pixels[1]

    def features(self, backbone, weights=None, size=160):
        """Returns globally averaged features, computed once and kept on disk.

        Args:
            backbone: String, see `fgkeras.models.backbone`.
            weights: `None`, `"imagenet"` or the path of a weights file.
            size: Int, pixels. Defaults to `160`.

        Returns:
            `float32 (num_images, channels)`.
        """
        import keras

        from fgkeras.models.backbones import backbone as make_backbone
        from fgkeras.training.extract import extract_features

        body = make_backbone(backbone, (size, size, 3), weights=weights)
        pooled = keras.layers.GlobalAveragePooling2D()(body.output)

        def batches():
            pixels = self.pixels(size)
            for start in range(0, len(pixels), _BATCH):
                batch = pixels[start : start + _BATCH].astype("float32")
                yield batch, None

        title = f"features, {weights_name(weights)}, {size} px"
        with progress_bar(title, len(self.ids), self.quiet) as progress:
            return extract_features(
                keras.Model(body.input, pooled),
                batches,
                num_images=len(self.ids),
                key={"images": self._hash, "size": size, "pooled": "average"},
                progress=progress,
            )

    def thumbnail(self, i):
        """Returns image `i` as a small `PIL.Image`."""
        return arrays.thumbnail(self.encoded[i])


def weights_name(weights):
    """Returns how people call a weights file.

    >>> weights_name("models/birds.weights.h5"), weights_name(None)
    ('birds', 'random')
    """
    if not weights:
        return "random"
    path = pathlib.Path(weights)
    if path.name == "model.keras":
        path = path.parent
    return path.name.removesuffix(".h5").removesuffix(".weights")


def named_weights(weights):
    """Returns a dict of name to weights, whole paths where names repeat.

    Raises:
        ValueError: If the same weights are given twice.
    """
    weights = [str(w) for w in weights]
    twice = sorted({w for w in weights if weights.count(w) > 1})
    if twice:
        raise ValueError(
            f"Each weights file counts once. Received: {twice[0]} twice."
        )
    short = [weights_name(w) for w in weights]
    return {
        name if short.count(name) == 1 else path: path
        for name, path in zip(short, weights, strict=True)
    }
