"""Runs `fgkeras data info` on hostile zips and tables, each under limits.

    python -m experiments.hostile_inputs.check

Each runs in a process of its own, which this one forks: the modules are there.
It ends with status 1 if one of them ends in a traceback, takes over 10 s of
processor time (or 60 s, waiting for something) or over 1 GB above an idle
process, prints bytes that command a terminal, or writes a file.
"""

import argparse
import io
import json
import os
import pathlib
import signal
import sys
import tempfile
import time

import fgkeras.data.info
import fgkeras.data.sources.csv
import fgkeras.data.sources.zip  # noqa: F401
from experiments.hostile_inputs.tables import tables
from experiments.hostile_inputs.zips import picture
from experiments.hostile_inputs.zips import zips
from experiments.results import result_path
from fgkeras.cli.main import main

SECONDS, WAIT, BYTES = 10, 60, 1 << 30
_TICKS = os.sysconf("SC_CLK_TCK")


def prepare(folder):
    """Writes the pictures and the traps that tables name."""
    for i in range(6):
        (folder / f"{i}.jpg").write_bytes(picture(i))
    os.mkfifo(folder / "pipe.jpg")
    with open(folder / "large.jpg", "wb") as file:
        file.truncate(8 << 30)
    (folder / "gone.jpg").symlink_to("/nowhere")
    (folder / "circle.jpg").symlink_to("circle.jpg")


def write_inputs(folder):
    """Writes the inputs and `titles.json`, a list of kind, file and title."""
    titles = []
    for kind, ending, cases in (
        ("zip", ".zip", zips),
        ("table", ".csv", tables),
    ):
        for title, data in cases():
            path = folder / f"{len(titles):03d}{ending}"
            path.write_bytes(data)
            titles.append([kind, path.name, title])
    (folder / "titles.json").write_text(json.dumps(titles))


def apart(function, *arguments):
    """Runs a function in a forked process: its memory is not inherited."""
    child = os.fork()
    if not child:
        try:
            function(*arguments)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def spent(child):
    """Returns the seconds of processor time of a process that runs."""
    text = pathlib.Path(f"/proc/{child}/stat").read_text()
    return sum(map(int, text.rpartition(")")[2].split()[11:13])) / _TICKS


def look(path, options, log):
    """Runs `data info` in a forked process; returns what came of it."""
    start = time.monotonic()
    child = os.fork()
    if not child:
        status = 99
        try:
            nothing = os.open("/dev/null", os.O_RDONLY)
            out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(nothing, 0)
            os.dup2(out, 1)
            os.dup2(out, 2)
            # Not what a test has put in their places.
            sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), "utf-8")
            sys.stderr = io.TextIOWrapper(io.FileIO(2, "w"), "utf-8")
            status = main(["data", "info", f"{path}", *options])
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:
            import traceback

            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(status)
    status, used = None, None
    while status is None:
        done, found, used = os.wait4(child, os.WNOHANG)
        if done:
            status = os.waitstatus_to_exitcode(found)
        elif spent(child) > SECONDS or time.monotonic() - start > WAIT:
            os.kill(child, signal.SIGKILL)
            _, found, used = os.wait4(child, 0)
            status = "hangs"
        else:
            time.sleep(0.01)
    seconds = used.ru_utime + used.ru_stime
    return status, seconds, used.ru_maxrss * 1024


def verdict(status, above, text, wrote):
    """Returns what is wrong with an answer, or what it was."""
    if status == "hangs":
        return "wrong: hangs"
    if status not in (0, 1):
        return f"wrong: status {status}"
    if "Traceback" in text or (status == 1 and "fgkeras: " not in text):
        return "wrong: traceback"
    if any(ord(c) < 32 and c not in "\n\t" for c in text):
        return "wrong: commands a terminal"
    if above > BYTES:
        return "wrong: memory"
    if wrote:
        return f"wrong: writes {wrote[0]}"
    return "opens" if status == 0 else "refused"


def run(folder):
    """Looks at every input in a folder; yields a row of each."""
    log = str(folder.parent / "log.txt")
    prepare(folder)
    good = folder / "list.csv"
    good.write_text("path,label\n0.jpg,a\n1.jpg,b\n")
    idle = look(good, (), log)[2]
    apart(write_inputs, folder)
    for kind, name, title in json.loads((folder / "titles.json").read_text()):
        for options in ((), ("--skip-bad",)):
            before = set(folder.parent.rglob("*"))
            status, seconds, peak = look(folder / name, options, log)
            text = pathlib.Path(log).read_text("utf-8", "replace")
            wrote = sorted(set(folder.parent.rglob("*")) - before)
            above = max(peak - idle, 0)
            yield {
                "kind": kind,
                "title": title,
                "options": " ".join(options),
                "answer": verdict(status, above, text, wrote),
                "seconds": round(seconds, 2),
                "megabytes": above >> 20,
                "says": text.strip().splitlines()[-1:],
            }


def table(rows):
    """Returns the small table of the README, as text."""
    lines = [
        "| inputs | | open | refused | wrong | slowest | most memory |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for kind in ("zip", "table"):
        for options in ("", "--skip-bad"):
            some = [
                r for r in rows if (r["kind"], r["options"]) == (kind, options)
            ]
            count = {
                word: sum(r["answer"].startswith(word) for r in some)
                for word in ("opens", "refused", "wrong")
            }
            lines.append(
                f"| {len(some)} {kind}s | {options} | {count['opens']} | "
                f"{count['refused']} | {count['wrong']} | "
                f"{max(r['seconds'] for r in some)} s | "
                f"{max(r['megabytes'] for r in some)} MB |"
            )
    return "\n".join(lines) + "\n"


def main_check():
    """Looks at all of them and writes `check.md`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print each row")
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place) / "inputs"
        folder.mkdir()
        for row in run(folder):
            rows.append(row)
            if arguments.show or row["answer"].startswith("wrong"):
                print(json.dumps(row, ensure_ascii=True), flush=True)
    result_path(__file__, ".md").write_text(table(rows), "utf-8")
    print(table(rows), end="")
    return any(row["answer"].startswith("wrong") for row in rows)


if __name__ == "__main__":
    sys.exit(main_check())
