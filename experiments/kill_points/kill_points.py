"""Kills every kind of run before each of its file events, and goes on.

A file event is what changes the folder of the run or its cache: a file opened
to be written, renamed or removed, a folder made or removed. For each kind of
run the command is run once whole, which counts its events; then, for every
event, it is killed by SIGKILL right before it, and the same command is given
again. It must succeed, leave the same files as the whole run, with the same
content, and nothing else.

Every command runs in a fork of one process that has imported everything and
computed nothing; that saves the seconds of the import. What TensorFlow writes
from C++ (the files inside of an unfinished SavedModel) is no event here.

    python -m experiments.kill_points.kill_points
    python -m experiments.kill_points.kill_points --kinds frozen --stride 5
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

from experiments.kill_points.same_tree import differences
from experiments.results import result_path

FLORA = "flora:species=3,images=6,test=2,size=16"
_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

_TINY = {
    "data.source": FLORA,
    "data.size": 16,
    "model.backbone": "small_cnn",
    "model.pooled_layer": "block1_bn",
    "evaluation.resamples": 0,
    "train.epochs": 2,
    "train.save_seconds": 0,
}
_FROZEN = {**_TINY, "train.mode": "frozen"}
_EMBEDDING = {**_FROZEN, "method.dim": 4, "data.test_split": "test"}


def _train(options, *more):
    sets = [f"--set={name}={value}" for name, value in options.items()]
    return ["train", "--quiet", "--out", "{out}", *sets, *more]


# Name -> the command, and those that come before it, whole.
KINDS = {
    "frozen": (_train(_FROZEN), []),
    "finetune": (_train(_TINY), []),
    "head before": (_train({**_TINY, "train.head_epochs": 1}), []),
    "logistic": (
        _train(
            {
                k: v
                for k, v in {**_FROZEN, "train.head_solver": "logistic"}.items()
                if k not in ("train.epochs", "train.save_seconds")
            }
        ),
        [],
    ),
    "stages": (
        _train(
            {
                **{k: v for k, v in _TINY.items() if k != "train.epochs"},
                "stages.whole.tune": "all",
                "stages.whole.train.epochs": 1,
                "stages.last.tune": "head",
                "stages.last.train.epochs": 1,
            }
        ),
        [],
    ),
    "triplets": (
        _train(
            {
                **_EMBEDDING,
                "method.name": "triplet-m",
                "method.triplets": 4,
                "method.resample_steps": 2,
            }
        ),
        [],
    ),
    "triplets and anchors": (
        _train(
            {
                **_EMBEDDING,
                "method.name": "triplet-a",
                "method.triplets": 4,
                "method.resample_steps": 2,
            }
        ),
        [],
    ),
    "embedding of batches": (
        _train({**_EMBEDDING, "method.name": "triplet-semi-hard"}),
        [],
    ),
    "proxies": (_train({**_EMBEDDING, "method.name": "proxy-nca"}), []),
    "restart": (
        _train(_FROZEN, "--restart"),
        [_train({**_FROZEN, "train.epochs": 1})],
    ),
    "evaluate": (["evaluate", "--quiet", "{out}"], [_train(_FROZEN)]),
    "export": (["export", "{out}"], [_train(_FROZEN)]),
    "convert": (["data", "convert", FLORA, "{out}"], []),
}


def run(arguments, out, kill_at=None):
    """Runs a command in a fork.

    Args:
        arguments: List of strings, with `{out}` for the folder.
        out: `pathlib.Path`.
        kill_at: Int, the event before which it is killed, or `None`.

    Returns:
        Tuple of the exit status, negative for a signal, the number of events
        and what was written on standard error.
    """
    with tempfile.TemporaryFile() as errors:
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            _be_killed(arguments, out, kill_at, write, errors)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            events = len(pipe.read())
        _, status = os.waitpid(child, 0)
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace")
    return os.waitstatus_to_exitcode(status), events, said


def _be_killed(arguments, out, kill_at, pipe, errors):
    """The child: runs the command and never returns."""
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    os.dup2(errors.fileno(), 2)
    _count(out.parent, kill_at, pipe)
    from fgkeras.cli.main import main

    code = 70
    try:
        code = main([text.format(out=out) for text in arguments])
    except BaseException as error:
        os.write(2, repr(error).encode())
    os._exit(code)


def _count(folder, kill_at, pipe):
    """Counts the file events below a folder, and kills at one."""
    prefix, seen = str(folder) + os.sep, 0

    def hook(event, arguments):
        nonlocal seen
        if event == "open":
            path, _, flags = arguments
            changes = isinstance(flags, int) and flags & _WRITES
        else:
            path, changes = arguments and arguments[0], event in _CHANGES
        if not changes or not isinstance(path, (str, bytes, os.PathLike)):
            return
        if not os.path.abspath(os.fsdecode(path)).startswith(prefix):
            return
        seen += 1
        os.write(pipe, b".")
        if seen == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def prepared(root, before):
    """Returns a folder in which the commands before have run."""
    if root.exists():
        shutil.rmtree(root)
    root.mkdir(parents=True)
    os.environ["FGKERAS_CACHE"] = str(root / "cache")
    for arguments in before:
        code, _, said = run(arguments, root / "out")
        if code:
            raise SystemExit(f"{arguments}: {code} {said}")
    return root / "out"


def try_kind(name, stride, scratch):
    """Kills one kind of run at its events; returns a row of the table."""
    arguments, before = KINDS[name]
    start = scratch / "start"
    prepared(start, before)
    whole = scratch / "whole"
    _restore(start, whole)
    code, events, said = run(arguments, whole / "out")
    if code:
        raise SystemExit(f"{name}: {code} {said}")
    failed, killed = [], 0
    for event in range(1, events + 1, stride):
        cut = scratch / "cut"
        _restore(start, cut)
        code, _, said = run(arguments, cut / "out", event)
        if code != -signal.SIGKILL:
            # Fewer events this time, such as a checkpoint by the clock.
            continue
        killed += 1
        code, _, said = run(arguments, cut / "out")
        # An export that was whole already is said to be there.
        there = "must not hold an export yet" in said
        wrong = [said.strip()]
        if not code or there:
            wrong = differences(whole, cut)
        if wrong:
            failed.append({"event": event, "wrong": wrong[:3]})
    return {
        "kind": name,
        "stride": stride,
        "events": events,
        "killed": killed,
        "went_on": killed - len(failed),
        "failed": failed,
    }


def _restore(start, place):
    """Puts what was prepared into a folder, under the same name each time."""
    if place.exists():
        shutil.rmtree(place)
    shutil.copytree(start, place)
    os.environ["FGKERAS_CACHE"] = str(place / "cache")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--stride", type=int, default=1)
    arguments = parser.parse_args()
    out = result_path(__file__, ".jsonl")
    done = set()
    if out.exists():
        lines = out.read_text("utf-8").splitlines()
        done = {json.loads(line)["kind"] for line in lines}
    _import()
    good = True
    with tempfile.TemporaryDirectory() as scratch:
        for name in arguments.kinds:
            if name in done:
                continue
            started = time.monotonic()
            row = try_kind(name, arguments.stride, pathlib.Path(scratch))
            row["seconds"] = round(time.monotonic() - started)
            good &= not row["failed"] and row["killed"] > 0
            print(json.dumps(row), flush=True)
            with open(out, "a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
    return 0 if good else 1


def _import():
    """Imports what the commands need, and computes nothing."""
    import fgkeras.data
    import fgkeras.export
    import fgkeras.jobs
    from fgkeras.cli.main import _import_quietly

    _import_quietly()
    return fgkeras.data, fgkeras.export, fgkeras.jobs


if __name__ == "__main__":
    sys.exit(main())
