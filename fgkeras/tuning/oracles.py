"""Who proposes the trials of a sweep: the oracles of keras_tuner.

They propose; what was proposed and measured stands in the sweep's journal, so
that an oracle is made anew and told all of it by every process. None writes a
file, draws from a clock, or proposes what comes to a trial that was there.
"""

import json
import math
import warnings

import keras_tuner
import numpy as np
from keras_tuner.oracles import BayesianOptimizationOracle
from keras_tuner.oracles import GridSearchOracle
from keras_tuner.oracles import HyperbandOracle
from keras_tuner.oracles import RandomSearchOracle
from sklearn.exceptions import ConvergenceWarning

from fgkeras.tuning.interval import Interval

# Tries to draw a trial that was not there before the space counts as empty.
_DRAWS = 2000


class _Oracle:
    """What all oracles of a sweep have in common."""

    def __init__(self, space, seed, **more):
        self.space = space
        super().__init__(
            objective=keras_tuner.Objective("score", "max"),
            hyperparameters=hyperparameters(space),
            allow_new_entries=False,
            # It takes a seed of 0 for none.
            seed=seed % (2**32 - 1) + 1,
            max_consecutive_failed_trials=math.inf,
            **more,
        )
        self.verbose = 0
        self._max_collisions = _DRAWS

    def populate_space(self, trial_id):
        # What a trial draws is its own, and does not depend on how often this
        # process has asked before.
        self._seed_state = self.seed + 1_000_003 * int(trial_id)
        return super().populate_space(trial_id)

    def save(self):
        """Keeps nothing: the journal does."""

    def _save_trial(self, trial):
        """Keeps nothing: the journal does."""

    def _canonical(self, values):
        """The values that stand for all of the same trial."""
        mine = self.space.canonical(read_values(self.space, values))
        # An oracle may add something of its own.
        return {**values, **written_values(self.space, mine)}

    def _compute_values_hash(self, values):
        return super()._compute_values_hash(self._canonical(values))

    def _random_values(self):
        values = super()._random_values()
        return values and self._canonical(values)


class _Random(_Oracle, RandomSearchOracle):
    """Trials drawn at random, none twice."""


class _Grid(_Oracle, GridSearchOracle):
    """All trials, the first option changing slowest."""

    def populate_space(self, trial_id):
        found = super().populate_space(trial_id)
        if found["status"] == "RUNNING":
            # Without it a second worker waits for the trial of the first.
            self._populate_next.append(trial_id)
        return found

    def _get_next_combination(self, values):
        values = super()._get_next_combination(values)
        while values is not None and self._canonical(values) != values:
            values = super()._get_next_combination(values)
        return values


class _Bayesian(_Oracle, BayesianOptimizationOracle):
    """Trials where a Gaussian process expects most, none twice."""

    def __init__(self, space, seed, **more):
        super().__init__(space, seed, **more)
        self.proposed = {}

    def populate_space(self, trial_id):
        if trial_id in self.proposed:
            # A fit takes a second, and its outcome is known.
            values = written_values(self.space, self.proposed[trial_id])
            return {"status": "RUNNING", "values": values}
        self._random_state = np.random.RandomState(
            (self.seed + int(trial_id)) % 2**32
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            found = super().populate_space(trial_id)
        if found["status"] != "RUNNING":
            return found
        values = self._canonical(found["values"])
        if self._duplicate(values):
            return self._random_populate_space()
        return {**found, "values": values}


class _Hyperband(_Oracle, HyperbandOracle):
    """Many short trials, of which the best go on."""

    def rungs(self):
        """Returns tuples: how many are trained from which epoch to which."""
        out = []
        for bracket in reversed(range(self._get_num_brackets())):
            before = 0
            for k in range(self._get_num_rounds(bracket)):
                epochs = self._get_epochs(bracket, k)
                out.append((self._get_size(bracket, k), before, epochs))
                before = epochs
        return out

    def _get_size(self, bracket_num, round_num):
        size = super()._get_size(bracket_num, round_num)
        if self.space.size == math.inf:
            return size
        # A space with fewer trials than a bracket wants fills it.
        return min(size, math.ceil(self.space.size / self.factor**round_num))

    def _duplicate(self, values):
        """Whether the bracket has the trial; another may have it too."""
        key = self._key(values)
        first = self._brackets[-1]["rounds"][0]
        return any(
            key == self._key(self.trials[info["id"]].hyperparameters.values)
            for info in first
        )

    def _key(self, values):
        values = self._canonical(values)
        return json.dumps([values[name] for name in self.space.over])


SEARCHES = {
    "grid": _Grid,
    "random": _Random,
    "hyperband": _Hyperband,
    "bayesian": _Bayesian,
}


def make_oracle(space, search, seed=0, *, epochs=None, factor=3):
    """Returns the oracle of a sweep.

    Args:
        space: `Space`.
        search: String, one of `SEARCHES`.
        seed: Int of 32 bits. Defaults to `0`.
        epochs: Int, of a whole training; hyperband's.
        factor: Int, at least 2: one in so many trials goes on, for so many
            times the epochs; hyperband's. Defaults to `3`.

    Returns:
        A `keras_tuner.Oracle`.
    """
    more = {}
    if search == "hyperband":
        more = {"max_epochs": epochs, "factor": factor}
    elif search in ("random", "bayesian"):
        # The sweep counts its trials itself.
        more = {"max_trials": None}
    return SEARCHES[search](space, seed, **more)


def hyperparameters(space):
    """Returns a space as `keras_tuner.HyperParameters`.

    Args:
        space: `Space`. Of a list its places are drawn, whatever stands there.
    """
    out = keras_tuner.HyperParameters()
    for name, values in space.over.items():
        if not isinstance(values, Interval):
            out.Choice(name, list(range(len(values))))
            continue
        draw = out.Int if isinstance(values.low, int) else out.Float
        sampling = "log" if values.log else "linear"
        draw(name, values.low, values.high, sampling=sampling)
    return out


def read_values(space, proposed):
    """Returns what an oracle proposes as values of options, a dict.

    Args:
        space: `Space`.
        proposed: Dict, the values of a trial of an oracle.
    """
    out = {}
    for name, known in space.over.items():
        value = proposed[name]
        out[name] = value if isinstance(known, Interval) else known[value]
    return out


def written_values(space, values):
    """Returns values of options as an oracle takes them, a dict.

    Args:
        space: `Space`.
        values: Dict of dotted name to value.
    """
    return {
        name: values[name]
        if isinstance(known, Interval)
        else known.index(values[name])
        for name, known in space.over.items()
    }
