"""Presses Ctrl-C in trainings at random moments, and goes on.

SIGINT goes to the process group, as from a terminal. The training must end with
status 130 and its sentence; the same command must then go on, and leave the
same files as a training that was never stopped.

    python -m experiments.kill_points.interrupts
    python -m experiments.kill_points.interrupts --times 3
"""

import argparse
import json
import os
import pathlib
import random
import signal
import sys
import tempfile
import time

from experiments.kill_points.kill_points import KINDS
from experiments.kill_points.kill_points import import_all
from experiments.kill_points.kill_points import prepared
from experiments.kill_points.kill_points import restore
from experiments.kill_points.same_tree import differences
from experiments.results import result_path

_KINDS = ("finetune", "frozen", "triplets", "stages")
_SENTENCE = "fgkeras: stopped; the same command goes on."
_PATIENCE = 60


def run(arguments, out, press_after=None):
    """Runs a command in a fork with a process group of its own.

    Args:
        arguments: List of strings, with `{out}` for the folder.
        out: `pathlib.Path`.
        press_after: Float, seconds after which Ctrl-C is pressed, or `None`.

    Returns:
        Tuple of the status, of `None` where it never ended; what was written
        on standard error; and the seconds from the press, or from the start,
        to its end.
    """
    with tempfile.TemporaryFile() as errors:
        child = os.fork()
        if not child:
            os.setsid()
            # A shell gives what runs in its background another one.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.dup2(os.open(os.devnull, os.O_RDWR), 1)
            os.dup2(errors.fileno(), 2)
            from fgkeras.cli.main import main

            code = 70
            try:
                code = main([text.format(out=out) for text in arguments])
            except BaseException as error:
                os.write(2, repr(error).encode())
            os._exit(code)
        if press_after is not None:
            time.sleep(press_after)
            os.killpg(child, signal.SIGINT)
        start, status = time.monotonic(), None
        while status is None and time.monotonic() - start < _PATIENCE:
            done, found = os.waitpid(child, os.WNOHANG)
            if done:
                status = os.waitstatus_to_exitcode(found)
            else:
                time.sleep(0.02)
        seconds = time.monotonic() - start
        if status is None:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace")
    return status, said, round(seconds, 2)


def press(kind, moment, scratch):
    """Stops a kind of run at a moment of it; returns a row of results.

    Args:
        kind: Key of `KINDS`.
        moment: Float in (0, 1), the share of a whole run that is left to it.
        scratch: `pathlib.Path` of a folder.
    """
    arguments, before = KINDS[kind]
    start, whole, cut = (scratch / kind / n for n in ("start", "whole", "cut"))
    if not whole.exists():
        prepared(start, before)
        restore(start, whole)
        status, said, seconds = run(arguments, whole / "out")
        if status:
            raise SystemExit(f"{kind}: {status} {said}")
        (scratch / kind / "seconds").write_text(str(seconds))
    whole_run = float((scratch / kind / "seconds").read_text())
    restore(start, cut)
    after = moment * whole_run
    status, said, seconds = run(arguments, cut / "out", after)
    row = {
        "kind": kind,
        "after": round(after, 2),
        "of": whole_run,
        "status": status,
        "said": said.strip().splitlines()[-1:],
        "stopped_in": seconds,
    }
    status, said, _ = run(arguments, cut / "out")
    row["wrong"] = differences(whole, cut)[:3] if status == 0 else [said]
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    import_all()
    random_ = random.Random(arguments.seed)
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        while len(rows) < arguments.times:
            kind = _KINDS[len(rows) % len(_KINDS)]
            moment = random_.uniform(0.02, 0.98)
            row = press(kind, moment, pathlib.Path(scratch))
            if row["status"] == 0 and not row["wrong"]:
                # It had ended before.
                continue
            rows.append(row)
            print(json.dumps(row), flush=True)
    text = "".join(json.dumps(row) + "\n" for row in rows)
    result_path(__file__, ".jsonl").write_text(text)
    good = sum(
        row["status"] == 130 and row["said"] == [_SENTENCE] and not row["wrong"]
        for row in rows
    )
    slowest = max(row["stopped_in"] for row in rows)
    print(f"{good} of {len(rows)} stopped and went on, in {slowest} s at most")
    return 0 if good == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
