"""Time and memory of metric losses against PML and TensorFlow Addons.

    python -m experiments.benchmarks.metric_losses --phase memory
        [--tfa-python /tmp/tfa/bin/python]
    python -m experiments.benchmarks.metric_losses --phase time
        [--tfa-python /tmp/tfa/bin/python] [--rounds 7] [--seconds 120]

Value and gradient of each loss on one batch of unit embeddings, four images
per class. fgkeras (compiled, with XLA and without: the better is compared and
named) and PyTorch Metric Learning alternate in one process on the same batch,
so that a busy moment hits both; medians are compared. TensorFlow Addons cannot
share an environment with Keras 3: it runs right after them in its own, and
only where it is asked for by `--tfa-python`.

Peak memory: `ru_maxrss` of a process per loss and variant that computes value
and gradient once for each size, smallest first, less that of the same process
after a batch of 8. It ends where it would take over 12 GiB, or 300 s of CPU in
all. Sizes beyond one that failed or took over 5 s are not timed.

What fails in the phase of memory is not timed afterwards. Progress is printed,
and `metric_losses.json` beside this file is written after each case and read
at the start: a second call goes on where the first ended. At the end stands
where the goal is missed: PyTorch Metric Learning's time, or less.
"""

import argparse
import fcntl
import itertools
import json
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import sys
import time

from experiments.benchmarks.metric_loss_steps import NAMES
from experiments.benchmarks.metric_loss_steps import TFA_NAMES
from experiments.benchmarks.metric_loss_steps import make
from experiments.results import result_path

RESULT = result_path(__file__)
OURS = ("fgkeras", "fgkeras_xla")
LIMIT, SLOW = 300, 10.0  # Seconds of CPU of a process, seconds of one batch.
MEMORY = 12 * 2**30


