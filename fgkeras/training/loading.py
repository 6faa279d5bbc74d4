"""Saving of models, whole, and loading with what trained them."""

import errno
import importlib
import os

from fgkeras.models.loading import read_model
from fgkeras.models.parts import weight_bytes
from fgkeras.storage import DiskRefusal
from fgkeras.storage import is_full
from fgkeras.storage import whole_path

# Whose classes the file of a compiled model may name, beside the model's own.
_MODULES = (
    "fgkeras.evaluation.mean_per_class",
    "fgkeras.training.global_batch",
    "fgkeras.training.optimizers",
    "fgkeras.training.schedules",
)


def save_model(model, path):
    """Writes a `.keras` file, whole or not at all.

    Args:
        model: `keras.Model`.
        path: Path of the file; its folder must exist.

    Raises:
        DiskRefusal: If the disk is full, or the file may not be written.

    Example:

    >>> import tempfile
    >>> from fgkeras.models.backbones import backbone
    >>> model = backbone("small_cnn", (32, 32, 3))
    >>> path = os.path.join(tempfile.mkdtemp(), "body.keras")
    >>> save_model(model, path)
    >>> load_model(path).count_params() == model.count_params()
    True
    """
    size = weight_bytes(model)
    with whole_path(path, ".keras", size) as partial:
        try:
            model.save(partial)
        except (RuntimeError, OSError) as error:
            # HDF5 has words of its own.
            if not is_full(error):
                raise
            raise DiskRefusal(_full(error), path, size) from error


def _full(error):
    """The `OSError` of a disk that is full, whatever was raised."""
    if isinstance(error, OSError) and error.errno:
        return error
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


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
    >>> model = backbone("small_cnn", (64, 64, 3))
    >>> model.compile("sgd", "mse")
    >>> path = os.path.join(tempfile.mkdtemp(), "body.keras")
    >>> model.save(path)
    >>> type(load_model(path, compile=True).optimizer).__name__
    'SGD'
    """
    for module in _MODULES:
        importlib.import_module(module)
    return read_model(path, compile=compile)
