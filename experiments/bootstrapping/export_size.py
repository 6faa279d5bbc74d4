"""Memory and time that an export of 250,000 decisions takes.

    python -m experiments.bootstrapping.export_size
    python -m experiments.bootstrapping.export_size --decisions 5000

Two people have answered 125,000 candidates each. The project is exported in
each format that is one file, by `fgkeras.jobs.bootstrapping` in a process of
its own; taken is the most memory that the process held, what of it its imports
had taken before (TensorFlow's most of all), and the time. The goal: less than
500 MB beside the imports, and every decision is there.
"""

import argparse
import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

from experiments.bootstrapping.pool_size import answered
from experiments.bootstrapping.served_project import make
from experiments.machine import processor
from experiments.results import result_path
from fgkeras.bootstrap.store import Labellers

GOAL_MB = 500.0
ENDINGS = {"jsonl": "jsonl", "csv": "csv", "label-studio": "json"}


def exported(folder, kind, out):
    """Exports, in this process; prints what it took as JSON."""
    from fgkeras.jobs.bootstrapping.export import export
    from fgkeras.training.reporter import SILENT

    def most():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    before, begun = most(), time.monotonic()
    found = export(folder, out, kind, reporter=SILENT)
    print(
        json.dumps(
            {
                "most_mb": round(most()),
                "grown_mb": round(most() - before, 1),
                "imports_mb": round(before),
                "seconds": round(time.monotonic() - begun, 1),
                "file_mb": round(pathlib.Path(out).stat().st_size / 1e6, 1),
                **{k: v for k, v in found.items() if isinstance(v, int)},
            }
        )
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=250_000)
    parser.add_argument("--export", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.export:
        exported(*arguments.export)
        return 0
    found = {"decisions": arguments.decisions}
    with tempfile.TemporaryDirectory() as root:
        folder = pathlib.Path(root, "project")
        folder.mkdir()
        half = arguments.decisions // 2
        store = make(folder, half, wanted=2)
        for name in ("Ada", "Bob"):
            person = Labellers(store).add(name)
            answered(store, person, list(range(1, half + 1)), name)
        store.close()
        for kind, ending in ENDINGS.items():
            out = pathlib.Path(root, f"out.{ending}")
            done = subprocess.run(
                [
                    *(sys.executable, "-m", __spec__.name),
                    *("--export", str(folder), kind, str(out)),
                ],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise RuntimeError(done.stderr[-2000:])
            found[kind] = json.loads(done.stdout.splitlines()[-1])
            print(kind, found[kind], flush=True)
    found["processor"] = processor()
    result_path(__file__).write_text(json.dumps(found, indent=1) + "\n")
    most = max(found[kind]["grown_mb"] for kind in ENDINGS)
    good = most < GOAL_MB and all(
        found[kind]["votes"] == 2 * half for kind in ("csv", "label-studio")
    )
    print(
        f"{most} MB more at most; the goal is less than {GOAL_MB:.0f}, and "
        f"every decision: {'reached' if good else 'MISSED'}."
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
