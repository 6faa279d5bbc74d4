"""What an export is made of."""

import dataclasses

from fgkeras.data.images.image import DECODER_VERSION
from fgkeras.export.answers import KnownRule
from fgkeras.export.answers import SetRule


@dataclasses.dataclass(frozen=True)
class Served:
    """A model to export, and what its answers depend on.

    Attributes:
        model: `keras.Model` from raw pixels, float, 0 to 255, of shape
            `(batch, image_size, image_size, 3)`, to logits; without classes
            to vectors.
        class_names: Tuple of strings, in label order; empty for an embedder.
        image_size: Int, in pixels.
        resize: Int of at least `image_size`, or `None`: the shorter side
            before the crop.
        activation: `"softmax"` or `"sigmoid"`, what makes scores of logits.
        metadata: Dict for the model card, JSON values.
        decoder: Int, `fgkeras.data.images.image.DECODER_VERSION` (default), or
            that of an earlier run.
        sets: `fgkeras.export.answers.SetRule`, or `None` (default) for no
            prediction sets.
        known: `fgkeras.export.answers.KnownRule`, or `None` (default) where
            nothing tells unknown pictures.
        pictures: Tuple of bytes, encoded pictures that the export is compared
            with the model on; empty (default) for drawn ones.
    """

    model: object
    class_names: tuple
    image_size: int
    resize: int | None = None
    activation: str = "softmax"
    metadata: dict = dataclasses.field(default_factory=dict)
    decoder: int = DECODER_VERSION
    sets: SetRule | None = None
    known: KnownRule | None = None
    pictures: tuple = ()
