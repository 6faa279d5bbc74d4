"""Exports a model as a SavedModel that takes image bytes."""

import contextlib
import pathlib
import tempfile
import warnings

import keras
import numpy as np
import tensorflow as tf

from fgkeras.data.images.image import DECODER_VERSION
from fgkeras.export.gallery import write_gallery
from fgkeras.export.load import ExportedClassifier
from fgkeras.export.parity import TOLERANCE
from fgkeras.export.served import Served
from fgkeras.export.served import checked
from fgkeras.export.served import label_lines
from fgkeras.export.serving_config import write_serving_config
from fgkeras.export.signatures import signatures
from fgkeras.export.version import write_compared
from fgkeras.export.warmup import write_warmup
from fgkeras.storage import DiskRefusal


def export_classifier(
    model,
    directory,
    *,
    class_names,
    image_size,
    resize=None,
    top_k=5,
    temperature=1.0,
    activation="softmax",
    metadata=None,
    overwrite=False,
    decoder=DECODER_VERSION,
    tolerance=TOLERANCE,
):
    """Writes `directory/saved_model/1`, ready for TensorFlow Serving.

    The SavedModel needs neither Keras nor this package. Its signatures:
    `serving_default` takes `image_bytes` (strings, the files as they are) to
    `classes` and `scores` of shape `(batch, top_k)`, `embedding` of length 1
    per row, and `valid`; `probabilities` and `embed` take the same to all
    scores or to the embedding alone; `serve_tensor` takes `images` (float,
    `(batch, size, size, 3)`, 0 to 255) to `logits`, `probabilities` and
    `embedding`, and `serve_uint8` those of type uint8 to the same. A file that
    is no image gives a row of empty names and zeros with `valid` false, and
    changes no other row.

    The folder holds `labels.json`, `model-metadata.json`, `MODEL_CARD.md`,
    requests for warming up and `SHA256SUMS` too; beside the versions stand
    configurations of TensorFlow Serving (`tf_serving`). It is written under a
    hidden name and renamed when complete: a killed export leaves at most a
    folder `.unfinished-*`, which the next one removes, and never a version.
    Before, its answers are compared with the model's, see
    `fgkeras.export.parity`.

    Args:
        model: Keras functional model from raw pixels (float, 0 to 255) of
            shape `(batch, image_size, image_size, 3)` to logits, with a layer
            named `pooling` or `embedding`.
        directory: Path; made when it is missing.
        class_names: Sequence of strings, in label order.
        image_size: Int, in pixels.
        resize: Int of at least `image_size`, or `None` (default): see
            `fgkeras.data.images.decode.decode_for_evaluation`.
        top_k: Int from 1 to the number of classes. Default 5.
        temperature: Positive float that divides the logits. Default 1.
        activation: `"softmax"` (default) or `"sigmoid"`: how the model was
            trained.
        metadata: Dict for the model card, JSON values. Default none.
        decoder: Int, how pictures are decoded: as today (default), or as an
            earlier run saw them.
        overwrite: Bool. Where versions exist, `True` adds the next number,
            which is the one served from then on; no version is ever changed
            or deleted. Default `False`, an error.
        tolerance: Float of at least 0, how far its probabilities and
            normalised embeddings may be from the model's. Default 1e-5.

    Returns:
        `pathlib.Path` of the new version.

    Raises:
        ValueError: An argument is out of range, a version exists, or the
            answers are further apart than `tolerance`.

    Example:

    >>> from fgkeras.export import load_exported
    >>> x = keras.Input((8, 8, 3))
    >>> y = keras.layers.GlobalAveragePooling2D(name="pooling")(x)
    >>> model = keras.Model(x, keras.layers.Dense(2)(y))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = export_classifier(
    ...         model, folder, class_names=["a", "b"], image_size=8, top_k=1
    ...     )
    ...     names = load_exported(folder).class_names
    >>> path.name, names
    ('1', ('a', 'b'))
    """
    served = Served(
        model,
        tuple(str(name) for name in class_names),
        image_size,
        resize,
        activation,
        metadata,
        decoder,
    )
    return _write(
        served,
        directory,
        top_k=top_k,
        temperature=temperature,
        overwrite=overwrite,
        tolerance=tolerance,
    )


