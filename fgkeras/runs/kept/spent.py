"""`spent.json` of a run that has not ended: the time that it took so far."""

import contextlib
import os
import threading
import time

from fgkeras.runs.kept.files import is_number
from fgkeras.runs.kept.files import read_object
from fgkeras.storage import write_json

FILE = "spent.json"
# A process that is killed loses as many seconds of the count at most.
_EVERY = 10.0


def read_spent(path):
    """Returns the seconds that processes which ended or were killed took.

    Args:
        path: `pathlib.Path` of a `spent.json`.

    Returns:
        Float; 0 where there is none, or it does not say so: the time is told,
        and nothing of a run rests on it.
    """
    try:
        seconds = read_object(path).get("seconds")
    except ValueError:
        return 0.0
    return float(seconds) if is_number(seconds) and seconds > 0 else 0.0


@contextlib.contextmanager
def counted_time(path, before=0.0, every=_EVERY):
    """Keeps count of the time of a run, also beyond a kill.

    Args:
        path: `pathlib.Path` of the `spent.json`, written every few seconds by
            a thread of its own.
        before: Float, seconds of the processes before. Defaults to `0.0`.
        every: Float, seconds between two looks at the clock. Defaults to
            `10.0`.

    Yields:
        Function that returns the seconds up to now.
    """
    started, ended = time.monotonic(), threading.Event()

    def seconds():
        return before + time.monotonic() - started

    def keep():
        # A full disk is said by whoever writes what matters.
        with contextlib.suppress(OSError, ValueError):
            write_json(path, {"seconds": round(seconds(), 1)})

    def watch():
        while not ended.wait(every):
            keep()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seconds
    finally:
        ended.set()
        thread.join()
        if os.path.isdir(os.path.dirname(path)):
            keep()
