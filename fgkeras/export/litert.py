"""A model as a LiteRT flatbuffer of built-in operations."""

import importlib.util
import pathlib
import tempfile

import keras
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import (
    convert_variables_to_constants_v2,
)

from fgkeras.export.parity import TOLERANCE
from fgkeras.export.preprocessing import dtype_of
from fgkeras.export.served import checked
from fgkeras.export.signatures import check_no_fft
from fgkeras.export.signatures import open_graph
from fgkeras.export.signatures import pixel_graph
from fgkeras.export.signatures import quiet
from fgkeras.export.version import write_compared
from fgkeras.storage import whole_file


def export_litert(model, path, *, batch_size=1):
    """Writes a model for LiteRT (TensorFlow Lite), for phones and boards.

    Only built-in operations are used, so that the plain interpreter runs it.
    Kernel pooling and compact bilinear pooling convert: their transforms are
    products of real matrices, but for `"fft"`, which is refused.

    Args:
        model: `keras.Model` with one input and one output, float32.
        path: Path of the `.tflite` file to write.
        batch_size: Int at least 1, images per call; or `None` for any number,
            to which whoever runs it resizes the input. Defaults to `1`.

    Returns:
        `pathlib.Path` of the file.

    Raises:
        ValueError: If `path` has another ending, the input's shape is not
            static, or an operation has no built-in form, as a fast Fourier
            transform.

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
    pixels = tf.TensorSpec((batch_size, *shape), name="images")

    @tf.function(input_signature=[pixels])
    def predict(images):
        return {"output_0": model(images, training=False)}

    with open_graph():
        content = _converted(predict)
    with whole_file(path, size=len(content)) as file:
        file.write(content)
    return path


def write_litert(
    served, directory, *, input="float", overwrite=False, tolerance=TOLERANCE
):
    """Writes what is served as `directory/litert/1/model.tflite`.

    Pixels `images` of shape `(batch, size, size, 3)`, 0 to 255, of any number
    of pictures give what `fgkeras.export.answers.answers` lists, each output
    under its name in the file's one signature. The names of the classes stand
    in `labels.json` beside it, how pixels are made in `model-metadata.json`.

    Args:
        served: `Served`.
        directory: Path; made when it is missing.
        input: String, the type of pixels: `"float"` or `"uint8"`. Defaults to
            `"float"`.
        overwrite: Bool, whether to add a version beside existing ones.
            Defaults to `False`.
        tolerance: Float of at least 0, how far its answers may be from the
            model's. Defaults to 1e-5.

    Returns:
        `pathlib.Path` of the new version.

    Raises:
        ValueError: If a version exists, an operation of the model has no
            built-in form, or the answers are further apart than `tolerance`.
    """
    served, dtype = checked(served), dtype_of(input)

    def write_graph(folder):
        with open_graph():
            content = _converted(pixel_graph(served, dtype))
        with whole_file(folder / "model.tflite", size=len(content)) as file:
            file.write(content)

    return write_compared(
        served,
        directory,
        write_graph,
        lambda folder: {input: litert_answers(folder / "model.tflite")},
        kind="litert",
        inputs=(dtype,),
        overwrite=overwrite,
        tolerance=tolerance,
    )


def litert_answers(path):
    """Returns what a LiteRT file answers: a function of a batch of pixels.

    Args:
        path: Path of a `.tflite` file.

    Returns:
        Function of an array of shape `(batch, size, size, 3)` that returns a
        dict of output name to a NumPy array.
    """
    if importlib.util.find_spec("ai_edge_litert"):
        from ai_edge_litert.interpreter import Interpreter
    else:
        Interpreter = tf.lite.Interpreter
    run = Interpreter(model_path=str(path)).get_signature_runner()
    return lambda images: run(images=images)


def _converted(graph):
    """The content of the flatbuffer of a `tf.function` from `images`."""
    traced = graph.get_concrete_function()
    check_no_fft(traced, "LiteRT")
    names = sorted(traced.structured_outputs)
    module = tf.Module()
    with quiet(), tempfile.TemporaryDirectory() as folder:
        # As constants: integer variables, as of hash tables, stay unset there.
        frozen = convert_variables_to_constants_v2(traced)

        @tf.function(input_signature=graph.input_signature)
        def named(images):
            return dict(zip(names, frozen(images), strict=True))

        module.named = named
        signature = named.get_concrete_function()
        tf.saved_model.save(module, folder, signatures=signature)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        try:
            return converter.convert()
        except MemoryError:
            raise
        except Exception as error:
            raise ValueError(
                "Every operation must have a built-in form in LiteRT. "
                f"Received: a model that has not: {str(error)[:500]}"
            ) from error
