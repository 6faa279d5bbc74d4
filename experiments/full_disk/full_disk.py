"""Runs commands on disks that are full, makes room, and goes on.

A small disk in memory (tmpfs) holds the folder of the run and its cache. Before
a command all of it but a little is filled; the command must end with status 1
and a sentence that names a file and how much it needs or there is, or must have
had enough. Then the room is given back: the same command must go on, and leave
the same files as on a disk of any size.

It mounts, so it runs as root or in a name space of its own:

    unshare -rm python -m experiments.full_disk.full_disk
    unshare -rm python -m experiments.full_disk.full_disk --kinds convert
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from experiments.kill_points.kill_points import KINDS
from experiments.kill_points.kill_points import import_all
from experiments.kill_points.kill_points import prepared
from experiments.kill_points.kill_points import restore
from experiments.kill_points.kill_points import run
from experiments.kill_points.same_tree import differences
from experiments.results import result_path

_KINDS = ("convert", "frozen", "finetune", "evaluate", "export", "triplets")
# Shares of what the command writes that are free.
_SHARES = (0.0, 0.02, 0.1, 0.3, 0.6, 0.9)
_DISK, _PAGE = 64 << 20, 4096
_SAYS = re.compile(
    r"fgkeras: .*Received: /\S+, which needs "
    r"(more than the \S+ \w?B that are|\S+ \w?B of \S+ \w?B) free "
    r".*(No space left|quota).*"
    r"Make room, and the same command goes on",
    re.S,
)


def used(place):
    """Returns the bytes of a disk that are taken."""
    found = os.statvfs(place)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def fill(place, free):
    """Fills a disk but for some bytes; returns the file that does so."""
    ballast = place.parent / "ballast"
    found = os.statvfs(place)
    size = found.f_bavail * found.f_frsize - free
    with open(ballast, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(size, 1))
    return ballast


def try_kind(name, whole, start, disk):
    """Yields a row of results for each amount of free bytes.

    Args:
        name: Key of `KINDS`.
        whole: `pathlib.Path` of what the command leaves on any disk.
        start: `pathlib.Path` of what there is before it.
        disk: `pathlib.Path` of the small disk.
    """
    arguments, _ = KINDS[name]
    cut = disk / "cut"
    restore(start, cut)
    before = used(disk)
    code, _, said = run(arguments, cut / "out")
    if code:
        raise SystemExit(f"{name}: {code} {said}")
    wanted = used(disk) - before
    for share in _SHARES:
        restore(start, cut)
        free = int(share * wanted) // _PAGE * _PAGE
        ballast = fill(cut, free)
        code, _, said = run(arguments, cut / "out")
        ballast.unlink()
        row = {"kind": name, "wanted": wanted, "free": free, "status": code}
        wrong = []
        if code and not (code == 1 and _SAYS.search(said)):
            wrong = [f"said: {said.strip()[-500:]}"]
        enough = code == 0 or "must not hold an export yet" in said
        row["says"] = said.strip()[:300]
        if not enough:
            code, _, said = run(arguments, cut / "out")
            if code:
                wrong.append(f"again: {code} {said.strip()[-500:]}")
        wrong += differences(whole, cut)[:3]
        yield {**row, "wrong": wrong}


def table(rows):
    """Returns the table of the README, a string."""
    lines = [
        "| kind | writes | disks | refused in a sentence | had enough | "
        "went on, alike |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for kind in dict.fromkeys(row["kind"] for row in rows):
        some = [row for row in rows if row["kind"] == kind]
        full = sum(row["status"] == 1 for row in some)
        good = sum(not row["wrong"] for row in some)
        lines.append(
            f"| {kind} | {some[0]['wanted'] >> 10} kB | {len(some)} | {full} | "
            f"{len(some) - full} | {good} |"
        )
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="*", default=list(_KINDS))
    arguments = parser.parse_args()
    import_all()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        disk = scratch / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs"]
        if subprocess.run([*mount, disk], check=False).returncode:
            raise SystemExit(
                "A small disk must be mounted. Write `unshare -rm` before the "
                "command, or run it as root."
            )
        try:
            for name in arguments.kinds:
                start, whole = (
                    scratch / name / "start",
                    scratch / name / "whole",
                )
                prepared(start, KINDS[name][1])
                restore(start, whole)
                code, _, said = run(KINDS[name][0], whole / "out")
                if code:
                    raise SystemExit(f"{name}: {code} {said}")
                for row in try_kind(name, whole, start, disk):
                    rows.append(row)
                    print(json.dumps(row), flush=True)
        finally:
            subprocess.run(["umount", disk], check=False)
    text = "".join(json.dumps(row) + "\n" for row in rows)
    result_path(__file__, ".jsonl").write_text(text)
    print(table(rows))
    return 1 if any(row["wrong"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
