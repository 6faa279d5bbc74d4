import numpy as np
import pytest

from fgkeras.bootstrap.acquisition import Candidates
from fgkeras.bootstrap.acquisition import audit_slice
from fgkeras.bootstrap.acquisition import threshold


def pool(count=3000, seed=0):
    rng = np.random.default_rng(seed)
    rows = rng.dirichlet(np.full(6, 0.6), count) * rng.uniform(
        0.6, 1, (count, 1)
    )
    rows[:5, :] = 0.5  # Exactly the threshold: below.
    return Candidates.of(rows)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.37, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_is_the_share_of_each_class_below(share, seed):
    candidates = pool()
    drawn = audit_slice(candidates, share=share, seed=seed)
    below = set(range(3000)) - set(threshold(candidates).tolist())
    assert set(drawn.positions.tolist()) <= below
    assert len(set(drawn.positions.tolist())) == len(drawn)
    assert abs(len(drawn) - share * len(below)) < 1
    for c in range(6):
        of_class = [i for i in below if candidates.classes[i] == c]
        got = (candidates.classes[drawn.positions] == c).sum()
        assert abs(got - share * len(of_class)) < 2
    assert drawn.inclusion == share


def test_each_has_the_same_chance():
    candidates = pool(40, seed=1)
    below = np.flatnonzero(candidates.scores <= 0.5)
    times = np.zeros(40)
    for seed in range(2000):
        times[audit_slice(candidates, share=0.3, seed=seed).positions] += 1
    assert times[candidates.scores > 0.5].sum() == 0
    # Four standard errors of a count of 2000 at 0.3.
    np.testing.assert_allclose(times[below], 600, atol=4 * 20.5)


def test_same_seed_same_slice():
    candidates = pool()
    first = audit_slice(candidates, seed=3).positions
    assert first.tolist() == audit_slice(candidates, seed=3).positions.tolist()
    assert first.tolist() != audit_slice(candidates, seed=4).positions.tolist()
    # Nobody sees the classes by their order.
    assert (np.diff(candidates.classes[first]) < 0).any()


def test_refuses():
    for option in ({"share": 0.0}, {"share": 1.1}, {"above": 1.0}):
        ((name, value),) = option.items()
        with pytest.raises(ValueError, match=f"{name}={value}"):
            audit_slice(pool(10), **option)
    nothing = Candidates.of([[0.9, 0.1]])
    assert len(audit_slice(nothing)) == 0