def timed(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def probe(variant, name, dim, sizes, rounds):
    """In a process of its own: a line per size, smallest first."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))
    make(variant, name, 8, dim)()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for size in sorted(sizes):
        run = make(variant, name, size, dim)
        first = timed(run)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        times = [timed(run) for _ in range(rounds)] or [first]
        line = {"mib": peak / 1024, "s": statistics.median(times)}
        print(json.dumps(line), flush=True)


def in_process(python, variant, name, dim, sizes, rounds=0):
    """Returns for each size what `probe` found, or why it found nothing."""
    case = json.dumps([variant, name, dim, sizes, rounds])
    ran = subprocess.run(
        [python, str(pathlib.Path(__file__).resolve()), "--probe", case],
        capture_output=True,
        text=True,
        cwd=pathlib.Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": "."},
        check=False,
    )
    out = ran.stdout
    lines = [t for t in ran.stderr.splitlines() if t.strip()]
    reason = lines[-1][:160] if ran.returncode > 0 and lines else "killed"
    cells = [json.loads(t) for t in out.splitlines() if t.startswith("{")]
    cells += [{"failed": reason}] * (len(sizes) - len(cells))
    return dict(zip(sorted(sizes), cells, strict=True))


def row_of(rows, name, size, dim):
    """Returns the row of one batch, which is appended if it is new."""
    for row in rows:
        if (row["loss"], row["batch"], row["dim"]) == (name, size, dim):
            return row
    rows.append({"loss": name, "batch": size, "dim": dim})
    return rows[-1]


def measure_memory(rows, args, name, dim):
    """Adds the peak of each variant for all sizes."""
    variants = ["fgkeras", "fgkeras_xla", "pml"]
    if args.tfa_python and name in TFA_NAMES:
        variants.append("tfa")
    for variant in variants:
        python = args.tfa_python if variant == "tfa" else sys.executable
        cells = in_process(python, variant, name, dim, args.sizes)
        for size, cell in cells.items():
            row = row_of(rows, name, size, dim)
            key = "mib" if "mib" in cell else "failed"
            row.setdefault(variant, {})[key] = cell[key]


def measure_time(rows, args, name, dim, size):
    """Adds the medians of alternating runs."""
    row = row_of(rows, name, size, dim)
    runs, times = {}, {}
    for variant in ("fgkeras", "fgkeras_xla", "pml"):
        cell = row.setdefault(variant, {})
        if any(slow(r.get(variant)) for r in rows if before(r, row)):
            cell["failed"] = "not tried: a smaller batch was too much"
        if "failed" in cell:
            continue
        try:
            runs[variant] = make(variant, name, size, dim)
            first = timed(runs[variant])  # Compiles.
        except (ImportError, MemoryError, RuntimeError) as error:
            runs.pop(variant, None)
            cell["failed"] = str(error).strip().splitlines()[0][:160]
            continue
        times[variant] = [first] if first > SLOW else []
    for _ in range(args.rounds):
        for variant, run in runs.items():
            if not times[variant] or times[variant][0] <= SLOW:
                times[variant].append(timed(run))
    for variant, values in times.items():
        row[variant]["s"] = statistics.median(values)
    if args.tfa_python and name in TFA_NAMES:
        if any(slow(r.get("tfa")) for r in rows if before(r, row)):
            again = {"failed": "not tried: a smaller batch was too much"}
        else:
            case = (args.tfa_python, "tfa", name, dim, [size], 3)
            again = in_process(*case)[size]
            again.pop("mib", None)  # Left to the phase of memory.
        row.setdefault("tfa", {}).update(again)
    row["rounds"] = args.rounds


def save(found):
    """Writes what was found into the file; both phases may run at once."""
    with open(RESULT, "a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        text = file.read()
        rows = json.loads(text)["rows"] if text else []
        done = json.loads(text)["done"] if text else []
        for row in found["rows"]:
            there = row_of(rows, row["loss"], row["batch"], row["dim"])
            for key, value in row.items():
                if isinstance(value, dict):
                    there.setdefault(key, {}).update(value)
                else:
                    there[key] = value
        done += [key for key in found["done"] if key not in done]
        file.truncate(0)
        merged = {**found, "rows": rows, "done": done}
        file.write(json.dumps(merged, indent=1) + "\n")
    return rows


def before(row, other):
    """Whether `row` is of the same case as `other`, with fewer images."""
    same = all(row[key] == other[key] for key in ("loss", "dim"))
    return same and row["batch"] < other["batch"]


def slow(cell):
    """Whether it failed, or took so long that no larger batch is tried."""
    return bool(cell) and ("failed" in cell or cell.get("s", 0) > SLOW / 2)


def summary(rows):
    """Lines of a table: how many times faster, and smaller, fgkeras is."""
    yield (
        "| loss | batch | dim | ms | MiB | PML time | PML memory "
        "| TFA time | TFA memory |"
    )
    yield "| --- " * 9 + "|"
    for row in rows:
        best = min(
            OURS,
            key=lambda v: row[v].get("s", float("inf")),
        )
        mine = row[best]
        cells = [row["loss"], row["batch"], row["dim"]]
        mark = " (XLA)" if best == "fgkeras_xla" else ""
        cells.append(f"{1e3 * mine['s']:.1f}{mark}")
        cells.append(f"{mine['mib']:.0f}" if "mib" in mine else "")
        for variant in ("pml", "tfa"):
            theirs = row.get(variant, {})
            for key in ("s", "mib"):
                if key in theirs and key in mine:
                    cells.append(f"x {theirs[key] / max(mine[key], 1e-9):.1f}")
                else:
                    cells.append("failed" if "failed" in theirs else "")
        yield "| " + " | ".join(map(str, cells)) + " |"


def short_of_goal(rows):
    """Lines that say how much slower than PyTorch Metric Learning a row is."""
    for row in rows:
        mine = min(row[v].get("s", float("inf")) for v in OURS)
        ratio = row.get("pml", {}).get("s", float("inf")) / mine
        if ratio < 1.0:
            case = f"{row['loss']}, batch {row['batch']}, dim {row['dim']}"
            yield f"short of the goal: {case}: {ratio:.2f} of 1.00"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--sizes", type=int, nargs="+", default=[
        256, 512, 1024, 2048, 4096,
    ])  # fmt: skip
    parser.add_argument("--dims", type=int, nargs="+", default=[64, 512])
    parser.add_argument("--losses", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--tfa-python")
    parser.add_argument("--phase", choices=("memory", "time"), default="time")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--probe", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.probe:
        probe(*json.loads(args.probe))
        return
    found = {"rows": [], "done": []}
    if RESULT.exists():
        found = json.loads(RESULT.read_text(encoding="utf-8"))
    found["machine"] = f"{os.cpu_count()} CPU cores, {platform.machine()}"
    rows = found["rows"]
    start = time.monotonic()
    if args.phase == "memory":
        measure, cases = measure_memory, [args.losses, args.dims]
    else:
        limit = (MEMORY, MEMORY)
        resource.setrlimit(resource.RLIMIT_DATA, limit)
        measure, cases = measure_time, [args.losses, args.dims, args.sizes]
    for case in itertools.product(*cases):
        if time.monotonic() - start > args.seconds:
            print("Out of time; call again to go on.")
            break
        key = f"{args.phase} {case}"
        if key in found["done"]:
            continue
        measure(rows, args, *case)
        found["done"].append(key)
        rows[:] = save(found)
        same = [r for r in rows if [r["loss"], r["dim"]] == [*case[:2]]]
        sizes = case[2:] or [r["batch"] for r in same]
        for row in same:
            if row["batch"] in sizes:
                print(key, json.dumps(row), flush=True)
    rows.sort(key=lambda r: (r["loss"], r["dim"], r["batch"]))
    timed_rows = [r for r in rows if "rounds" in r]
    print("\n".join([*summary(timed_rows), *short_of_goal(timed_rows)]))


if __name__ == "__main__":
    main()
