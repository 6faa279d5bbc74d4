import numpy as np
import pytest

from fgkeras.bootstrap.agreement import dawid_skene
from fgkeras.bootstrap.agreement import majority
from fgkeras.bootstrap.agreement import model_consensus
from fgkeras.bootstrap.agreement import pairwise_kappa
from fgkeras.bootstrap.agreement.checked_votes import checked_votes
from fgkeras.bootstrap.agreement.checked_votes import labeller_count

SIZES = {"num_items": 3, "num_classes": 2}


@pytest.mark.parametrize(
    ("votes", "words"),
    [
        ([[0, 0, 2]], "answer=2 in row 0"),
        ([[0, 0, 1], [3, 0, 0]], "item=3 in row 1"),
        ([[0, -1, 0]], "labeller=-1 in row 0"),
        ([[-1, 0, 0]], "item=-1 in row 0"),
        ([[0, 0, -1]], "answer=-1 in row 0"),
        ([[0.0, 0.0, 1.0]], "dtype=float64"),
        ([[0, 0]], r"shape=\(1, 2\)"),
        ([0, 0, 1], r"shape=\(3,\)"),
        ([[1, 4, 0], [1, 4, 1]], "labeller=4 on item=1"),
    ],
)
def test_what_is_no_vote_is_refused_by_all(votes, words):
    scores = np.full(3, 0.5)
    for function in (
        lambda: checked_votes(votes, **SIZES),
        lambda: majority(votes, **SIZES),
        lambda: pairwise_kappa(votes, **SIZES),
        lambda: model_consensus(votes, scores),
    ):
        with pytest.raises(ValueError, match=words):
            function()


def test_repeated_votes_are_for_those_who_count_them():
    votes = [[0, 0, 1], [0, 0, 1]]
    assert len(checked_votes(votes, **SIZES, repeated=True)) == 2
    assert dawid_skene(votes, **SIZES).posteriors[0].argmax() == 1


def test_none_is_a_value_and_one_class_is_not():
    assert checked_votes([], **SIZES).shape == (0, 3)
    with pytest.raises(ValueError, match="num_classes=1"):
        checked_votes([], num_items=1, num_classes=1)


def test_labellers_are_counted_or_given():
    votes = np.array([[0, 2, 1]])
    assert labeller_count(votes, None) == 3
    assert labeller_count(votes, 5) == 5
    with pytest.raises(ValueError, match="labeller=2"):
        labeller_count(votes, 2)
