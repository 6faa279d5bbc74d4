"""A sweep whose trials train nothing, to be killed and shared.

A trial counts epochs and saves every second one. The file `log.txt` of the
sweep says what was trained and saved, in its order.
"""

import hashlib
import json
import time

from fgkeras.config import Config
from fgkeras.storage import write_json
from fgkeras.tuning.space import Space
from fgkeras.tuning.sweep_folder import SweepFolder
from fgkeras.tuning.trials import Trials

EPOCHS = 9
# 12 trials, since only focal uses a gamma.
OVER = ("loss=softmax,sigmoid,focal", "beta=0,0.9,0.99", "gamma=0.5,1")


def score_of(space, values, epochs):
    """Returns a number that only the trial and its epochs decide."""
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


def fake_run(trials, epoch_of=lambda: None):
    """Returns what trains a trial of `trials`.

    Args:
        trials: `Trials`.
        epoch_of: Function that takes as long as an epoch.
    """

    def run(job):
        folder = trials.folder
        state = folder.trial(job.trial) / "state.json"
        epoch = json.loads(state.read_text()) if state.exists() else 0
        last = job.epochs or EPOCHS
        with open(folder / "log.txt", "a") as log:
            while epoch < last:
                epoch_of()
                epoch += 1
                print("trained", job.trial, epoch, file=log, flush=True)
                if epoch % 2 == 0 or epoch == last:
                    write_json(state, epoch)
                    print("saved", job.trial, epoch, file=log, flush=True)
        return {"score": score_of(trials.space, job.values, last)}

    return run


def sleeping(seconds):
    """Returns an epoch that waits, on no core."""
    return lambda: time.sleep(seconds)


def counting(times):
    """Returns an epoch that keeps one core busy."""

    def epoch():
        digest = b""
        for _ in range(times):
            digest = hashlib.sha256(digest).digest()

    return epoch
