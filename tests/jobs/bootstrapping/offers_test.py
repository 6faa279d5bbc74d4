import numpy as np
import pytest

from fgkeras.jobs.bootstrapping.offers import Strategy
from fgkeras.jobs.bootstrapping.offers import offers

NOTHING = (np.zeros(0, bool), np.zeros(0))


def pool(count=400, seed=0):
    """Scores of a pool: of the class, of the rival, the class, entropies."""
    rng = np.random.default_rng(seed)
    scores = rng.uniform(0.3, 1.0, count)
    rivals = np.minimum(scores, 1 - scores) * rng.uniform(0.2, 1, count)
    classes = rng.integers(0, 5, count)
    entropies = -scores * np.log(scores) - rivals * np.log(rivals + 1e-9)
    return scores, rivals, classes, entropies


def chosen(strategy, answered=NOTHING, seed=0):
    return offers(*pool(), strategy, answered=answered, seed=seed)


def test_threshold_offers_what_is_above_and_audits_below():
    scores = pool()[0]
    found = chosen(Strategy(threshold=0.6, audit=0.1))
    assert set(found.offered) == set(np.flatnonzero(scores > 0.6))
    assert not set(found.audited) & set(found.offered)
    below = (scores <= 0.6).sum()
    assert abs(len(found.audited) - 0.1 * below) <= 1
    assert found.weight == pytest.approx(10)
    assert len(found.accepted) == 0


def test_exactly_the_threshold_is_not_offered():
    half = np.array([0.5, 0.5 + 1e-7, 0.9])
    found = offers(
        half, half / 4, np.zeros(3, int), half, Strategy(audit=0.0),
        answered=NOTHING,
    )  # fmt: skip
    assert sorted(found.offered.tolist()) == [1, 2]
    assert len(found.audited) == 0


def test_least_certain():
    scores, rivals, _, entropies = pool()
    found = chosen(Strategy("margin", count=30))
    worst = np.argsort(scores - rivals, kind="stable")[:30]
    assert set(found.offered) == set(worst)
    found = chosen(Strategy("entropy", count=30))
    most = np.argsort(-entropies, kind="stable")[:30]
    assert set(found.offered) == set(most)


def test_cap_keeps_the_surest_of_a_class():
    scores, _, classes, _ = pool()
    found = chosen(Strategy(threshold=0.5, cap=7))
    for k in range(5):
        mine = np.flatnonzero((classes == k) & (scores > 0.5))
        best = mine[np.argsort(-scores[mine], kind="stable")[:7]]
        assert set(found.offered[classes[found.offered] == k]) == set(best)


def test_lsun_begins_by_lot_and_goes_on_between_two_thresholds():
    first = chosen(Strategy("lsun", count=50))
    assert len(first.offered) == 50
    assert first.thresholds is None
    rng = np.random.default_rng(1)
    known = rng.uniform(0.3, 1.0, 500)
    correct = rng.random(500) < (known > 0.55) * 0.5 + (known > 0.85) * 0.5
    later = chosen(Strategy("lsun", count=50), (correct, known))
    scores = pool()[0]
    low, high = later.thresholds
    assert 0.3 < low < high < 1
    assert len(later.accepted) == 0
    positive = set(np.flatnonzero(scores > high))
    assert positive <= set(later.offered)
    rest = [i for i in later.offered if i not in positive]
    assert len(rest) == 50
    assert all(low < scores[i] <= high for i in rest)
    unseen = chosen(Strategy("lsun", count=50, accept=True), (correct, known))
    assert set(unseen.accepted) == positive


def test_lots_are_drawn_anew_by_the_seed_alone():
    one = chosen(Strategy("lsun", count=50), seed=(3, 1))
    same = chosen(Strategy("lsun", count=50), seed=(3, 1))
    other = chosen(Strategy("lsun", count=50), seed=(3, 2))
    assert one.offered.tolist() == same.offered.tolist()
    assert one.offered.tolist() != other.offered.tolist()
    assert one.audited.tolist() == same.audited.tolist()
