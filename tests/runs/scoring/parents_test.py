import types

import numpy as np
import pytest

from fgkeras.runs.scoring.parents import Parents
from fgkeras.runs.scoring.parents import parents_of

NAMES = ["crow", "jay", "duck", "swan"]
LEVELS = {
    "order": ["song", "song", "water", "water"],
    "family": ["corvid", "corvid", "duck kind", "swan kind"],
}


def test_levels_in_any_order_from_fine_to_coarse():
    parents = Parents(NAMES, LEVELS, bound=0.7)
    assert parents.answer([0.8, 0.1, 0.1, 0.0])["name"] == "crow"
    found = parents.answer([0.4, 0.4, 0.1, 0.1])
    assert (found["name"], found["level"]) == ("corvid", "family")
    assert found["probability"] == pytest.approx(0.8)
    found = parents.answer([0.1, 0.1, 0.4, 0.4])
    assert (found["name"], found["level"]) == ("water", "order")
    found = parents.answer([0.25] * 4)
    assert (found["name"], found["level"]) == ("unknown", "root")


def test_some_of_the_levels():
    parents = Parents(NAMES, LEVELS, bound=0.7, levels=["order"])
    assert parents.answer([0.4, 0.4, 0.1, 0.1])["level"] == "order"


def test_sigmoids_are_divided_by_their_sum():
    parents = Parents(NAMES, LEVELS, bound=0.7)
    assert parents.answer([0.08, 0.01, 0.01, 0.0])["name"] == "crow"
    assert parents.answer([0.0] * 4)["name"] == "unknown"


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"classes\.csv beside"):
        Parents(NAMES, {})
    with pytest.raises(ValueError, match="genus; the run has order, family"):
        Parents(NAMES, LEVELS, levels=["genus"])
    with pytest.raises(ValueError, match="--bound 1.5"):
        Parents(NAMES, LEVELS, bound=1.5)
    crossed = {"make": ["a", "a", "b", "b"], "body": ["x", "y", "x", "y"]}
    with pytest.raises(ValueError, match="--levels make takes one"):
        Parents(NAMES, crossed)


def test_scores_must_be_calibrated():
    asked = types.SimpleNamespace(
        class_names=NAMES, hierarchy=LEVELS, calibrated=False, path="runs/a"
    )
    with pytest.raises(ValueError, match="runs/a, whose scores were not"):
        parents_of(asked, 0.9)
    asked.calibrated = True
    assert parents_of(asked, 0.9).answer([1, 0, 0, 0])["name"] == "crow"


@pytest.mark.parametrize("scale", [1.0, 0.1])
def test_the_bound_that_makes_answers_right_enough(scale):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(400, 4)) * 2
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(4, p=row) for row in p])
    found = Parents(NAMES, LEVELS).fitted(labels, p * scale, 0.8)
    assert 0.5 < found.bound < 1
    groups = {**{n: {n} for n in NAMES}, "unknown": set(NAMES)}
    for column in LEVELS.values():
        for name, parent in zip(NAMES, column, strict=True):
            groups.setdefault(parent, set()).add(name)

    def wrong(bound):
        parents = Parents(NAMES, LEVELS, bound=bound)
        return sum(
            NAMES[y] not in groups[parents.answer(row * scale)["name"]]
            for y, row in zip(labels, p, strict=True)
        )

    assert wrong(found.bound) + 1 <= 0.2 * 401 < wrong(found.bound - 0.02) + 5


def test_an_export_has_nothing_to_fit_to():
    asked = types.SimpleNamespace(
        class_names=NAMES, hierarchy=LEVELS, calibrated=True, path="runs/a"
    )
    with pytest.raises(ValueError, match="an export does not hold"):
        parents_of(asked, 0, accuracy=0.9)
