"""Ctrl-C that a library in between has dropped."""

import os
import signal
import subprocess
import sys
import time

import pytest

from fgkeras.cli.endings.interrupts import Interrupts

DROPPED = """
import os, signal, sys, time, weakref
from fgkeras.cli.endings.interrupts import Interrupts
# A shell starts what runs in its background with Ctrl-C ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
class Thing:
    pass
def ended(reference):
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(100):  # where the signal is taken
        pass
thing = Thing()
reference = weakref.ref(thing, ended)
try:
    with Interrupts(0.2):
        del thing
        print("dropped", flush=True)
        time.sleep(20)
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.fixture(autouse=True)
def _taken():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_what_a_destructor_drops_is_asked_again():
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", DROPPED], capture_output=True, text=True
    )
    assert done.stdout.split() == ["dropped", "stopped"]
    assert time.monotonic() - started < 20


def test_what_a_library_makes_of_it_is_a_stop_too():
    # As TensorFlow does with the error of a Python function.
    def library():
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)
        except KeyboardInterrupt:
            raise RuntimeError("UnknownError") from None

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), Interrupts():
        library()
    assert signal.getsignal(signal.SIGINT) is before
    # Without a press an error stays what it is.
    with pytest.raises(RuntimeError), Interrupts():
        raise RuntimeError
