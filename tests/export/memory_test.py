"""Memory of exports that were asked and are done with."""

import ctypes
import gc

import pytest

from fgkeras.export import load_exported
from tests.export.conftest import picture

KEYS = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks"


class Heap(ctypes.Structure):
    _fields_ = [(k, ctypes.c_size_t) for k in [*KEYS.split(), "keepcost"]]


def held():
    """Bytes that were allocated and not freed; what is resident wavers."""
    gc.collect()
    try:
        count = ctypes.CDLL(None).mallinfo2
    except (AttributeError, TypeError):
        pytest.skip("glibc 2.33 and later count this")
    count.restype = Heap
    heap = count()
    return heap.uordblks + heap.hblkhd


@pytest.mark.slow
def test_an_export_leaves_nothing(exported):
    def ask():
        assert load_exported(exported).predict([picture()])[0]["valid"]

    for _ in range(2):
        ask()
    before = held()
    for _ in range(3):
        ask()
    # Functions of TensorFlow stay for ever: 11 MB for each of three.
    assert held() - before < 5e6
