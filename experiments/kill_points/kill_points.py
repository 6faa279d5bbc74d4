"""Kills every kind of run before each of its file events, and goes on.

A file event is what changes the folder of the run or its cache: a file opened
to be written, renamed or removed, a folder made or removed. Each kind of run is
run once whole; right before every event the folders are copied as they lie on
the disk then, which is what a SIGKILL there leaves (one event of each kind is
killed, and must leave the same). From every copy the same command is given
again. It must succeed, leave the same files as the whole run, with the same
content, and nothing else.

Every command runs in a fork of one process that has imported everything and
computed nothing; that saves the seconds of the import. What TensorFlow writes
from C++ (the files inside of an unfinished SavedModel) is no event here.
A result is written as it comes; what the file of results has is not run again.

    python -m experiments.kill_points.kill_points
    python -m experiments.kill_points.kill_points --kinds frozen --stride 5
"""

import argparse
import collections
import hashlib
import importlib
import json
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import threading

from experiments.kill_points.same_tree import NOT_COMPARED
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


def run(arguments, out, before_event=None):
    """Runs a command in a fork.

    Args:
        arguments: List of strings, with `{out}` for the folder.
        out: `pathlib.Path`.
        before_event: Function of an event's number, called before it in the
            fork, or `None`.

    Returns:
        Tuple of the exit status, negative for a signal, the number of events
        and what was written on standard error.
    """
    with tempfile.TemporaryFile() as errors:
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            _be_watched(arguments, out, before_event, write, errors)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            events = len(pipe.read())
        _, status = os.waitpid(child, 0)
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace")
    return os.waitstatus_to_exitcode(status), events, said


def _be_watched(arguments, out, before_event, pipe, errors):
    """The child: runs the command and never returns."""
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    os.dup2(errors.fileno(), 2)
    _watch(out.parent, before_event, pipe)
    from fgkeras.cli.main import main

    code = 70
    try:
        code = main([text.format(out=out) for text in arguments])
    except BaseException as error:
        os.write(2, repr(error).encode())
    os._exit(code)


def _watch(folder, before_event, pipe):
    """Calls a function before each of the file events below a folder."""
    prefix, seen, busy = str(folder) + os.sep, 0, threading.RLock()
    owner = None

    def hook(event, arguments):
        nonlocal seen, owner
        # The function's own events, and those after it was called.
        if owner == threading.get_ident():
            return
        if event == "open":
            path, _, flags = arguments
            changes = isinstance(flags, int) and flags & _WRITES
        else:
            path, changes = arguments and arguments[0], event in _CHANGES
        if not changes or not isinstance(path, (str, bytes, os.PathLike)):
            return
        if not os.path.abspath(os.fsdecode(path)).startswith(prefix):
            return
        with busy:
            seen += 1
            os.write(pipe, b".")
            if before_event:
                owner = threading.get_ident()
                before_event(seen)
                owner = None

    sys.addaudithook(hook)


def killed_at(event):
    """Returns a function for `run` that kills its process at an event."""

    def kill(seen):
        if seen == event:
            os.kill(os.getpid(), signal.SIGKILL)

    return kill


def state(root):
    """Returns a text that says what lies in a folder, byte for byte.

    What differs by the process is left out: its id and the time.
    """
    found = []
    for path in sorted(root.rglob("*")):
        name = re.sub(r"-\d+-(\d+)\.part", r"-PID-\1.part", path.name)
        data = path.read_bytes() if path.is_file() else b""
        if path.name in NOT_COMPARED:
            data = b""
        sum_ = hashlib.sha256(data).hexdigest()[:16]
        found.append(f"{path.parent.relative_to(root)}/{name} {sum_}")
    return "\n".join(found)


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


