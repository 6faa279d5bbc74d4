import numpy as np
import pytest

from fgkeras.bootstrap.agreement import expert_queue


def gain_by_loops(p, accuracy):
    """Expected error before, less that after, by each answer's posterior."""
    size = len(p)
    after = 0.0
    for answer in range(size):
        joint = [
            p[k] * (accuracy if k == answer else (1 - accuracy) / (size - 1))
            for k in range(size)
        ]
        if sum(joint) > 0:
            after += sum(joint) * (1 - max(joint) / sum(joint))
    return (1 - max(p)) - after


@pytest.mark.parametrize("accuracy", [1.0, 0.9, 0.5, 0.1])
@pytest.mark.parametrize("size", [2, 4])
def test_gain_is_the_error_an_answer_removes(accuracy, size):
    rng = np.random.default_rng(size)
    posteriors = rng.dirichlet(np.full(size, 0.5), 30)
    order, gains = expert_queue(posteriors, accuracy=accuracy)
    expected = [gain_by_loops(p, accuracy) for p in posteriors]
    np.testing.assert_allclose(gains, expected, atol=1e-12)
    assert sorted(order.tolist()) == list(range(30))
    assert (np.diff(gains[order]) <= 1e-12).all()


def test_one_who_is_always_right_removes_the_risk():
    posteriors = np.random.default_rng(0).dirichlet(np.ones(3), 20)
    _, gains = expert_queue(posteriors)
    np.testing.assert_allclose(gains, 1 - posteriors.max(axis=1))


def test_who_cannot_change_a_decision_is_worth_nothing():
    order, gains = expert_queue([[0.99, 0.01], [0.5, 0.5]], accuracy=0.9)
    assert gains.tolist() == [0.0, pytest.approx(0.4)]
    assert order.tolist() == [1, 0]


def test_time_counts():
    posteriors = [[0.5, 0.5], [0.7, 0.3], [0.7, 0.3]]
    assert expert_queue(posteriors)[0].tolist() == [0, 1, 2]
    order, _ = expert_queue(posteriors, seconds=[10, 1, 2], count=2)
    assert order.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"posteriors": [[0.5, 0.4]]}, "posteriors.shape"),
        ({"posteriors": [[np.nan, 1.0]]}, "posteriors.shape"),
        ({"posteriors": [0.5]}, "posteriors.shape"),
        ({"accuracy": 1.5}, "accuracy=1.5"),
        ({"count": -1}, "count=-1"),
        ({"seconds": [0.0]}, "seconds.shape"),
        ({"seconds": [1.0, 2.0]}, "seconds.shape"),
    ],
)
def test_refuses(options, words):
    options = {"posteriors": [[0.5, 0.5]], **options}
    with pytest.raises(ValueError, match=words):
        expert_queue(options.pop("posteriors"), **options)
