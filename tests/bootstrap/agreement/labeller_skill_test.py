import numpy as np
import pytest
from scipy import stats

from fgkeras.bootstrap.agreement import labeller_skill
from fgkeras.evaluation import wilson_interval


def test_counts_are_those_of_loops():
    rng = np.random.default_rng(0)
    gold = rng.integers(-1, 3, 50)
    votes = [
        [i, j, int(rng.integers(3))]
        for i in range(50)
        for j in range(3)
        if rng.random() < 0.7
    ]
    found = labeller_skill(votes, gold, num_classes=3, num_labellers=4)
    for j in range(4):
        own = [(gold[i], a) for i, k, a in votes if k == j and gold[i] >= 0]
        assert found.count[j] == len(own)
        assert found.right[j] == sum(g == a for g, a in own)
        for c in range(3):
            of_class = [a for g, a in own if g == c]
            expected = np.mean(np.equal(of_class, c)) if of_class else np.nan
            np.testing.assert_allclose(found.recalls[j, c], expected)
    np.testing.assert_allclose(
        (found.low, found.high), wilson_interval(found.right, found.count)
    )
    assert np.isnan([found.accuracy[3], found.low[3], found.high[3]]).all()
    assert not found.paused[3]


@pytest.mark.parametrize(
    ("right", "count", "paused"),
    [
        (15, 20, True),
        (16, 20, False),  # Exactly 0.8 is not below.
        (0, 19, False),  # Too few to tell.
        (0, 20, True),
        (24, 30, False),  # 0.8 x 30 is 24.0 in floats too.
        (23, 30, True),
    ],
)
def test_pause_rule(right, count, paused):
    votes = [[i, 0, int(i < right)] for i in range(count)]
    found = labeller_skill(votes, [1] * count, num_classes=2)
    assert found.paused.tolist() == [paused]


def test_a_good_labeller_is_paused_as_rarely_as_is_said():
    assert 1 / stats.binom.cdf(15, 20, 0.9) == pytest.approx(23, abs=0.5)


@pytest.mark.parametrize(
    ("gold", "options", "words"),
    [
        ([2], {}, "from 2 to 2"),
        ([-2], {}, "from -2"),
        ([0.5], {}, "float64"),
        ([1], {"threshold": 1.5}, "threshold=1.5"),
        ([1], {"least": 0}, "least=0"),
    ],
)
def test_refuses(gold, options, words):
    with pytest.raises(ValueError, match=words):
        labeller_skill([[0, 0, 1]], gold, num_classes=2, **options)
