"""Two workers on the folder of one sweep against one.

python -m experiments.sweeps.two_workers
python -m experiments.sweeps.two_workers --work sleep --rounds 1

Trials that train nothing: an epoch keeps one core busy, or waits. One worker
and two do the same 12 trials in turns.
"""

import argparse
import json
import multiprocessing
import pathlib
import statistics
import tempfile
import time

from experiments.results import result_path
from experiments.sweeps.fake_sweep import counting
from experiments.sweeps.fake_sweep import fake_run
from experiments.sweeps.fake_sweep import fake_trials
from experiments.sweeps.fake_sweep import sleeping
from fgkeras.tuning.worker import work

EPOCHS = {"count": lambda: counting(300_000), "sleep": lambda: sleeping(0.15)}


def worker(out, search, kind):
    trials = fake_trials(out, search)
    work(trials, fake_run(trials, EPOCHS[kind]()))


def timed(out, search, kind, workers):
    """Returns seconds and trials of a sweep by some workers."""
    context = multiprocessing.get_context("fork")
    all_of_them = [
        context.Process(target=worker, args=(out, search, kind))
        for _ in range(workers)
    ]
    start = time.monotonic()
    for process in all_of_them:
        process.start()
    for process in all_of_them:
        process.join()
    seconds = time.monotonic() - start
    trials = fake_trials(out, search)
    trials.follow()
    return seconds, sorted(json.dumps(t.values) for t in trials.known)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", nargs="+", default=list(EPOCHS))
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    rows = []
    for search in ("grid", "random"):
        for kind in arguments.work:
            ratios, seconds = [], []
            for _ in range(arguments.rounds):
                with tempfile.TemporaryDirectory() as root:
                    root = pathlib.Path(root)
                    one, trials = timed(root / "one", search, kind, 1)
                    two, same = timed(root / "two", search, kind, 2)
                assert same == trials
                ratios.append(round(two / one, 3))
                seconds.append(round(one, 1))
            rows.append(
                {
                    "search": search,
                    "work": kind,
                    "trials": len(trials),
                    "one_worker_seconds": seconds,
                    "ratios": ratios,
                    "ratio": statistics.median(ratios),
                }
            )
            print(json.dumps(rows[-1]), flush=True)
    text = json.dumps(rows, indent=1) + "\n"
    result_path(__file__).write_text(text)


if __name__ == "__main__":
    main()
