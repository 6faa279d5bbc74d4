"""Runs verbs on runs and exports whose files were edited or damaged.

    python -m experiments.hostile_inputs.run_files

Each file of three runs and an export is edited in many ways; each edit goes
through the verbs that read it. A verb must refuse it, naming the file and a way
out, or answer what it answers of the file as it was. It ends with status 1 if
one ends in a traceback, in an error that nobody foresaw, in another answer,
takes over 10 s of a processor or over 1 GB, or waits for three minutes.

The verbs run in one process that goes on to the next case; one that hangs or
dies is replaced.
"""

import argparse
import json
import os
import pathlib
import re
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback

from experiments.hostile_inputs.model_damage import NotThere
from experiments.hostile_inputs.model_damage import damages
from experiments.hostile_inputs.run_edits import array_edits
from experiments.hostile_inputs.run_edits import text_edits
from experiments.machine import memory_mb
from experiments.results import result_path
from fgkeras.cli.main import main

SECONDS, WAIT, BYTES = 10, 180, 1 << 30
FLORA = "flora:species=3,images=6,test=2,size=16"
_OPTIONS = {
    "data.source": FLORA,
    "data.size": 16,
    "model.backbone": "small_cnn",
    "model.pooled_layer": "block1_bn",
    "train.mode": "frozen",
    "train.epochs": 2,
    "evaluation.resamples": 0,
}
_TRIPLETS = {
    **_OPTIONS,
    "data.test_split": "test",
    "method.name": "triplet-a",
    "method.dim": 4,
    "method.triplets": 4,
    "method.resample_steps": 2,
}
# Kind of run -> file -> the verbs that read it.
_READERS = {
    "run": {
        "config.json": ("train", "evaluate", "predict"),
        "classes.json": ("train", "evaluate", "predict"),
        "data.json": ("train", "evaluate", "predict"),
        "metrics.json": ("train", "evaluate"),
        "environment.json": ("evaluate", "export"),
        "history.csv": ("train", "evaluate"),
        "journal.jsonl": ("train", "evaluate"),
        "training_ids.txt": ("train", "evaluate"),
        "predictions.npz": ("train", "evaluate"),
        "model.keras": ("predict",),
    },
    "embedding": {
        "classes.json": ("evaluate", "retrieve"),
        "embeddings.npz": ("evaluate",),
        "model.keras": ("predict", "retrieve"),
    },
    "unfinished": {
        "config.json": ("train",),
        "data.json": ("train",),
        "journal.jsonl": ("train",),
        "checkpoints/head.npz": ("train",),
    },
    "unfinished embedding": {
        "checkpoints/embedding.npz": ("train",),
        "checkpoints/triplets.npz": ("train",),
    },
    "export": {
        "labels.json": ("predict", "trust"),
        "model-metadata.json": ("predict", "trust"),
        "SHA256SUMS": ("predict",),
        "saved_model.pb": ("predict", "trust"),
        "variables/variables.index": ("predict", "trust"),
        "variables/variables.data-00000-of-00001": ("predict", "trust"),
    },
}
_WAYS = re.compile(
    r"--restart|--out|--data|--trust|trust=True|again|[Dd]elete|[Rr]emove|Choose|"
    r"Install|install|Check its name"
)


def cases(kinds, files):
    """Yields tuples of a kind, a file, a title and an edit.

    Args:
        kinds: Names of kinds of runs.
        files: Names of files; empty for all of them.
    """
    for kind, readers in _READERS.items():
        if kind not in kinds:
            continue
        for file in readers:
            if files and file not in files:
                continue
            if file == "model.keras":
                edits = damages()
            elif file.endswith(".npz"):
                edits = array_edits(file)
            else:
                edits = text_edits(file)
            for title, edit in edits:
                yield kind, file, title, edit


