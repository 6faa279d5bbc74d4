"""Layers as a graph of a form that other runtimes run at any batch."""

import contextlib
import contextvars

import numpy as np
from keras import ops

_READ = contextvars.ContextVar("fgkeras_open_batch", default=None)


@contextlib.contextmanager
def open_batch(read=ops.convert_to_numpy):
    """Layers are traced in the form that other runtimes run, within it.

    Sketches take a whole batch at once, by constant tables, and votes are
    added up without places that come twice. Use it around the tracing of a
    model for ONNX Runtime or LiteRT, which run no loop over blocks whose number
    the batch decides. What is traced within
    has no gradient of ours, and its memory grows with the batch: training and
    the SavedModel keep their blocks.

    Args:
        read: Callable of a weight that returns its values, also while a graph
            is traced. Defaults to `keras.ops.convert_to_numpy`, for calls
            outside of graphs.

    Example:

    >>> with open_batch():
    ...     inside = is_open_batch()
    >>> inside, is_open_batch()
    (True, False)
    """
    token = _READ.set(read)
    try:
        yield
    finally:
        _READ.reset(token)


def is_open_batch():
    """Whether a model is traced within `open_batch`."""
    return _READ.get() is not None


def constant_table(weight):
    """Returns a weight, or within `open_batch` its values, an int32 array.

    Args:
        weight: Integer weight of a layer.
    """
    read = _READ.get()
    return weight if read is None else np.asarray(read(weight), "int32")
