"""A model as a LiteRT flatbuffer of built-in operations."""

import pathlib

import keras
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import (
    convert_variables_to_constants_v2,
)

from fgkeras.export.version import write_version
from fgkeras.models.parts import weight_bytes
from fgkeras.storage import whole_file


def export_litert(model, path, *, batch_size=1):
    """Writes a model for LiteRT (TensorFlow Lite), for phones and boards.

    Only built-in operations are used, so that the plain interpreter runs it.
    Kernel pooling and compact bilinear pooling convert: their transforms are
    products of real matrices.

    Args:
        model: `keras.Model` with one input and one output, float32.
        path: Path of the `.tflite` file to write.
        batch_size: Int at least 1, images per call. Defaults to `1`.

    Returns:
        `pathlib.Path` of the file.

    Raises:
        ValueError: If `path` has another ending, the input's shape is not
            static, or an operation has no built-in form.

    Example:

    >>> x = keras.Input((8, 8, 3))
    >>> y = keras.layers.GlobalAveragePooling2D()(x)
    >>> model = keras.Model(x, keras.layers.Dense(2)(y))
    >>> path = export_litert(model, "model.tflite")
    >>> interpreter = tf.lite.Interpreter(str(path))
    >>> interpreter.get_output_details()[0]["shape"].tolist()
    [1, 2]
    """
    path = pathlib.Path(path)
    shape = tuple(model.input_shape[1:])
    if path.suffix != ".tflite":
        raise ValueError(
            f"`path` must end in .tflite. Received: path={str(path)!r}."
        )
    if keras.backend.backend() != "tensorflow" or None in shape:
        raise ValueError(
            "LiteRT needs the TensorFlow backend and a static input shape. "
            f"Received: backend {keras.backend.backend()}, input shape "
            f"{shape}."
        )

    @tf.function(input_signature=[tf.TensorSpec((batch_size, *shape))])
    def predict(images):
        return model(images, training=False)

    # As constants: integer variables, which hash tables are, stay unset there.
    frozen = convert_variables_to_constants_v2(predict.get_concrete_function())
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen], model)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    try:
        content = converter.convert()
    except Exception as error:
        raise ValueError(
            "Every operation must have a built-in form in LiteRT. Received: "
            f"a model that has not: {str(error)[:500]}"
        ) from error
    with whole_file(path, size=len(content)) as file:
        file.write(content)
    return path


def write_litert(served, directory, *, overwrite=False):
    """Writes what is served as `directory/litert/1/model.tflite`.

    One image of raw pixels, `(1, size, size, 3)`, 0 to 255, gives the scores
    of all classes, whose names stand in `labels.json` beside it; without
    classes its vector of length 1. Whoever calls it decodes and crops.

    Args:
        served: `Served`.
        directory: Path; made when it is missing.
        overwrite: Bool, whether to add a version beside existing ones.
            Defaults to `False`.

    Returns:
        `pathlib.Path` of the new version.

    Raises:
        ValueError: If a version exists, or an operation of the model has no
            built-in form.
    """
    model, labels = served.model, list(served.class_names)
    if labels:
        last = keras.layers.Activation(served.activation, dtype="float32")
        output = {"scores": len(labels), "activation": served.activation}
    else:
        last = keras.layers.UnitNormalization(dtype="float32")
        output = {"embedding_size": int(model.outputs[0].shape[-1])}
    whole = keras.Model(model.inputs[0], last(model.outputs[0]))

    def write_graph(folder):
        export_litert(whole, folder / "model.tflite")

    return write_version(
        directory,
        write_graph,
        class_names=labels,
        image_size=served.image_size,
        resize=served.resize,
        output=output,
        metadata=served.metadata,
        overwrite=overwrite,
        kind="litert",
        size=weight_bytes(whole),
    )
