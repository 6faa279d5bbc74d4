"""Loading of saved models that use this library's classes."""

import importlib
import json
import pathlib
import warnings
import zipfile

import keras

# Bytes of what describes a model, the largest here has 300 kB; bytes and times
# its own size that a file may unpack to.
_DESCRIPTION, _UNPACKED, _TIMES = 2**26, 2**30, 100
# What holds code, a whole graph, or what another framework pickled.
_PROGRAMS = ("Lambda", "TFSMLayer", "TorchModuleWrapper", "__lambda__")
# Whose classes a file may name.
_MODULES = (
    "fgkeras.layers",
    "fgkeras.losses",
    "fgkeras.mining",
    "fgkeras.models.anchors",
    "fgkeras.models.frozen_batch_norm",
    "fgkeras.models.hardness_aware",
    "fgkeras.models.learning_rates",
    "fgkeras.models.variational",
)


def load_model(path):
    """Loads a `.keras` file, with every class of a model known.

    `keras.models.load_model` finds a class only once its module is imported;
    this imports them all. Safe mode stays on. For loss and optimizer too, use
    `fgkeras.load_model(path, compile=True)`.

    Args:
        path: String or path of a `.keras` file.

    Returns:
        `keras.Model`, not compiled.

    Raises:
        ValueError: If there is no such file, or it holds something else.

    Example:
    >>> import os
    >>> import tempfile
    >>> from fgkeras.models.backbones import backbone
    >>> path = os.path.join(tempfile.mkdtemp(), "body.keras")
    >>> backbone("small_cnn", (64, 64, 3)).save(path)
    >>> load_model(path).output_shape
    (None, 4, 4, 192)
    """
    return read_model(path)


def read_model(path, *, compile=False):
    """Loads a `.keras` file, or says what is wrong with which.

    Args:
        path: String or path of a `.keras` file.
        compile: Bool, whether to restore loss and optimizer too. Defaults to
            `False`.

    Raises:
        ValueError: If there is no such file, it is cut or damaged, or names a
            class that is not known.
    """
    path = model_file(path)
    _check_description(path)
    _refuse_programs(path)
    try:
        with warnings.catch_warnings():
            # Keras goes on where weights are missing, with random ones.
            warnings.filterwarnings("error", ".*freshly-initialized")
            return keras.models.load_model(path, compile=compile)
    except KeyboardInterrupt:
        raise
    # Keras reads it with whatever each layer does of its config.
    except Exception as error:
        why = f"{type(error).__name__}: {str(error)[:500]}"
        raise ValueError(_damaged(path, why)) from error


def _check_description(path):
    """Checks the members that are parsed whole, by what the zip says."""
    if not zipfile.is_zipfile(path):
        raise ValueError(_damaged(path, "it was cut, or is none"))
    try:
        with zipfile.ZipFile(path) as file:
            sizes = {i.filename: i.file_size for i in file.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ValueError(_damaged(path, str(error))) from error
    for name in ("config.json", "metadata.json"):
        size = sizes.get(name, 0)
        if size > _DESCRIPTION:
            why = f"its {name} has {size >> 20} MB"
            raise ValueError(_damaged(path, why))
    total, own = sum(sizes.values()), path.stat().st_size
    if total > max(_UNPACKED, _TIMES * own):
        why = f"its {own >> 20} MB unpack to {total >> 20} MB"
        raise ValueError(_damaged(path, why))


def _refuse_programs(path):
    """Refuses layers that hold code, by name, before anything is made."""
    try:
        with zipfile.ZipFile(path) as file:
            config = json.loads(file.read("config.json"))
    except (KeyError, ValueError, zipfile.BadZipFile, RecursionError):
        return  # Keras says what is wrong with it.
    found = sorted(set(_programs(config)))
    # The function of a layer that is named already.
    found = [name for name in found if name != "__lambda__"] or found
    if found:
        raise ValueError(
            "A model is read as numbers and known layers, never as a program. "
            f"Received: {path}, with {', '.join(found[:5])}. Such a layer runs "
            "whatever its author wrote: build the model again of layers that "
            "are classes of your own, registered with "
            "keras.saving.register_keras_serializable."
        )


def _programs(config):
    """Yields the layers of a description that hold code."""
    stack = [config]
    while stack:
        one = stack.pop()
        if isinstance(one, list):
            stack.extend(one)
        if not isinstance(one, dict):
            continue
        stack.extend(one.values())
        kind, inner = one.get("class_name"), one.get("config")
        if kind in _PROGRAMS:
            name = inner.get("name") if isinstance(inner, dict) else None
            yield f"{kind} {name!r}" if name else kind


def _damaged(path, why):
    return (
        "A .keras file is read as it was saved, by a version that knows its "
        f"layers. Received: {path}, which is damaged or of another ({why}). "
        "Save it again; of a run, type its training command again with "
        "--restart."
    )


def model_file(path):
    """Returns the path of a saved model, every class of a model imported.

    Args:
        path: String or path of a `.keras` file.

    Raises:
        ValueError: If there is no such file, or it ends otherwise.
    """
    path = pathlib.Path(path)
    if path.suffix != ".keras" or not path.is_file():
        raise ValueError(
            "`path` must be an existing file that ends in .keras. Received: "
            f"path={str(path)!r}. Check its name; of a run, type its training "
            "command again with --restart."
        )
    for module in _MODULES:
        importlib.import_module(module)
    return path
