"""Exports a classifier as a SavedModel that takes image bytes."""

import hashlib
import pathlib
import tempfile

import keras
import tensorflow as tf

from fgkeras.data.images.decode import check_sizes
from fgkeras.data.images.image import DECODER_VERSION
from fgkeras.export.embedder import export_embedder
from fgkeras.export.signatures import ACTIVATIONS
from fgkeras.export.signatures import signatures
from fgkeras.export.signatures import with_embedding
from fgkeras.export.version import write_version
from fgkeras.export.warmup import write_warmup
from fgkeras.models.parts import weight_bytes


def _check(model, class_names, size, top_k, temperature, activation):
    bad = [n for n in class_names if not n or "\n" in n or "\r" in n]
    if bad or len(set(class_names)) != len(class_names):
        raise ValueError(
            "`class_names` must be distinct, not empty and of one line each. "
            f"Received: class_names={bad or class_names}"
        )
    num_classes = len(class_names)
    logits = model.outputs[0]
    if logits.shape[1:] != (num_classes,):
        raise ValueError(
            "`class_names` must name every logit of the model. Received: "
            f"{num_classes} names, model output of shape {logits.shape}"
        )
    if any(d not in (None, size) for d in model.input.shape[1:3]):
        raise ValueError(
            "`image_size` must be the input size of the model. Received: "
            f"image_size={size}, model input of shape {model.input.shape}"
        )
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
    if activation not in ACTIVATIONS:
        raise ValueError(
            f"`activation` must be one of {sorted(ACTIVATIONS)}. "
            f"Received: activation={activation!r}"
        )


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
):
    """Writes `directory/saved_model/1`, ready for TensorFlow Serving.

    The SavedModel needs neither Keras nor this package. Its signatures:
    `serving_default` takes `image_bytes` (strings, the files as they are) to
    `classes` and `scores` of shape `(batch, top_k)`, `embedding` of length 1
    per row, and `valid`; `probabilities` and `embed` take the same to all
    scores or to the embedding alone; `serve_tensor` takes `images` (float,
    `(batch, size, size, 3)`, 0 to 255) to `logits`, `probabilities` and
    `embedding`. A file that is no image gives a row of empty names and zeros
    with `valid` false, and changes no other row.

    The folder holds `labels.json`, `model-metadata.json`, `MODEL_CARD.md`,
    requests for warming up and `SHA256SUMS` too. It is written under a hidden
    name and renamed when complete: a killed export leaves at most a folder
    `.unfinished-*`, which the next one removes, and never a version.

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

    Returns:
        `pathlib.Path` of the new version.

    Raises:
        ValueError: An argument is out of range, or a version exists.

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
    class_names = [str(name) for name in class_names]
    check_sizes(image_size, resize)
    _check(model, class_names, image_size, top_k, temperature, activation)
    model = with_embedding(model)
    labels = "".join(f"{name}\n" for name in class_names)
    settings = {
        "size": image_size,
        "resize": resize,
        "top_k": top_k,
        "temperature": float(temperature),
        "activation": activation,
        "decoder": decoder,
    }
    output = {
        "num_classes": len(class_names),
        "class_names_sha256": hashlib.sha256(labels.encode()).hexdigest(),
        "embedding_size": int(model.outputs[1].shape[-1]),
        "top_k": top_k,
        "temperature": float(temperature),
        "activation": activation,
    }
    return write_version(
        directory,
        lambda folder: _write_graph(model, folder, labels, settings),
        class_names=class_names,
        image_size=image_size,
        resize=resize,
        output=output,
        metadata=metadata,
        overwrite=overwrite,
        decoder=decoder,
        size=weight_bytes(model),
    )


def write_saved_model(served, directory, *, top_k=5, overwrite=False):
    """Writes what is served as `directory/saved_model/1`.

    With classes as `export_classifier`, else as `export_embedder`.

    Args:
        served: `Served`.
        directory: Path; made when it is missing.
        top_k: Int at least 1, classes returned per image; reduced to those
            there are. Defaults to `5`.
        overwrite: Bool, whether to add a version beside existing ones.
            Defaults to `False`.

    Returns:
        `pathlib.Path` of the new version.

    Raises:
        ValueError: An argument is out of range, or a version exists.
    """
    shared = {
        "image_size": served.image_size,
        "resize": served.resize,
        "metadata": served.metadata,
        "overwrite": overwrite,
        "decoder": served.decoder,
    }
    if not served.class_names:
        return export_embedder(served.model, directory, **shared)
    return export_classifier(
        served.model,
        directory,
        class_names=served.class_names,
        top_k=min(top_k, len(served.class_names)),
        activation=served.activation,
        **shared,
    )


def _write_graph(model, folder, labels, settings):
    """Writes the SavedModel itself, with the class names as an asset."""
    with tempfile.TemporaryDirectory() as scratch:
        path = pathlib.Path(scratch) / "labels.txt"
        path.write_text(labels, encoding="utf-8", newline="\n")
        table = tf.lookup.StaticHashTable(
            tf.lookup.TextFileInitializer(
                str(path),
                tf.int64,
                tf.lookup.TextFileIndex.LINE_NUMBER,
                tf.string,
                tf.lookup.TextFileIndex.WHOLE_LINE,
            ),
            default_value="",
        )
        archive = keras.export.ExportArchive()
        archive.track(model)
        archive.track(table)
        endpoints = signatures(model, table, **settings)
        for name, (function, specification) in endpoints.items():
            archive.add_endpoint(name, function, input_signature=specification)
        archive.write_out(str(folder), verbose=False)
        write_warmup(folder, settings["size"])
