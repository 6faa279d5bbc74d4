import numpy as np
import pytest
from scipy import stats

from fgkeras.bootstrap.acquisition import stopping_hint


@pytest.mark.parametrize("run", [1, 7, 100, 2000])
def test_is_the_posterior_mean_and_the_exact_bound(run):
    hint = stopping_hint([True, False, True] + [False] * run, remaining=400)
    assert hint.run == run
    assert hint.expected == pytest.approx(400 * stats.beta(1, 1 + run).mean())
    # Clopper and Pearson's upper end of one side, of 0 of `run`.
    assert hint.at_most == pytest.approx(400 * stats.beta(1, run).ppf(0.95))
    if run >= 100:
        assert hint.at_most == pytest.approx(400 * 3 / run, rel=0.03)


@pytest.mark.parametrize(
    ("run", "remaining", "stop"),
    [
        (100, 102, True),
        (100, 103, False),
        (99, 10, False),
        (0, 0, False),
        (100, 0, True),
    ],
)
def test_stops_after_a_run_with_little_left(run, remaining, stop):
    assert stopping_hint([False] * run, remaining).stop is stop


def test_before_any_decision_all_may_be_true():
    for correct in ([], [False, True]):
        hint = stopping_hint(correct, 60)
        assert (hint.run, hint.expected, hint.at_most) == (0, 30, 60)
        assert not hint.stop


def test_bound_holds_as_often_as_it_says():
    """Queues of one share, looked at after so many were all false."""
    rng = np.random.default_rng(0)
    seen = 0
    above = 0
    for share in (0.005, 0.02, 0.029):
        queues = rng.random((4000, 300)) < share
        clean = ~queues[:, :100].any(axis=1)
        bound = stopping_hint([False] * 100, remaining=200).at_most
        seen += len(queues)
        above += (clean & (queues[:, 100:].sum(axis=1) > bound)).sum()
    assert above / seen < 0.06


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"correct": [0, 1]}, "int64"),
        ({"correct": [[True]]}, r"shape=\(1, 1\)"),
        ({"remaining": -1}, "remaining=-1"),
        ({"least": 0}, "least=0"),
        ({"most": -0.5}, "most=-0.5"),
        ({"level": 1.0}, "level=1.0"),
    ],
)
def test_refuses(options, words):
    options = {"correct": [False], "remaining": 5, **options}
    with pytest.raises(ValueError, match=words):
        stopping_hint(**options)
