import sys

import numpy as np
import pytest

from fgkeras.bootstrap.agreement import cohen_kappa
from fgkeras.bootstrap.agreement import pairwise_kappa


def drawn(seed, num_items=40, num_labellers=4, share=0.6, skill=0.8):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, num_items)
    return [
        [i, j, int(truth[i] if rng.random() < skill else rng.integers(3))]
        for i in range(num_items)
        for j in range(num_labellers)
        if rng.random() < share
    ]


def test_pairs_are_those_of_cohen_kappa_on_shared_items():
    votes = drawn(0)
    said = {(i, j): a for i, j, a in votes}
    found = pairwise_kappa(votes, num_items=40, num_classes=3, num_resamples=5)
    assert found.pairs.tolist() == [
        [a, b] for a in range(4) for b in range(a + 1, 4)
    ]
    total = weights = 0.0
    for (a, b), kappa, shared in zip(
        found.pairs.tolist(), found.kappas, found.shared, strict=True
    ):
        both = [i for i in range(40) if (i, a) in said and (i, b) in said]
        expected = cohen_kappa(
            [said[i, a] for i in both], [said[i, b] for i in both], 3
        )
        assert kappa == pytest.approx(expected)
        assert shared == len(both)
        total, weights = total + shared * expected, weights + shared
    assert found.mean == pytest.approx(total / weights)


def test_interval_is_that_of_redrawn_items():
    votes = np.array(drawn(1, num_items=25, num_labellers=3))
    found = pairwise_kappa(
        votes, num_items=25, num_classes=3, num_resamples=4000
    )
    rng = np.random.default_rng(9)
    used = [i for i in range(25) if np.sum(votes[:, 0] == i) > 1]
    means = []
    for _ in range(300):
        rows = [
            np.stack([np.full(np.sum(own), k), *votes[own].T[1:]], axis=1)
            for k, i in enumerate(rng.choice(used, len(used)))
            if (own := votes[:, 0] == i).any()
        ]
        again = pairwise_kappa(
            np.concatenate(rows), num_items=25, num_classes=3, num_resamples=1
        )
        means.append(again.mean)
    low, high = np.nanquantile(means, (0.025, 0.975))
    assert found.low == pytest.approx(low, abs=0.07)
    assert found.high == pytest.approx(high, abs=0.07)
    assert found.low < found.mean < found.high


def test_a_pair_with_few_items_weighs_little_in_the_interval_too():
    rng = np.random.default_rng(0)
    votes = [[i, j, i % 2] for i in range(200) for j in (0, 1)]
    votes += [
        [i, j, int(rng.integers(2))] for i in range(200, 210) for j in (2, 3)
    ]
    found = pairwise_kappa(votes, num_items=210, num_classes=2)
    assert 0.9 < found.low <= found.mean < found.high <= 1


def test_blocks_of_resamples_do_not_change_it(monkeypatch):
    votes = drawn(2)
    module = sys.modules["fgkeras.bootstrap.agreement.pairwise_kappa"]
    sizes = {"num_items": 40, "num_classes": 3, "num_resamples": 50}
    whole = pairwise_kappa(votes, **sizes)
    monkeypatch.setattr(module, "_BLOCK_VALUES", 100)
    parts = pairwise_kappa(votes, **sizes)
    assert (whole.low, whole.high) == (parts.low, parts.high)


def test_what_is_not_defined_is_nan():
    alone = pairwise_kappa([[0, 0, 1], [1, 1, 0]], num_items=2, num_classes=2)
    assert len(alone.pairs) == 0
    assert np.isnan([alone.mean, alone.low, alone.high]).all()
    # All say no to all.
    same = [[i, j, 0] for i in range(5) for j in range(2)]
    found = pairwise_kappa(same, num_items=5, num_classes=2)
    assert found.shared.tolist() == [5]
    assert np.isnan([found.mean, found.low, found.high, *found.kappas]).all()
    # A pair that is not defined does not weigh on one that is.
    more = [[i, j, i % 2] for i in range(5, 9) for j in (2, 3)]
    found = pairwise_kappa(same + more, num_items=9, num_classes=2)
    assert found.mean == 1


@pytest.mark.parametrize("option", [{"num_resamples": 0}, {"level": 1.0}])
def test_refuses_options(option):
    (name,) = option
    with pytest.raises(ValueError, match=f"{name}={option[name]}"):
        pairwise_kappa([], num_items=1, num_classes=2, **option)