def write_saved_model(
    served,
    directory,
    *,
    top_k=5,
    overwrite=False,
    tolerance=TOLERANCE,
    gallery=None,
):
    """Writes what is served as `directory/saved_model/1`.

    With classes as `export_classifier`, else as `export_embedder`; and with
    what `served.sets` and `served.known` say of a picture. Beside it stand
    configurations of TensorFlow Serving, see
    `fgkeras.export.serving_config.write_serving_config`.

    Args:
        served: `Served`.
        directory: Path; made when it is missing.
        top_k: Int at least 1, classes returned per image; reduced to those
            there are. Defaults to `5`.
        overwrite: Bool, whether to add a version beside existing ones.
            Defaults to `False`.
        tolerance: Float of at least 0, how far its answers may be from the
            model's. Defaults to 1e-5.
        gallery: `fgkeras.export.gallery.Gallery` that a server looks pictures
            up in, or `None` (default).

    Returns:
        `pathlib.Path` of the new version.

    Raises:
        ValueError: An argument is out of range, a version exists, or the
            answers are further apart than `tolerance`.
    """
    if served.class_names and isinstance(top_k, int):
        top_k = min(top_k, len(served.class_names))
    return _write(
        served,
        directory,
        top_k=top_k,
        overwrite=overwrite,
        tolerance=tolerance,
        gallery=gallery,
    )


def _write(
    served,
    directory,
    *,
    top_k,
    overwrite,
    tolerance,
    temperature=1.0,
    gallery=None,
):
    """Checks what is served, writes it and compares it."""
    served = checked(served)
    output = {}
    if served.class_names:
        _check(served, top_k, temperature)
        output = {"top_k": top_k}
        if temperature != 1:
            # That of a run is part of its model, and stands with what it did.
            output["temperature"] = float(temperature)

    def write(folder):
        _write_graph(served, folder, top_k, temperature)
        if gallery is not None:
            write_gallery(folder, gallery)

    path = write_compared(
        served,
        directory,
        write,
        lambda folder: _signatures_of(ExportedClassifier(folder)),
        kind="saved_model",
        inputs=("bytes", "uint8", "float32"),
        output=output,
        overwrite=overwrite,
        tolerance=tolerance,
        temperature=temperature,
    )
    try:
        write_serving_config(path)
    except (DiskRefusal, OSError) as error:
        # The version is whole, and served without them.
        warnings.warn(
            f"{path} is there, but not the configurations of TensorFlow "
            f"Serving beside it: {error}",
            UserWarning,
            stacklevel=4,
        )
    return path


def _signatures_of(exported):
    """What the signatures answer, by the kind of their input.

    Of bytes it is the default one, which shares its graph with the others: a
    signature takes seconds to prepare.
    """
    labels = {name: i for i, name in enumerate(exported.class_names)}

    def of_bytes(rows):
        found = exported.run("serving_default", rows)
        if "classes" in found:
            found["labels"] = np.array(
                [
                    [labels.get(c.decode(), -1) for c in row]
                    for row in found["classes"]
                ]
            )
        return found

    return {
        "bytes": of_bytes,
        "float": lambda rows: exported.run("serve_tensor", rows),
        "uint8": lambda rows: exported.run("serve_uint8", rows),
    }


def _check(served, top_k, temperature):
    num_classes = len(served.class_names)
    if not isinstance(top_k, int) or not 1 <= top_k <= num_classes:
        raise ValueError(
            "`top_k` must be an int from 1 to the number of classes, which is "
            f"{num_classes}. Received: top_k={top_k!r}"
        )
    if not 0 < temperature < float("inf"):
        raise ValueError(
            "`temperature` must be a positive number. "
            f"Received: temperature={temperature!r}"
        )


def _write_graph(served, folder, top_k, temperature):
    """Writes the SavedModel itself, with the class names as an asset."""
    archive = keras.export.ExportArchive()
    archive.track(served.model)
    with contextlib.ExitStack() as stack:
        table = None
        if served.class_names:
            scratch = stack.enter_context(tempfile.TemporaryDirectory())
            table = _table(served.class_names, pathlib.Path(scratch))
            archive.track(table)
        endpoints = signatures(
            served, table, top_k=top_k, temperature=temperature
        )
        for name, (function, specification) in endpoints.items():
            archive.add_endpoint(name, function, input_signature=specification)
        archive.write_out(str(folder), verbose=False)
    write_warmup(folder, served.image_size)


def _table(class_names, folder):
    """The class names by label, from a file that becomes an asset."""
    path = folder / "labels.txt"
    path.write_text(label_lines(class_names), encoding="utf-8", newline="\n")
    return tf.lookup.StaticHashTable(
        tf.lookup.TextFileInitializer(
            str(path),
            tf.int64,
            tf.lookup.TextFileIndex.LINE_NUMBER,
            tf.string,
            tf.lookup.TextFileIndex.WHOLE_LINE,
        ),
        default_value="",
    )
