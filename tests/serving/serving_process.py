"""`fgkeras serve` as a process of its own."""

import contextlib
import pathlib
import re
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]


@contextlib.contextmanager
def serving(path, *options):
    """Yields the process and its port; it has printed all it prints."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "fgkeras", "serve", str(path)),
            *("--port", "0", *options),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        process.said = ""
        for line in process.stdout:
            process.said += line
            if line.startswith("Stop"):
                break
        else:
            raise AssertionError(process.stderr.read())
        yield process, int(re.search(r"1:(\d+)", process.said)[1])
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()
