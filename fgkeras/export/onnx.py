"""A model as an ONNX file, for ONNX Runtime and what else reads it."""

import importlib.util

from fgkeras.export.parity import TOLERANCE
from fgkeras.export.preprocessing import dtype_of
from fgkeras.export.served import checked
from fgkeras.export.signatures import check_no_fft
from fgkeras.export.signatures import open_graph
from fgkeras.export.signatures import pixel_graph
from fgkeras.export.signatures import quiet
from fgkeras.export.version import write_compared
from fgkeras.storage import whole_file

# Of 2021: old enough for every runtime in use, and tf2onnx writes it whole.
OPSET = 15
_NEEDED = ("onnx", "tf2onnx", "onnxruntime")


def write_onnx(
    served, directory, *, input="float", overwrite=False, tolerance=TOLERANCE
):
    """Writes what is served as `directory/onnx/1/model.onnx`.

    Pixels `images` of shape `(batch, size, size, 3)`, 0 to 255, of any number
    of pictures give what `fgkeras.export.answers.answers` lists, each output
    under its name. The names of the classes stand in `labels.json` beside it,
    how pixels are made in `model-metadata.json`.

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
        ValueError: If its packages are missing, a version exists, an operation
            of the model has no form in ONNX, or the answers are further apart
            than `tolerance`.
    """
    _check_packages()
    served, dtype = checked(served), dtype_of(input)

    def write_graph(folder):
        content = _converted(pixel_graph(served, dtype))
        with whole_file(folder / "model.onnx", size=len(content)) as file:
            file.write(content)

    return write_compared(
        served,
        directory,
        write_graph,
        lambda folder: {input: onnx_answers(folder / "model.onnx")},
        kind="onnx",
        inputs=(dtype,),
        overwrite=overwrite,
        tolerance=tolerance,
    )


def onnx_answers(path):
    """Returns what an ONNX file answers: a function of a batch of pixels.

    Args:
        path: Path of an `.onnx` file.

    Returns:
        Function of an array of shape `(batch, size, size, 3)` that returns a
        dict of output name to a NumPy array.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(
        str(path), providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    return lambda images: dict(
        zip(names, session.run(names, {"images": images}), strict=True)
    )


def _check_packages():
    missing = [n for n in _NEEDED if importlib.util.find_spec(n) is None]
    if missing:
        raise ValueError(
            "An export to ONNX needs onnx, tf2onnx and onnxruntime. Received: "
            f"no {' and no '.join(missing)} here. Install them with "
            '`pip install "fgkeras[onnx]"`, or export to another format '
            "(--format)."
        )


def _converted(graph):
    """The content of the ONNX file of a `tf.function` from `images`."""
    import onnx
    import tf2onnx

    # The converter writes Fourier transforms that no runtime knows.
    check_no_fft(graph.get_concrete_function(), "An ONNX file")
    try:
        with open_graph(), quiet():
            model, _ = tf2onnx.convert.from_function(
                graph, input_signature=graph.input_signature, opset=OPSET
            )
    except MemoryError:
        raise
    # The converter raises errors of many kinds.
    except Exception as error:
        raise ValueError(
            "Every operation must have a form in ONNX. Received: a model that "
            f"has not: {str(error)[:500]}"
        ) from error
    for value in (*model.graph.input, *model.graph.output):
        # Otherwise each of them is a dimension with a number for a name.
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    onnx.checker.check_model(model)
    return model.SerializeToString()