def try_kind(name, stride, done, scratch):
    """Goes on with one kind of run from its events; yields rows of results.

    Args:
        name: Key of `KINDS`.
        stride: Int, every how manieth event.
        done: Set of the events that need not be tried.
        scratch: `pathlib.Path` of a folder for all of it.
    """
    arguments, before = KINDS[name]
    start, whole, copies = (scratch / n for n in ("start", "whole", "copies"))
    prepared(start, before)
    restore(start, whole)
    shutil.rmtree(copies, ignore_errors=True)

    def copy(event):
        if not (event - 1) % stride:
            shutil.copytree(whole, copies / str(event), symlinks=True)

    code, events, said = run(arguments, whole / "out", copy)
    if code:
        raise SystemExit(f"{name}: {code} {said}")
    cut = scratch / "cut"
    seen = {}
    if 0 not in done:
        restore(start, cut)
        event = 1 + (events - 1) // 2 // stride * stride
        run(arguments, cut / "out", killed_at(event))
        wrong = _other_state(copies / str(event), cut)
        yield {"kind": name, "event": 0, "events": events, "wrong": wrong}
    for event in range(1, events + 1, stride):
        if event in done:
            continue
        restore(copies / str(event), cut)
        row = {"kind": name, "event": event, "events": events}
        left = state(cut)
        if left in seen:
            # Nothing has changed between the two events.
            yield {**row, "as": seen[left][0], "wrong": seen[left][1]}
            continue
        code, _, said = run(arguments, cut / "out")
        # An export that was whole already is said to be there.
        there = "must not hold an export yet" in said
        wrong = [said.strip()]
        if not code or there:
            wrong = differences(whole, cut)
        seen[left] = event, wrong[:3]
        yield {**row, "wrong": wrong[:3]}


def _other_state(copy, killed):
    """Returns what a kill left that a copy has not, but for names of parts."""
    found = [
        re.sub(
            r"\.unfinished-\w+",
            ".unfinished",
            re.sub(r"-\d+-(\d+)\.part", r"-PID-\1.part", line),
        )
        for line in differences(copy, killed)
    ]
    # A part has the process's id in its name, and an unfinished export letters
    # drawn at random: lost and left over as one.
    count = collections.Counter(line.partition(": ")[2] for line in found)
    return [x for x in found if count[x.partition(": ")[2]] < 2][:3]


def restore(start, place):
    """Puts what was prepared into a folder, under the same name each time."""
    if place.exists():
        shutil.rmtree(place)
    shutil.copytree(start, place)
    os.environ["FGKERAS_CACHE"] = str(place / "cache")


def table(rows):
    """Returns the table of the README, a string."""
    lines = [
        "| kind | events | tried | went on, alike, nothing left |",
        "| --- | --- | --- | --- |",
    ]
    for kind in KINDS:
        some = [r for r in rows if r["kind"] == kind and r["event"]]
        if some:
            good = sum(not row["wrong"] for row in some)
            events = max(row["events"] for row in some)
            lines.append(f"| {kind} | {events} | {len(some)} | {good} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--stride", type=int, nargs="*", default=[1])
    arguments = parser.parse_args()
    out = result_path(__file__, ".jsonl")
    rows = []
    if out.exists():
        rows = [json.loads(line) for line in out.read_text().splitlines()]
    import_all()
    with tempfile.TemporaryDirectory() as scratch:
        for stride in arguments.stride:
            for name in arguments.kinds:
                done = {r["event"] for r in rows if r["kind"] == name}
                for row in try_kind(name, stride, done, pathlib.Path(scratch)):
                    rows.append(row)
                    if row["wrong"]:
                        print(json.dumps(row), flush=True)
                    with open(out, "a", encoding="utf-8") as file:
                        file.write(json.dumps(row) + "\n")
    print(table([row for row in rows if row["kind"] in arguments.kinds]))
    return 1 if any(row["wrong"] for row in rows) else 0


def import_all():
    """Imports what the commands need, and computes nothing."""
    from fgkeras.cli.main import import_quietly

    import_quietly()
    for name in ("data", "export", "jobs"):
        package = importlib.import_module(f"fgkeras.{name}")
        for public in package.__all__:
            getattr(package, public)


if __name__ == "__main__":
    sys.exit(main())
