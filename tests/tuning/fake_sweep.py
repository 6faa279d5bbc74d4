"""A sweep whose trials train nothing: python -m tests.tuning.fake_sweep OUT.

A trial counts epochs, one after a short sleep, and saves every second one. The
file `log.txt` of the sweep says what was trained and saved, in its order.
"""

import argparse
import hashlib
import json
import time

from fgkeras.config import Config
from fgkeras.storage import write_json
from fgkeras.tuning.space import Space
from fgkeras.tuning.sweep_folder import SweepFolder
from fgkeras.tuning.trials import Trials
from fgkeras.tuning.worker import work

EPOCHS = 9
# 12 trials, since only focal uses a gamma.
OVER = ("loss=softmax,sigmoid,focal", "beta=0,0.9,0.99", "gamma=0.5,1")


def score_of(space, values, epochs):
    """A number that only the trial and its epochs decide."""
    text = space.describe(values).encode()
    return int(hashlib.sha256(text).hexdigest()[:4], 16) / 65536 + epochs / 1e4


def fake_trials(out, search, over=OVER, most=None, seed=0):
    """Returns the `Trials` of a folder that is made or goes on."""
    config = Config.read(changes={"data.source": "flora:", "train.epochs": 9})
    space = Space.read(config, over)
    folder = SweepFolder(out)
    folder.start({"search": search, "over": space.as_json()})
    epochs = EPOCHS if search == "hyperband" else None
    return Trials(folder, space, search, seed, most=most, epochs=epochs)


def fake_run(trials, seconds=0.0):
    """Returns what trains a trial of `trials`."""

    def run(job):
        folder = trials.folder
        state = folder.trial(job.trial) / "state.json"
        epoch = json.loads(state.read_text()) if state.exists() else 0
        last = job.epochs or EPOCHS
        with open(folder / "log.txt", "a") as log:
            while epoch < last:
                time.sleep(seconds)
                epoch += 1
                print("trained", job.trial, epoch, file=log, flush=True)
                if epoch % 2 == 0 or epoch == last:
                    write_json(state, epoch)
                    print("saved", job.trial, epoch, file=log, flush=True)
        return {"score": score_of(trials.space, job.values, last)}

    return run


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--search", default="grid")
    parser.add_argument("--trials", type=int)
    parser.add_argument("--seconds", type=float, default=0.02)
    arguments = parser.parse_args()
    trials = fake_trials(arguments.out, arguments.search, most=arguments.trials)
    print("ready", flush=True)
    began = time.monotonic()
    work(trials, fake_run(trials, arguments.seconds))
    print(time.monotonic() - began, flush=True)


if __name__ == "__main__":
    main()