def prepare(folder):
    """Trains the runs and writes a picture; in a process of its own."""
    from fgkeras.config import Config
    from fgkeras.data.open import open as open_source
    from fgkeras.jobs import export
    from fgkeras.jobs import train
    from fgkeras.training.reporter import SILENT

    source = open_source(FLORA)
    data = source.read(source.split("test").ids[0])
    (folder / "a.png").write_bytes(data)
    for name, options, until in (
        ("run", _OPTIONS, None),
        ("embedding", _TRIPLETS, None),
        ("unfinished", _OPTIONS, ("head", 1)),
        ("unfinished embedding", _TRIPLETS, ("embedding", 1)),
    ):
        config = Config.read(changes=options)
        train(config, folder / name, until=until, reporter=SILENT)
    export(folder / "run", folder / "export")


def command(verb, kind, case, folder):
    """Returns the arguments of a verb.

    Args:
        verb: Key of the readers.
        kind: Kind of run.
        case: Path of the run or export that is looked at.
        folder: `pathlib.Path` of what was prepared.
    """
    picture = str(folder / "a.png")
    options = _TRIPLETS if "embedding" in kind else _OPTIONS
    sets = [f"--set={k}={v}" for k, v in options.items()]
    return {
        "train": ["train", "--quiet", "--json", "--out", case, *sets],
        "evaluate": ["evaluate", "--quiet", "--json", case],
        "predict": ["predict", "--json", case, picture],
        "trust": ["predict", "--json", "--trust", case, picture],
        "export": ["export", case, "--out", f"{case}-export"],
        "retrieve": ["retrieve", "--json", case, "--query", picture],
    }[verb]


def say(arguments, log):
    """Runs a verb; returns its status, output, seconds and megabytes."""
    _reset_peak()
    before, start = memory_mb("VmHWM"), time.process_time()
    kept = os.dup(1), os.dup(2)
    status = 99
    with open(f"{log}.1", "w+b") as out, open(f"{log}.2", "w+b") as errors:
        try:
            os.dup2(out.fileno(), 1)
            os.dup2(errors.fileno(), 2)
            try:
                status = main(arguments)
            except SystemExit as error:
                status = error.code
            except BaseException:
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            for n, old in zip((1, 2), kept, strict=True):
                os.dup2(old, n)
                os.close(old)
        seconds = time.process_time() - start
        above = memory_mb("VmHWM") - before
        texts = []
        for file in (out, errors):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    return status, *texts, round(seconds, 2), max(round(above), 0)


def _reset_peak():
    pathlib.Path("/proc/self/clear_refs").write_text("5")


def answer(verb, text, file=""):
    """What a verb answered, without times, places and notes of a file."""
    if verb == "export":
        return None
    found = json.loads(text)
    if isinstance(found, dict):
        notes = found.pop("notes", None) or ()
        # A lost `data.json` is said, and the numbers stay.
        found["notes"] = [n for n in notes if not file or file not in n]
        # What an evaluation has of its training's metrics, and times.
        for name in ("seconds", "out", "monitored_split", "refused"):
            found.pop(name, None)
    return json.dumps(found, sort_keys=True)


def verdict(verb, file, said, good):
    """Returns what is wrong with what was said, or what it was."""
    status, out, errors, seconds, megabytes = said
    if status not in (0, 1):
        return f"wrong: status {status}"
    if "Traceback" in errors:
        return "wrong: traceback"
    if seconds > SECONDS:
        return "wrong: slow"
    if megabytes << 20 > BYTES:
        return "wrong: memory"
    if status == 1:
        if not errors.startswith("fgkeras: "):
            return "wrong: no sentence"
        if "nobody foresaw" in errors:
            return "wrong: not foreseen"
        if pathlib.Path(file).name not in errors:
            return "wrong: names no file"
        if not _WAYS.search(errors.partition("Received: ")[2]):
            return "wrong: no way out"
        return "refused"
    name = pathlib.Path(file).name
    alike = answer(verb, out, name) == good
    return "as before" if alike else "wrong: other answer"


