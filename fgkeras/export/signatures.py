"""The signatures of an exported classifier, as TensorFlow functions."""

import keras
import tensorflow as tf

from fgkeras.data.images.decode import decode_batch_guarded
from fgkeras.data.images.image import DECODER_VERSION
from fgkeras.models import embedding_model

ACTIVATIONS = {"softmax": tf.nn.softmax, "sigmoid": tf.math.sigmoid}


def with_embedding(model):
    """Returns a model with outputs `[logits, embedding]` and shared layers.

    The embedding is what `fgkeras.models.embedding_model` gives. A model that
    has both outputs already is returned as it is.
    """
    if len(model.outputs) == 2:
        return model
    embedding = embedding_model(model).output
    if len(embedding.shape) != 2:
        raise ValueError(
            "The layer that gives the embedding must give one vector per "
            f"image. Received: output of shape {embedding.shape}"
        )
    return keras.Model(model.input, [model.output, embedding])


def signatures(
    model,
    labels,
    *,
    size,
    resize,
    top_k,
    temperature,
    activation,
    decoder=DECODER_VERSION,
):
    """Returns a dict of signature name to `(function, input_signature)`.

    Args:
        model: Keras model of `[logits, embedding]`, see `with_embedding`.
        labels: `tf.lookup.StaticHashTable` of int64 label to class name.
        size: Int, input height and width of the model.
        resize: Int or `None`, see `fgkeras.data.images.decode`.
        top_k: Int, number of classes that `serving_default` returns.
        temperature: Float, the logits are divided by it.
        activation: String, `"softmax"` or `"sigmoid"`.
        decoder: Int, see `fgkeras.data.images.decode.decode_image`.
    """

    def score(images):
        logits, embedding = model(images, training=False)
        logits = tf.cast(logits, tf.float32) / temperature
        embedding = tf.cast(embedding, tf.float32)
        return {
            "logits": logits,
            "probabilities": ACTIVATIONS[activation](logits),
            # A zero vector stays zero.
            "embedding": tf.math.l2_normalize(embedding, 1, epsilon=1e-24),
        }

    def score_bytes(image_bytes):
        images, valid = decode_batch_guarded(
            image_bytes, size, resize, decoder=decoder
        )
        rows = {
            # A row that was not decoded says nothing, not something small.
            name: tf.where(valid[:, None], value, 0)
            for name, value in score(images).items()
        }
        return rows, valid

    def serving_default(image_bytes):
        rows, valid = score_bytes(image_bytes)
        # Ranked by logits, since scores near 1 round to the same number.
        best = tf.math.top_k(rows["logits"], top_k).indices
        names = labels.lookup(tf.cast(best, tf.int64))
        return {
            "classes": tf.where(valid[:, None], names, ""),
            "scores": tf.gather(rows["probabilities"], best, batch_dims=1),
            "embedding": rows["embedding"],
            "valid": valid,
        }

    def probabilities(image_bytes):
        rows, valid = score_bytes(image_bytes)
        return {"probabilities": rows["probabilities"], "valid": valid}

    def embed(image_bytes):
        rows, valid = score_bytes(image_bytes)
        return {"embedding": rows["embedding"], "valid": valid}

    def serve_tensor(images):
        return score(images)

    encoded = [tf.TensorSpec((None,), tf.string, name="image_bytes")]
    pixels = [tf.TensorSpec((None, size, size, 3), name="images")]
    return {
        "serving_default": (serving_default, encoded),
        "probabilities": (probabilities, encoded),
        "embed": (embed, encoded),
        "serve_tensor": (serve_tensor, pixels),
    }
