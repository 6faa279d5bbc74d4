"""Weights of a body, from whatever file or run they were left in."""

import pathlib

import h5py
import keras
import numpy as np

from fgkeras.models import parts
from fgkeras.models.frozen_batch_norm import FrozenBatchNormalization
from fgkeras.models.frozen_batch_norm import freeze_batch_norm
from fgkeras.models.loading import load_model


def find_weights(weights):
    """Returns the file that names the weights of a body.

    Args:
        weights: Path of an `.h5` or `.keras` file, or of a run folder, which
            holds `model.keras`.

    Returns:
        `pathlib.Path` of an existing file.

    Raises:
        ValueError: If there is none.

    Example:
    >>> find_weights("lost.h5")
    Traceback (most recent call last):
        ...
    ValueError: `weights` must be None, "imagenet", a run folder, or an \
existing file that ends in .h5 or .keras. Received: weights='lost.h5'.
    """
    path = pathlib.Path(weights)
    if path.is_dir() and (path / "config.json").is_file():
        path = path / "model.keras"
        if not path.is_file():
            raise ValueError(
                "A run gives its body once it has finished. Received: "
                f"weights={str(weights)!r}, which has no model.keras. Run its "
                "training command again: it goes on where it stopped."
            )
    if path.suffix not in (".h5", ".hdf5", ".keras") or not path.is_file():
        raise ValueError(
            '`weights` must be None, "imagenet", a run folder, or an existing '
            "file that ends in .h5 or .keras. Received: "
            f"weights={str(weights)!r}."
        )
    return path


def with_weights(body, path):
    """Returns a body with the weights of a file, all of them or an error.

    Args:
        body: `keras.Model` made by `backbone`, which names it.
        path: Path of a file: `.h5` by `save_weights` of Keras 3 or of earlier
            versions, such as those named `no_top` that Keras offers; `.keras`
            of such a body, or of a classifier or embedder that has one.

    Returns:
        `body`; or a copy of the stored body where that has layers without
        weights that `body` has not, as EfficientNet from ImageNet.

    Raises:
        ValueError: If they are weights of something else.
    """
    path = pathlib.Path(path)
    if path.suffix == ".keras":
        return _of_model(body, path)
    try:
        with h5py.File(path, "r") as file:
            group = file.get("model_weights", file)
            if _attribute(group, "layer_names") is not None:
                return _set_all(body, _old_layers(group), path)
            names = _datasets(file)
    except OSError as error:
        raise ValueError(
            "`weights` must be a readable HDF5 file. Received: weights="
            f"{str(path)!r} ({error}). It may be cut short: fetch it again."
        ) from error
    return _load(body, names, path)


def _load(body, names, path):
    """Loads a file of Keras 3, whose groups are named by layers' classes."""
    if not path.name.endswith(".weights.h5"):
        raise ValueError(
            "`weights` of Keras 3 must be in a file that ends in .weights.h5. "
            f"Received: weights={str(path)!r}. Rename it."
        )
    skipped = ("seed_generator", "optimizer")
    stored = sum(not any(s in name for s in skipped) for name in names)
    if stored != len(body.weights):
        raise ValueError(
            f"`weights` must come from a {body.name} without its top, which "
            f"has {len(body.weights)} variables. Received: weights="
            f"{str(path)!r} with {stored}."
        )
    frozen = any("frozen_batch_normalization" in name for name in names)
    twin = freeze_batch_norm(body) if frozen else body
    try:
        twin.load_weights(path)
    except (ValueError, KeyError) as error:
        raise ValueError(
            f"`weights` must come from a {body.name} without its top. "
            f"Received: weights={str(path)!r}, which does not fit: {error}"
        ) from error
    if frozen:
        body.set_weights(twin.get_weights())
    return body


def _of_model(body, path):
    stored = load_model(path)
    stored = getattr(stored, "embedder", stored)
    if parts.BACKBONE in parts.layer_names(stored):
        stored = stored.get_layer(parts.BACKBONE)
    layers = [
        (layer.name, layer.get_weights())
        for layer in stored.layers
        if layer.weights
    ]
    more = len(stored.layers) > len(body.layers)
    if _kinds(stored) != _kinds(body) or (
        more and stored.input_shape != body.input_shape
    ):
        raise ValueError(
            f"`weights` must come from a {body.name} whose output was pooled, "
            f"of input size {body.input_shape[1:3]} where it has a first layer "
            f"of its own. Received: weights={str(path)!r}, whose body has "
            f"{len(layers)} layers with weights and input size "
            f"{stored.input_shape[1:3]}. The backbone, model.pooled_layer and "
            "data.size of a run are in its config.json."
        )
    _set_all(body, layers, path)
    return _thawed(stored, body.name) if more else body


def _kinds(model):
    """The classes of the layers with weights, a frozen one as what it is."""
    return [
        keras.layers.BatchNormalization
        if isinstance(layer, FrozenBatchNormalization)
        else type(layer)
        for layer in model.layers
        if layer.weights
    ]


def _thawed(model, name):
    """Returns a copy of a model with ordinary batch normalization."""

    def clone(layer):
        kind = type(layer)
        if kind is FrozenBatchNormalization:
            kind = keras.layers.BatchNormalization
        return kind.from_config(layer.get_config())

    twin = keras.models.clone_model(model, clone_function=clone, recursive=True)
    twin.set_weights(model.get_weights())
    twin.name = name
    return twin


def _set_all(body, stored, path):
    """Sets the weights of layers in their order, once all are known to fit."""
    layers = [layer for layer in body.layers if layer.weights]
    if len(layers) != len(stored):
        raise ValueError(
            f"`weights` must come from a {body.name} without its top, which "
            f"has {len(layers)} layers with weights. Received: weights="
            f"{str(path)!r} with {len(stored)}."
        )
    for layer, (name, arrays) in zip(layers, stored, strict=True):
        wanted = [tuple(v.shape) for v in layer.weights]
        found = [np.shape(a) for a in arrays]
        if wanted != found:
            raise ValueError(
                f"`weights` must come from a {body.name} without its top, "
                f"whose layer {layer.name} has weights of shapes {wanted}. "
                f"Received: weights={str(path)!r} with {name} of {found}."
            )
    for layer, (_, arrays) in zip(layers, stored, strict=True):
        layer.set_weights(arrays)
    return body


def _old_layers(group):
    """Returns `(name, arrays)` of the layers that have weights, in order."""
    out = []
    for layer in _attribute(group, "layer_names"):
        names = _attribute(group[layer], "weight_names") or []
        if names:
            out.append((layer, [np.asarray(group[layer][n]) for n in names]))
    return out


def _attribute(group, name):
    """Returns a list of strings, which long ones keep in numbered parts."""
    parts = [name] if name in group.attrs else []
    while f"{name}{len(parts)}" in group.attrs:
        parts.append(f"{name}{len(parts)}")
    if not parts:
        return None
    values = [v for part in parts for v in group.attrs[part]]
    return [v.decode() if isinstance(v, bytes) else str(v) for v in values]


def _datasets(file):
    names = []
    file.visititems(
        lambda name, item: (
            names.append(name) if isinstance(item, h5py.Dataset) else None
        )
    )
    return names
