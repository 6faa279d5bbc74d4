"""Loading of saved models that use this library's classes."""

import importlib
import pathlib

import keras

# Whose classes a file may name.
_MODULES = (
    "fgkeras.layers",
    "fgkeras.losses",
    "fgkeras.mining",
    "fgkeras.models.anchors",
    "fgkeras.models.frozen_batch_norm",
    "fgkeras.models.hardness_aware",
    "fgkeras.models.learning_rates",
    "fgkeras.models.mirror_averaging_model",
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
    return keras.models.load_model(model_file(path), compile=False)


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
            f"path={str(path)!r}."
        )
    for module in _MODULES:
        importlib.import_module(module)
    return path
