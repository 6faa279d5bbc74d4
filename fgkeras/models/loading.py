"""Loading of saved models that use this library's classes."""

import importlib
import pathlib

import keras


def load_model(path, *, compile=False):
    """Loads a `.keras` file, with every class of this library known.

    `keras.models.load_model` finds a class only once its module is imported;
    this imports them all. Safe mode stays on.

    Args:
        path: String or path of a `.keras` file.
        compile: Bool, whether to restore loss and optimizer too. Defaults to
            `False`.

    Returns:
        `keras.Model`.

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
    path = pathlib.Path(path)
    if path.suffix != ".keras" or not path.is_file():
        raise ValueError(
            "`path` must be an existing file that ends in .keras. Received: "
            f"path={str(path)!r}."
        )
    # By name: a file may hold classes of packages that build on this one.
    for module in (
        "layers",
        "losses",
        "mining",
        "models.anchors",
        "models.frozen_batch_norm",
        "models.hardness_aware",
        "models.learning_rates",
        "models.mirror_averaging_model",
        "models.variational",
        "training",
    ):
        importlib.import_module(f"fgkeras.{module}")
    return keras.models.load_model(path, compile=compile)
