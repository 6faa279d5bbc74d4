"""Exports an embedder as a SavedModel that takes image bytes."""

from fgkeras.data.images.image import DECODER_VERSION
from fgkeras.export.parity import TOLERANCE
from fgkeras.export.saved_model import write_saved_model
from fgkeras.export.served import Served


def export_embedder(
    model,
    directory,
    *,
    image_size,
    resize=None,
    metadata=None,
    overwrite=False,
    decoder=DECODER_VERSION,
    tolerance=TOLERANCE,
):
    """Writes `directory/saved_model/1` of a model without classes.

    Use it for models trained by metric losses. Of HDML and DVML it writes the
    embedder alone: the generators are needed in training only. All is as with
    `export_classifier`, except that the signatures `serving_default` and
    `embed` take `image_bytes` to `embedding`, of length 1 per row, and
    `valid`; and that `serve_tensor` and `serve_uint8` take `images` to
    `embedding`.

    Args:
        model: Keras model from raw pixels of shape
            `(batch, image_size, image_size, 3)` to embeddings, or one with an
            attribute `embedder`.
        directory: Path; made when it is missing.
        image_size: Int, in pixels.
        resize: Int of at least `image_size`, or `None` (default).
        metadata: Dict for the model card, JSON values. Default none.
        decoder: Int, how pictures are decoded: as today (default), or as an
            earlier run saw them.
        overwrite: Bool, whether to add a version beside existing ones.
            Default `False`.
        tolerance: Float of at least 0, how far its embeddings may be from the
            model's. Default 1e-5.

    Returns:
        `pathlib.Path` of the new version.

    Raises:
        ValueError: An argument is out of range, a version exists, or the
            answers are further apart than `tolerance`.

    Example:

    >>> import keras
    >>> import tempfile
    >>> x = keras.Input((8, 8, 3))
    >>> model = keras.Model(x, keras.layers.GlobalAveragePooling2D()(x))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = export_embedder(model, folder, image_size=8)
    >>> path.name
    '1'
    """
    served = Served(
        getattr(model, "embedder", model),
        (),
        image_size,
        resize,
        metadata=metadata,
        decoder=decoder,
    )
    return write_saved_model(
        served, directory, overwrite=overwrite, tolerance=tolerance
    )
