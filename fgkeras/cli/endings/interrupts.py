"""Ctrl-C that is never lost."""

import os
import signal
import threading

_SECONDS = 2.0


class Interrupts:
    """Asks again to stop until that was heard.

    Python raises `KeyboardInterrupt` wherever it is. Where that is in a
    function that C called (of a garbage collection, a generator of tf.data, a
    destructor) the library that called it drops the error, and the program
    goes on as if nothing had been pressed. In this context it is raised again
    until the context is left, and what such a library raises in its place is
    a `KeyboardInterrupt` too.

    Outside of the main thread, and where somebody else handles Ctrl-C, it does
    nothing.

    Args:
        seconds: Float, after which it is raised again. Defaults to `2.0`.

    Example:

    >>> with Interrupts():
    ...     1 + 1
    2
    """

    def __init__(self, seconds=_SECONDS):
        self.seconds = seconds
        self._left = threading.Event()
        self._pressed = False
        self._installed = False

    def __enter__(self):
        if (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        ):
            signal.signal(signal.SIGINT, self._stop)
            self._installed = True
        return self

    def __exit__(self, kind, error, traceback):
        self._left.set()
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        # What is no `Exception` stops by itself: `KeyboardInterrupt`, an exit.
        if self._pressed and isinstance(error, Exception):
            raise KeyboardInterrupt from error

    def _stop(self, number, frame):
        if not self._pressed:
            self._pressed = True
            threading.Thread(target=self._insist, daemon=True).start()
        raise KeyboardInterrupt

    def _insist(self):
        while not self._left.wait(self.seconds):
            os.kill(os.getpid(), signal.SIGINT)
