"""Sweeps of real trainings, killed five times at random moments.

python -m experiments.sweeps.killed
python -m experiments.sweeps.killed --searches grid --kills 1 --trials 3

Each sweep of 12 trials runs through once; another is killed by SIGKILL and
started again until it ends. Compared are the trials, their scores, the winner,
its numbers on the test images, and the weights of all. An epoch may be trained
twice if the kill came before it was saved, and no other.
"""

import argparse
import json
import multiprocessing
import pathlib
import random
import re
import tempfile
import time

import keras
import numpy as np

from experiments.results import result_path
from fgkeras.config import Config
from fgkeras.models import load_model
from fgkeras.training.reporter import Reporter
from fgkeras.tuning import tune

OVER = ("loss=softmax,sigmoid,focal", "beta=0,0.9,0.99", "gamma=0.5,1")
OPTIONS = {
    "data.source": "flora:species=4,images=12,val=3,test=4,imbalance=2,size=16",
    "data.size": 16,
    "data.batch_size": 8,
    "model.backbone": "small_cnn",
    "model.pooled_layer": "block1_bn",
    "train.mode": "frozen",
    "train.epochs": 6,
    # A checkpoint after every step.
    "train.save_seconds": 0,
    "evaluation.resamples": 0,
}


class Log(Reporter):
    """Writes a line for every epoch that has ended."""

    def __init__(self, path):
        self.path, self.trial = path, "winner"

    def say(self, text):
        found = re.match(r"trial (\d+): [a-z]", text)
        self.trial = found[1] if found else "winner"

    def epochs(self, title, epochs, every=1):
        def note(epoch, logs):
            with open(self.path, "a") as file:
                print(self.trial, epoch + 1, file=file)

        return [keras.callbacks.LambdaCallback(on_epoch_end=note)]


def sweep(out, search, trials):
    tune(
        Config.read(changes=OPTIONS),
        OVER,
        out,
        search=search,
        trials=trials,
        reporter=Log(f"{out}.log"),
    )


def started(*asked):
    process = multiprocessing.get_context("fork").Process(
        target=sweep, args=asked
    )
    process.start()
    return process


def lines_of(path):
    return path.read_text().splitlines() if path.exists() else []


def facts_of(out):
    """What must be the same: all but times and paths."""
    facts = json.loads((out / "report.json").read_text())
    rows = [
        {k: row[k] for k in ("trial", "options", "score", "curve")}
        for row in facts["trials"]
    ]
    return rows, facts["winner"], facts["tested"], facts["command"]


def weights_of(out):
    return {
        path.parent.relative_to(out).as_posix(): load_model(path).get_weights()
        for path in sorted(out.rglob("model.keras"))
    }


def same_weights(one, other):
    return one.keys() == other.keys() and all(
        np.array_equal(a, b)
        for name in one
        for a, b in zip(one[name], other[name], strict=True)
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--searches", nargs="+", default=["grid", "random"])
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--trials", type=int, default=12)
    arguments = parser.parse_args()
    rows = []
    for search in arguments.searches:
        draw = random.Random(search)
        with tempfile.TemporaryDirectory() as root:
            root = pathlib.Path(root)
            asked = (search, arguments.trials)
            start = time.monotonic()
            started(root / "through", *asked).join()
            whole = time.monotonic() - start
            moments = []
            for _ in range(arguments.kills):
                process = started(root / "killed", *asked)
                process.join(draw.uniform(0, whole / arguments.kills))
                if process.exitcode is None:
                    log = root / "killed.log"
                    ended = (
                        len(log.read_text().split("\n")) if log.exists() else 1
                    )
                    moments.append(ended - 1)
                    process.kill()
                    process.join()
            started(root / "killed", *asked).join()
            epochs = lines_of(root / "killed.log")
            check = multiprocessing.get_context("fork").Pool(1)
            alike = check.apply(compared, (root / "through", root / "killed"))
            check.close()
        row = {
            "search": search,
            "kills": len(moments),
            "epochs_before_each_kill": moments,
            "epochs": len(set(epochs)),
            "trained_twice": len(epochs) - len(set(epochs)),
            **alike,
            "seconds": round(time.monotonic() - start),
        }
        rows.append(row)
        print(json.dumps(row), flush=True)
    text = json.dumps(rows, indent=1) + "\n"
    result_path(__file__).write_text(text)


def compared(one, other):
    """Loads models, which this script itself must not before it forks."""
    facts = facts_of(one)
    return {
        "trials": len(facts[0]),
        "winner": facts[1],
        "same_trials_and_winner": facts == facts_of(other),
        "same_weights": same_weights(weights_of(one), weights_of(other)),
    }


if __name__ == "__main__":
    main()
