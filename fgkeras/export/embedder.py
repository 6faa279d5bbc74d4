"""Exports an embedder as a SavedModel that takes image bytes."""

import keras
import tensorflow as tf

from fgkeras.data.images.decode import check_sizes
from fgkeras.data.images.decode import decode_batch_guarded
from fgkeras.data.images.image import DECODER_VERSION
from fgkeras.export.version import write_version
from fgkeras.export.warmup import write_warmup
from fgkeras.models.parts import weight_bytes


def export_embedder(
    model,
    directory,
    *,
    image_size,
    resize=None,
    metadata=None,
    overwrite=False,
    decoder=DECODER_VERSION,
):
    """Writes `directory/saved_model/1` of a model without classes.

    Use it for models trained by metric losses. Of HDML and DVML it writes the
    embedder alone: the generators are needed in training only. All is as with
    `export_classifier`, except that the signatures `serving_default` and
    `embed` take `image_bytes` to `embedding`, of length 1 per row, and
    `valid`; and that `serve_tensor` takes `images` to `embedding`.

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

    Returns:
        `pathlib.Path` of the new version.

    Raises:
        ValueError: An argument is out of range, or a version exists.

    Example:

    >>> import tempfile
    >>> x = keras.Input((8, 8, 3))
    >>> model = keras.Model(x, keras.layers.GlobalAveragePooling2D()(x))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = export_embedder(model, folder, image_size=8)
    >>> path.name
    '1'
    """
    check_sizes(image_size, resize)
    model = getattr(model, "embedder", model)
    if len(model.output.shape) != 2:
        raise ValueError(
            "`model` must give one vector per image. Received: output of shape "
            f"{model.output.shape}"
        )
    if any(d not in (None, image_size) for d in model.input.shape[1:3]):
        raise ValueError(
            "`image_size` must be the input size of the model. Received: "
            f"image_size={image_size}, model input of shape {model.input.shape}"
        )

    def serve_tensor(images):
        z = tf.cast(model(images, training=False), tf.float32)
        # A zero vector stays zero.
        return {"embedding": tf.math.l2_normalize(z, 1, epsilon=1e-24)}

    def embed(image_bytes):
        images, valid = decode_batch_guarded(
            image_bytes, image_size, resize, decoder=decoder
        )
        z = serve_tensor(images)["embedding"]
        return {"embedding": tf.where(valid[:, None], z, 0), "valid": valid}

    def write_graph(folder):
        archive = keras.export.ExportArchive()
        archive.track(model)
        encoded = [tf.TensorSpec((None,), tf.string, name="image_bytes")]
        pixels = [
            tf.TensorSpec((None, image_size, image_size, 3), name="images")
        ]
        for name, function, signature in (
            ("serving_default", embed, encoded),
            ("embed", embed, encoded),
            ("serve_tensor", serve_tensor, pixels),
        ):
            archive.add_endpoint(name, function, input_signature=signature)
        archive.write_out(str(folder), verbose=False)
        write_warmup(folder, image_size)

    return write_version(
        directory,
        write_graph,
        class_names=[],
        image_size=image_size,
        resize=resize,
        output={"embedding_size": int(model.output.shape[-1])},
        metadata=metadata,
        overwrite=overwrite,
        decoder=decoder,
        size=weight_bytes(model),
    )
