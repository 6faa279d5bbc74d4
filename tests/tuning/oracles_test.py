"""What the oracles of a sweep propose."""

import pytest

from fgkeras.config import Config
from fgkeras.tuning.oracles import make_oracle
from fgkeras.tuning.oracles import read_values
from fgkeras.tuning.space import Space

CONFIG = Config.read(changes={"data.source": "flora:", "train.epochs": 9})


def proposals(space, search, seed=0, ended=True, most=60):
    """Returns what an oracle proposes until it has no more."""
    oracle = make_oracle(space, search, seed, epochs=9)
    found = []
    for number in range(most):
        trial = oracle.create_trial(str(number))
        if trial.status != "RUNNING":
            break
        values = trial.hyperparameters.values
        found.append((values, space.describe(read_values(space, values))))
        if ended:
            oracle.update_trial(trial.trial_id, {"score": number % 7 / 7})
            trial.status = "COMPLETED"
            oracle.end_trial(trial)
    return found


@pytest.mark.parametrize("search", ["grid", "random"])
@pytest.mark.parametrize("ended", [True, False])
def test_every_trial_once_whatever_has_ended(search, ended):
    """As many workers as trials all have work at once."""
    space = Space.read(CONFIG)
    words = [text for _, text in proposals(space, search, ended=ended)]
    assert len(words) == len(set(words)) == 25
    expected = {space.describe(values) for values in space.grid()}
    assert set(words) == expected


def test_a_seed_of_zero_is_one():
    """keras_tuner takes it for none, and draws one by the clock."""
    space = Space.read(CONFIG, ["beta=0,0.9,0.99,0.999", "data.flip=yes,no"])
    first, again, other = (
        [text for _, text in proposals(space, "random", seed)]
        for seed in (0, 0, 1)
    )
    assert first == again != other
    assert make_oracle(space, "random", 2**32 - 1).seed == 1


def test_hyperband_promotes_and_fills_a_small_space():
    """Rounds of 9, 5 and 3, but no more than there are trials."""
    space = Space.read(CONFIG, ["loss=softmax,sigmoid", "beta=0,0.9,0.99"])
    found = proposals(space, "hyperband")
    rounds = [(v["tuner/initial_epoch"], v["tuner/epochs"]) for v, _ in found]
    sizes = {r: rounds.count(r) for r in dict.fromkeys(rounds)}
    assert sizes == {
        (0, 1): 6,
        (1, 3): 2,
        (3, 9): 1 + 2,
        (0, 3): 5,
        (0, 9): 3,
    }
    first = [text for v, text in found if v["tuner/epochs"] == 1]
    assert len(set(first)) == 6
    oracle = make_oracle(space, "hyperband", epochs=9)
    assert sum(size for size, _, _ in oracle.rungs()) == len(found)


def test_intervals_are_drawn_within():
    space = Space.read(
        CONFIG, ["learning-rate=1e-4..1e-1:log", "batch-size=2..9"]
    )
    found = [
        read_values(space, v) for v, _ in proposals(space, "random", most=20)
    ]
    rates = [row["train.learning_rate"] for row in found]
    assert all(1e-4 <= rate <= 0.1 for rate in rates)
    assert sum(rate < 0.01 for rate in rates) > 8
    sizes = {row["data.batch_size"] for row in found}
    assert sizes <= set(range(2, 10))
    assert len(sizes) > 3
