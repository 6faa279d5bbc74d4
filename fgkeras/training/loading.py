"""Loading of saved models with what trained them."""

import keras

from fgkeras.models.loading import model_file


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
    >>> load_model(path, compile=True).optimizer.name
    'SGD'
    """
    # The classes of this package were imported with it.
    return keras.models.load_model(model_file(path), compile=compile)
