"""Graphs that a process is rid of when their work is done."""

import contextlib
import ctypes
import gc

import keras


@contextlib.contextmanager
def freed_graphs():
    """Frees the graphs that were traced inside, in its end.

    Use it around work whose models are not needed after it, in a process that
    does much of it. A model and its graphs hold each other, and most of what
    they hold Python does not see: a collection frees that. TensorFlow besides
    keeps each gradient that a graph defines for as long as the process lives,
    and with it the graph (Keras has one in every training: the sum of the
    gradients over replicas); these are taken out of its list. What is free is
    given back to the system: glibc keeps it, for each of many threads.

    Work in other threads that takes symbolic gradients of its own meanwhile may
    lose them.

    Example:

    >>> with freed_graphs():
    ...     model = keras.Sequential([keras.layers.Dense(1)])
    ...     model.compile("sgd", "mse")
    ...     history = model.fit(keras.ops.ones((2, 3)), keras.ops.ones((2, 1)),
    ...         verbose=0)
    ...     del model, history
    """
    kept = _gradients()
    before = set(kept)
    try:
        yield
    finally:
        for name in kept.keys() - before:
            if name.startswith("CustomGradient-"):
                kept.pop(name, None)
        gc.collect()
        _give_back()


def _give_back():
    """Gives free memory back, where the C library has a call for it."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(ctypes.c_size_t(0))


def _gradients():
    """TensorFlow's gradients by name; there is no public way to them."""
    if keras.backend.backend() != "tensorflow":
        return {}
    from tensorflow.python.framework import ops

    registry = getattr(ops, "gradient_registry", None)
    return getattr(registry, "_registry", {})
