"""Answers of a simulated labeller against the chances it was given."""

import math

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fgkeras.bootstrap.simulated import SimulatedLabeller

MANY = 4000


def accepted(labeller, claimed, true, count=MANY):
    answers = [labeller.answer(i, claimed, true) for i in range(count)]
    return sum(answer.verdict == "tp" for answer in answers) / count


def near(share, chance, count=MANY):
    """Within four standard deviations of a binomial."""
    spread = math.sqrt(chance * (1 - chance) / count)
    return abs(share - chance) <= 4 * spread + 1e-12


@pytest.mark.parametrize("accuracy", [0.0, 0.8, 0.95, 1.0])
def test_shares_of_accepted_are_the_accuracy(accuracy):
    labeller = SimulatedLabeller(accuracy)
    assert near(accepted(labeller, "elm", "elm"), accuracy)
    assert near(accepted(labeller, "elm", "oak"), 1 - accuracy)
    assert near(accepted(labeller, "elm", None), 1 - accuracy)


def test_confusion_is_by_claimed_and_true_class():
    confusion = {("elm", "oak"): 0.6, ("elm", "elm"): 0.7, ("elm", None): 0.2}
    labeller = SimulatedLabeller(1.0, confusion)
    assert near(accepted(labeller, "elm", "oak"), 0.6)
    assert near(accepted(labeller, "elm", "elm"), 0.7)
    assert near(accepted(labeller, "elm", None), 0.2)
    # The other way round nothing was said.
    assert accepted(labeller, "oak", "elm", 100) == 0
    assert accepted(labeller, "oak", "oak", 100) == 1


def test_fatigue_follows_its_equation_to_the_floor():
    labeller = SimulatedLabeller(0.9, fatigue=0.01, floor=0.6)
    for answered in (0, 1, 50, 100, 10_000):
        labeller.answered = answered
        right = 0.6 + 0.3 * math.exp(-0.01 * answered)
        assert labeller.chance_of_acceptance("a", "a") == pytest.approx(right)
        assert labeller.chance_of_acceptance("a", "b") == pytest.approx(
            1 - right
        )


def test_fatigue_shows_in_the_answers():
    labeller = SimulatedLabeller(1.0, fatigue=1 / 500)
    right = [labeller.answer(i, "a", "b").right for i in range(6000)]
    expected = [0.5 + 0.5 * math.exp(-i / 500) for i in range(6000)]
    for part in (slice(0, 500), slice(500, 1500), slice(3000, 6000)):
        count = len(right[part])
        mean = sum(expected[part]) / count
        assert near(sum(right[part]) / count, mean, count)
    assert right[0]


def test_who_is_below_the_floor_gets_no_better():
    labeller = SimulatedLabeller(0.3, fatigue=1.0, floor=0.5)
    labeller.answered = 1000
    assert labeller.chance_of_acceptance("a", "a") == pytest.approx(0.3)


def test_abstention_takes_its_share_of_all():
    labeller = SimulatedLabeller(1.0, abstention=0.25)
    answers = [labeller.answer(i, "a", "a") for i in range(MANY)]
    unsure = [a for a in answers if a.verdict == "unsure"]
    assert near(len(unsure) / MANY, 0.25)
    assert all(a.right is None and not a.instead for a in unsure)
    assert all(a.right for a in answers if a.verdict != "unsure")


def test_the_rival_is_named_where_it_is_the_truth():
    labeller = SimulatedLabeller(1.0)
    assert labeller.answer(1, "a", "b", rival="b").instead
    assert not labeller.answer(1, "a", "c", rival="b").instead
    assert not labeller.answer(1, "a", None, rival=None).instead
    assert not labeller.answer(1, "a", "a", rival="b").instead
    never = SimulatedLabeller(0.0)
    assert not never.answer(1, "a", "b", rival="b").instead


@settings(max_examples=30)
@given(
    st.floats(0, 1), st.floats(0, 1), st.integers(0, 2**40), st.integers(0, 99)
)
def test_the_same_candidate_gets_the_same_answer(accuracy, unsure, one, seed):
    def fresh():
        return SimulatedLabeller(accuracy, abstention=unsure, seed=seed)

    used = fresh()
    for i in range(5):
        used.answer(i, "a", "b")
    assert used.answer(one, "a", "b") == fresh().answer(one, "a", "b")
    assert used.answered == 6


def test_labellers_of_other_seeds_err_elsewhere():
    first = SimulatedLabeller(0.8, seed=1)
    second = SimulatedLabeller(0.8, seed=2)
    both = sum(
        not first.answer(i, "a", "a").right
        and not second.answer(i, "a", "a").right
        for i in range(MANY)
    )
    assert near(both / MANY, 0.04)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"accuracy": 95}, "95 % is 0.95"),
        ({"accuracy": float("nan")}, "from 0 to 1"),
        ({"accuracy": 1, "abstention": -0.1}, "abstention=-0.1"),
        ({"accuracy": 1, "floor": 2}, "floor=2"),
        ({"accuracy": 1, "fatigue": -1}, "fatigue=-1"),
        ({"accuracy": 1, "seconds": float("inf")}, "seconds=inf"),
        ({"accuracy": 1, "tile_seconds": -1}, "tile_seconds=-1"),
        ({"accuracy": 1, "confusion": {("a", "b"): 1.1}}, "=1.1"),
        ({"accuracy": 1, "confusion": {"ab": 0.5}}, "pairs of names"),
        ({"accuracy": 1, "seed": -1}, "seed"),
        ({"accuracy": 1, "seed": 0.5}, "seed"),
    ],
)
def test_what_is_out_of_range_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        SimulatedLabeller(**options)
