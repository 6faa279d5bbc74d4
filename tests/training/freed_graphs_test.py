"""Graphs that are gone when the work is done."""

import ctypes
import gc
import pathlib
import re
import weakref

import pytest

tf = pytest.importorskip("tensorflow")

from fgkeras.training.freed_graphs import freed_graphs  # noqa: E402


@tf.custom_gradient
def square(x):
    return x * x, lambda dy: 2.0 * x * dy


def traced():
    """Returns a weak reference to the graph of a gradient of one's own."""
    graph = tf.function(square).get_concrete_function(tf.ones(3)).graph
    return weakref.ref(graph)


def test_graphs_go():
    kept = traced()
    gc.collect()
    assert kept() is not None
    with freed_graphs():
        freed = traced()
    assert freed() is None
    # What was traced before is as it was.
    assert kept() is not None


def test_gradients_of_before_still_work():
    function = tf.function(square)
    x = tf.constant(3.0)
    function(x)
    with freed_graphs(), pytest.raises(KeyError):
        raise KeyError
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    assert float(tape.gradient(y, x)) == 6.0


def resident():
    """The memory of this process in kB."""
    text = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1])


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="glibc has this call"
)
def test_free_memory_is_given_back():
    with freed_graphs():
        blocks = [bytes([i % 256]) * 1000 for i in range(50_000)]
        # Some stay, so that the end of the heap is where it was.
        some = blocks[::50]
        del blocks
        held = resident()
    assert resident() < held - 30_000
    assert len(some) == 1000
