import types

import numpy as np

from fgkeras.runs.scoring.answer_row import answer_row
from fgkeras.runs.scoring.answer_row import bad_row

NAMES = ["elm", "oak", "ash"]
LOGITS = np.array([[1.0, 3.0, 2.0]])
SCORES = np.array([[0.1, 0.6, 0.3]])


def row(**more):
    return answer_row(NAMES, LOGITS, SCORES, top_k=2, **more)


def test_the_likeliest_first_and_no_more():
    assert row() == {
        "valid": True,
        "classes": ["oak", "ash"],
        "scores": [0.6, 0.3],
    }


def test_scores_that_round_to_the_same_are_ranked_by_logits():
    found = answer_row(NAMES, LOGITS + 40, np.ones((1, 3)), top_k=3)
    assert found["classes"] == ["oak", "ash", "elm"]


def test_a_set_may_be_longer_than_what_is_named_or_empty():
    def sets(inside):
        return types.SimpleNamespace(in_set=lambda p: np.array([inside]))

    found = row(sets=sets([True, True, True]))
    assert found["set"] == ["oak", "ash", "elm"]
    assert row(sets=sets([True, False, False]))["set"] == ["elm"]
    assert row(sets=sets([False] * 3))["set"] == []


def test_known_from_the_threshold_on():
    def known(score):
        return types.SimpleNamespace(
            threshold=0.5, scores=lambda logits, vectors: np.array([score])
        )

    assert row(known=known(0.5))["known"] is True
    found = row(known=known(0.49))
    assert found["known"] is False
    assert found["known_score"] == 0.49


def test_an_answer_is_of_all_scores():
    asked = []
    parents = types.SimpleNamespace(answer=lambda p: asked.append(p) or "tree")
    assert row(parents=parents)["answer"] == "tree"
    np.testing.assert_array_equal(asked[0], SCORES[0])


def test_what_is_no_picture_has_a_reason():
    found = bad_row("it is cut")
    assert found == {
        "valid": False,
        "classes": [],
        "scores": [],
        "reason": "it is cut",
    }
