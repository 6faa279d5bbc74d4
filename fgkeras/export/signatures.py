"""The signatures of an exported model, as TensorFlow functions."""

import contextlib
import logging
import re

import tensorflow as tf

from fgkeras.data.images.decode import decode_batch_guarded
from fgkeras.export.answers import OUTPUTS
from fgkeras.export.answers import answers
from fgkeras.export.served import with_embedding
from fgkeras.ops.sketches.open_batch import open_batch

_FFT = re.compile(r"I?R?FFT([23]D|ND)?")


def answering(served, temperature=1.0):
    """Returns a function from pixels to all that is answered of them.

    Args:
        served: `fgkeras.export.served.Served`.
        temperature: Float, the logits are divided by it. Defaults to 1.

    Returns:
        Function of a tensor of shape `(batch, size, size, 3)`, values 0 to
        255, of any numeric type, that returns the dict of
        `fgkeras.export.answers.answers`.
    """
    knows = bool(served.class_names)
    model = with_embedding(served.model) if knows else served.model

    def answer(images):
        found = model(tf.cast(images, tf.float32), training=False)
        if not knows:
            return answers(served, None, found)
        logits = tf.cast(found[0], tf.float32)
        if temperature != 1:
            logits = logits / temperature
        return answers(served, logits, found[1])

    return answer


def pixel_graph(served, dtype="float32"):
    """Traces all that is answered of pixels, for ONNX Runtime and LiteRT.

    Args:
        served: `fgkeras.export.served.Served`.
        dtype: String, `"float32"` (default) or `"uint8"`, the type of pixels.

    Returns:
        `tf.function` of `images`, whose batch is open, traced without loops.
    """
    shape = (None, served.image_size, served.image_size, 3)
    pixels = tf.TensorSpec(shape, dtype, name="images")
    graph = tf.function(answering(served), input_signature=[pixels])
    with open_graph():
        # What is traced now is what is found again by the same signature.
        graph.get_concrete_function()
    return graph


def open_graph():
    """Returns what a model for other runtimes is traced within.

    See `fgkeras.ops.sketches.open_batch`.
    """
    return open_batch(_values)


def check_no_fft(traced, runtime):
    """Refuses a graph with a Fourier transform, before it is converted.

    Args:
        traced: `ConcreteFunction`, what would be converted.
        runtime: String, the name of what would run it.

    Raises:
        ValueError: If an operation is a fast Fourier transform.
    """
    graph = traced.graph.as_graph_def()
    nodes = [*graph.node]
    for function in graph.library.function:
        nodes.extend(function.node_def)
    found = sorted({n.op for n in nodes if _FFT.fullmatch(n.op)})
    if found:
        raise ValueError(
            f"{runtime} has no fast Fourier transform. Received: a model with "
            f'{" and ".join(found)}, as of a pooling with transform="fft". '
            'Make it with transform="fourier" (of a run, '
            "--set pooling.transform=fourier), which gives the same numbers "
            "by products with matrices and takes the same weights, or export "
            "to a SavedModel (--format saved_model)."
        )


def _values(weight):
    # Out of the graph that is traced, where a weight has no values.
    with tf.init_scope():
        return tf.convert_to_tensor(weight).numpy()


@contextlib.contextmanager
def quiet():
    """Keeps the logs of TensorFlow and of converters to errors, within it."""
    loggers = tf.get_logger(), logging.getLogger("tf2onnx")
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def signatures(served, labels=None, *, top_k=0, temperature=1.0):
    """Returns a dict of signature name to `(function, input_signature)`.

    Args:
        served: `fgkeras.export.served.Served`.
        labels: `tf.lookup.StaticHashTable` of int64 label to class name;
            `None` (default) of a model without classes.
        top_k: Int, number of classes that `serving_default` returns.
        temperature: Float, the logits are divided by it. Defaults to 1.
    """
    size = served.image_size
    pixels = tf.TensorSpec((None, size, size, 3), name="images")
    bytes_ = tf.TensorSpec((None,), tf.string, name="image_bytes")
    # Each is in the file once, whoever calls it.
    score = tf.function(
        answering(served, temperature), input_signature=[pixels]
    )

    @tf.function(input_signature=[bytes_])
    def score_bytes(image_bytes):
        images, valid = decode_batch_guarded(
            image_bytes, size, served.resize, decoder=served.decoder
        )
        # A row that was not decoded says nothing, not something small.
        rows = {k: _masked(valid, v) for k, v in score(images).items()}
        return rows, valid

    def chosen(*names):
        def of_bytes(image_bytes):
            rows, valid = score_bytes(image_bytes)
            found = {name: rows[name] for name in names if name in rows}
            return {**found, "valid": valid}

        return of_bytes

    def serving_default(image_bytes):
        rows, valid = score_bytes(image_bytes)
        found = {"embedding": rows["embedding"], "valid": valid}
        if labels is not None:
            # Ranked by logits, since scores near 1 round to the same number.
            best = tf.math.top_k(rows["logits"], top_k).indices
            names = labels.lookup(tf.cast(best, tf.int64))
            found["classes"] = tf.where(valid[:, None], names, "")
            found["scores"] = tf.gather(
                rows["probabilities"], best, batch_dims=1
            )
        if "in_set" in rows:
            members = tf.cast(rows["in_set"], tf.int32)
            found["set_size"] = tf.reduce_sum(members, axis=1)
        for name in ("known_score", "known"):
            if name in rows:
                found[name] = rows[name]
        return found

    def serve_tensor(images):
        return score(images)

    def serve_uint8(images):
        return score(tf.cast(images, tf.float32))

    of_uint8 = tf.TensorSpec(pixels.shape, tf.uint8, name="images")
    found = {
        "serving_default": (serving_default, [bytes_]),
        "embed": (chosen("embedding"), [bytes_]),
        "serve_tensor": (serve_tensor, [pixels]),
        "serve_uint8": (serve_uint8, [of_uint8]),
    }
    if labels is not None:
        found["probabilities"] = (chosen(*OUTPUTS), [bytes_])
    return found


def _masked(valid, values):
    """Values with zeros, or false, in rows that are not valid."""
    shape = tf.concat([tf.shape(valid), [1] * (values.shape.rank - 1)], 0)
    return tf.where(tf.reshape(valid, shape), values, tf.zeros_like(values))
