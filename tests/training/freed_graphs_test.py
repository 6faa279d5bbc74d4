"""Graphs that are gone when the work is done."""

import ctypes
import gc
import subprocess
import sys
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


# In a process of its own: the heap of a long one is full of other holes.
FRESH = """
import pathlib
import re

from fgkeras.training.freed_graphs import freed_graphs


def resident():
    text = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"VmRSS:\\s+(\\d+)", text)[1])


with freed_graphs():
    blocks = [bytes([i % 256]) * 1000 for i in range(50_000)]
    # Some stay, so that the end of the heap is where it was.
    some = blocks[::50]
    del blocks
    held = resident()
print(held - resident(), len(some))
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="glibc has this call"
)
def test_free_memory_is_given_back():
    ran = subprocess.run(
        [sys.executable, "-c", FRESH], capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    freed, _ = map(int, ran.stdout.split())
    assert freed > 30_000
