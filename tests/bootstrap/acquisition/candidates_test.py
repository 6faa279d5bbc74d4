import numpy as np
import pytest
from scipy import stats

from fgkeras.bootstrap.acquisition import Candidates


def test_are_what_sorted_rows_say():
    rows = np.random.default_rng(0).dirichlet(np.ones(5), 30)
    rows[0] = [0.5, 0.5, 0, 0, 0]
    found = Candidates.of(rows)
    for i, row in enumerate(rows):
        assert found.scores[i] == sorted(row)[-1]
        assert found.rivals[i] == sorted(row)[-2]
        assert row[found.classes[i]] == found.scores[i]
        assert found.entropies[i] == pytest.approx(stats.entropy(row))
    assert found.classes[0] == 0
    assert len(found) == 30


def test_scores_of_a_sigmoid_need_no_sum():
    found = Candidates.of([[0.9, 0.8], [0.0, 0.0]])
    assert found.scores.tolist() == [0.9, 0.0]
    assert found.entropies[0] == pytest.approx(stats.entropy([9, 8]))
    assert np.isfinite(found.entropies).all()
    assert len(Candidates.of(np.zeros((0, 3)))) == 0


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1.5, -0.1])
def test_refuses_scores_by_their_rows(wrong):
    rows = np.full((20, 3), 0.25)
    rows[[4, 17], 1] = wrong
    with pytest.raises(ValueError, match=r"2 rows .* rows \[4, 17\]"):
        Candidates.of(rows)
    with pytest.raises(ValueError, match=r"scores .* rows \[4, 17\]"):
        Candidates(rows[:, 1], np.zeros(20), np.zeros(20, int))
    with pytest.raises(ValueError, match=r"rivals .* rows \[4, 17\]"):
        Candidates(np.ones(20), rows[:, 1], np.zeros(20, int))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (([0.5], [0.1, 0.1], [0]), r"rivals.shape=\(2,\)"),
        (([0.5], [0.1], [0.0]), r"classes=\[0.\]"),
        (([0.5], [0.1], [-1]), r"classes=\[-1\]"),
        (([0.1], [0.5], [0]), r"rows \[0\]"),
    ],
)
def test_refuses_what_does_not_fit(parts, words):
    with pytest.raises(ValueError, match=words):
        Candidates(*parts)
    with pytest.raises(ValueError, match=r"shape=\(3,\)"):
        Candidates.of([0.1, 0.2, 0.3])
