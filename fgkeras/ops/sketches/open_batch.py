"""Sketches as a graph without loops or branches, for other runtimes."""

import contextlib
import contextvars

_OPEN = contextvars.ContextVar("fgkeras_open_batch", default=False)


@contextlib.contextmanager
def open_batch():
    """Sketches take a whole batch at once, by constant tables, within it.

    Use it around the tracing of a model for ONNX Runtime or LiteRT, which run
    no loop over blocks whose number the batch decides. What is traced within
    has no gradient of ours, and its memory grows with the batch: training and
    the SavedModel keep their blocks.

    Example:

    >>> with open_batch():
    ...     inside = is_open_batch()
    >>> inside, is_open_batch()
    (True, False)
    """
    token = _OPEN.set(True)
    try:
        yield
    finally:
        _OPEN.reset(token)


def is_open_batch():
    """Whether a model is traced within `open_batch`."""
    return _OPEN.get()
