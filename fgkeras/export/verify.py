"""Compares an exported model with the Keras model it came from."""

import numpy as np
import tensorflow as tf

from fgkeras.data.images.decode import decode_for_evaluation
from fgkeras.data.images.image import EARLIER_DECODER
from fgkeras.export.load import load_exported
from fgkeras.export.signatures import ACTIVATIONS
from fgkeras.export.signatures import with_embedding


def verify_export(path, model, image_bytes, *, batch_size=32):
    """Returns how far the SavedModel and the Keras model are apart.

    The Keras model sees each image as `decode_for_evaluation` gives it, in
    evaluation; the SavedModel sees the bytes. A difference below 1e-5 is
    rounding.

    Args:
        path: Path given to `export_classifier`.
        model: The Keras model that was exported.
        image_bytes: List of bytes, at least one, each a readable image file.
        batch_size: Positive int. Default 32.

    Returns:
        Float, the largest absolute difference of any class probability or
        entry of a normalised embedding.

    Raises:
        ValueError: There is no image, or the exported model refuses one.

    Example:

    >>> import fgkeras
    >>> model = fgkeras.load_model("runs/flowers/model.keras")  # doctest: +SKIP
    >>> with open("flower.jpg", "rb") as file:  # doctest: +SKIP
    ...     photo = file.read()
    >>> verify_export("runs/flowers", model, [photo]) < 1e-5  # doctest: +SKIP
    True
    """
    image_bytes = list(image_bytes)
    if not image_bytes:
        raise ValueError(
            "`image_bytes` must hold at least one image to compare with. "
            "Received: image_bytes=[]"
        )
    exported = load_exported(path)
    size = exported.metadata["input"]["size"]
    resize = exported.metadata["input"]["resize"]
    decoder = exported.metadata["input"].get("decoder", EARLIER_DECODER)
    output = exported.metadata["output"]
    served = exported.run("probabilities", image_bytes, batch_size)
    refused = np.flatnonzero(~served["valid"]).tolist()
    if refused:
        raise ValueError(
            "`image_bytes` must be readable images to compare with. Received: "
            f"unreadable image_bytes at {refused[:8]}"
        )
    vectors = exported.run("embed", image_bytes, batch_size)["embedding"]
    model = with_embedding(model)
    largest = 0.0
    for start in range(0, len(image_bytes), batch_size):
        rows = slice(start, start + batch_size)
        images = [
            decode_for_evaluation(data, size, resize, decoder=decoder)
            for data in image_bytes[rows]
        ]
        logits, embedding = model(tf.stack(images), training=False)
        logits = tf.cast(logits, tf.float32) / output["temperature"]
        scores = ACTIVATIONS[output["activation"]](logits).numpy()
        embedding = np.asarray(tf.cast(embedding, tf.float32))
        length = np.linalg.norm(embedding, axis=1, keepdims=True)
        embedding = embedding / np.maximum(length, 1e-12)
        largest = max(
            largest,
            float(np.abs(scores - served["probabilities"][rows]).max()),
            float(np.abs(embedding - vectors[rows]).max()),
        )
    return largest
