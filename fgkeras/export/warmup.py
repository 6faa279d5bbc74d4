"""Requests that TensorFlow Serving plays to a model before it serves it."""

import tensorflow as tf


def _varint(number):
    parts = []
    while number >= 128:
        parts.append(number % 128 + 128)
        number //= 128
    return bytes([*parts, number])


def _field(number, data):
    """A protocol buffer field that holds bytes, text or another message."""
    return _varint(number * 8 + 2) + _varint(len(data)) + data


def prediction_log(signature, inputs):
    """Encodes one `PredictionLog` message without its generated classes.

    The classes come with a package that brings a second TensorFlow; the four
    messages around the tensors are short enough to write out.

    Args:
        signature: String, such as `"serving_default"`.
        inputs: Dict of input name to a value that becomes a tensor.

    Returns:
        Bytes.

    Reference:

    - `prediction_log.proto`, `predict.proto` and `model.proto` of
      [TensorFlow Serving](https://github.com/tensorflow/serving).
    """
    request = _field(1, _field(3, signature.encode()))
    for name, value in inputs.items():
        tensor = tf.make_tensor_proto(value).SerializeToString()
        request += _field(2, _field(1, name.encode()) + _field(2, tensor))
    return _field(6, _field(1, request))


def write_warmup(folder, image_size, batch_sizes=(1, 4)):
    """Writes `assets.extra/tf_serving_warmup_requests` with gray images.

    Without it the first requests wait for what TensorFlow prepares lazily.

    Args:
        folder: `pathlib.Path` of a SavedModel.
        image_size: Int, the side of the images, in pixels.
        batch_sizes: Sequence of ints, one request each; at most 1,000.
    """
    gray = tf.fill((image_size, image_size, 3), tf.constant(127, tf.uint8))
    image = tf.io.encode_jpeg(gray).numpy()
    extra = folder / "assets.extra"
    extra.mkdir(exist_ok=True)
    path = str(extra / "tf_serving_warmup_requests")
    with tf.io.TFRecordWriter(path) as writer:
        for batch in batch_sizes:
            images = {"image_bytes": [image] * batch}
            writer.write(prediction_log("serving_default", images))