def work(folder, chosen, first, pipe):
    """Works on the cases from a number on; writes lines into a pipe."""
    good = {}
    case = str(folder / "case")
    number = -1
    for kind, file, title, edit in cases(*chosen):
        for verb in _READERS[kind][file]:
            number += 1
            if number < first:
                continue
            if (kind, verb) not in good:
                _put(folder, kind, case, None, None)
                said = say(command(verb, kind, case, folder), f"{case}.log")
                if said[0]:
                    raise SystemExit(f"{kind} {verb}: {said}")
                good[kind, verb] = answer(verb, said[1])
            try:
                _put(folder, kind, case, file, edit)
            except NotThere:
                continue
            row = {"kind": kind, "file": file, "title": title, "verb": verb}
            _line(pipe, {"number": number, **row})
            said = say(command(verb, kind, case, folder), f"{case}.log")
            row["answer"] = verdict(verb, file, said, good[kind, verb])
            row["seconds"], row["megabytes"] = said[3:]
            row["says"] = said[2].strip()[-700:]
            _line(pipe, {"number": number, "done": row})


def _line(pipe, value):
    os.write(pipe, json.dumps(value).encode() + b"\n")


def _put(folder, kind, case, file, edit):
    """Puts a copy of what was prepared in its place, edited."""
    for name in (case, f"{case}-export"):
        shutil.rmtree(name, ignore_errors=True)
    shutil.copytree(folder / kind, case)
    if edit is not None:
        place = pathlib.Path(case)
        if kind == "export":
            place = place / "saved_model" / "1"
        edit(place / file)


def run(folder, *chosen):
    """Yields a row of every case and verb."""
    number, number_done = 0, True
    while number_done:
        number_done = False
        read, write = os.pipe()
        child = os.fork()
        if not child:
            os.close(read)
            try:
                work(folder, chosen, number, write)
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        os.close(write)
        last = None
        with os.fdopen(read, "rb", buffering=0) as pipe:
            rest = b""
            while True:
                # What comes before the first case is no case.
                wait = WAIT if last else None
                if not select.select([pipe], [], [], wait)[0]:
                    os.kill(child, signal.SIGKILL)
                    break
                data = pipe.read(1 << 16)
                if not data:
                    break
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    last = json.loads(line)
                    if "done" in last:
                        number_done = True
                        yield last["done"]
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if last and "kind" in last:
            number = last.pop("number") + 1
            number_done = True
            ended = "hangs" if status == -signal.SIGKILL else f"ends {status}"
            yield {**last, "answer": f"wrong: {ended}", "says": ""}
        elif status:
            raise SystemExit(f"A case could not be made: {last}")
        else:
            return


def table(rows):
    """Returns the table of the README, as text."""
    lines = [
        "| file | edits | verbs | as before | refused | wrong | slowest |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for kind, files in _READERS.items():
        for file, verbs in files.items():
            some = [r for r in rows if (r["kind"], r["file"]) == (kind, file)]
            if not some:
                continue
            count = [
                sum(r["answer"].startswith(word) for r in some)
                for word in ("as before", "refused", "wrong")
            ]
            slowest = max(r.get("seconds", WAIT) for r in some)
            lines.append(
                f"| {kind}: {file} | {len({r['title'] for r in some})} | "
                f"{', '.join(verbs)} | {count[0]} | {count[1]} | {count[2]} | "
                f"{slowest} s |"
            )
    return "\n".join(lines) + "\n"


def main_check():
    """Looks at all of them and writes `run_files.md`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print each row")
    parser.add_argument("--kinds", nargs="*", default=list(_READERS))
    parser.add_argument("--files", nargs="*", default=[])
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        os.environ["FGKERAS_CACHE"] = str(folder / "cache")
        child = os.fork()
        if not child:
            try:
                prepare(folder)
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        if os.waitpid(child, 0)[1]:
            return 1
        for row in run(folder, arguments.kinds, arguments.files):
            rows.append(row)
            if arguments.show or row["answer"].startswith("wrong"):
                print(json.dumps(row), flush=True)
    result_path(__file__, ".md").write_text(table(rows), "utf-8")
    print(table(rows), end="")
    return any(row["answer"].startswith("wrong") for row in rows)


if __name__ == "__main__":
    sys.exit(main_check())
