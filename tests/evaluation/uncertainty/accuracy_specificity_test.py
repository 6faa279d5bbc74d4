import json

import numpy as np
import pytest

from fgkeras.evaluation import Hierarchy
from fgkeras.evaluation import accuracy_specificity_curve
from fgkeras.evaluation import hierarchical_answers
from fgkeras.evaluation import wilson_interval

TREE = Hierarchy(list("abcdef"), {"genus": list("PPQQRR")})
generator = np.random.default_rng(0)
P = generator.dirichlet(np.full(6, 0.5), 150)
LABELS = (P.cumsum(axis=1) < generator.random((150, 1))).sum(axis=1)


@pytest.mark.parametrize("bound", [0.0, 0.55, 0.8, 0.95])
def test_a_row_agrees_with_loops(bound):
    (row,) = accuracy_specificity_curve(LABELS, P, TREE, [bound])
    found = hierarchical_answers(P, TREE, bound)
    right, told, named = [], [], []
    for name, level, label in zip(
        found.names(), found.level_names(), LABELS, strict=True
    ):
        below = {
            "class": [name],
            "genus": [
                c for c, g in zip("abcdef", "PPQQRR", strict=True) if g == name
            ],
            "root": list("abcdef"),
        }[level]
        right.append("abcdef"[label] in below)
        told.append(1 - np.log(len(below)) / np.log(6))
        named.append(level != "root")
    assert row["bound"] == bound
    assert row["accuracy"]["value"] == pytest.approx(np.mean(right))
    ends = wilson_interval(sum(right), 150)
    assert (row["accuracy"]["low"], row["accuracy"]["high"]) == ends
    assert row["information"] == pytest.approx(np.mean(told))
    assert row["answered"] == pytest.approx(np.mean(named))
    assert row["accuracy_answered"] == pytest.approx(
        np.mean(np.array(right)[named])
    )
    assert sum(row["levels"].values()) == pytest.approx(1)
    assert row["levels"]["root"] == pytest.approx(1 - np.mean(named))


def test_more_accuracy_costs_information():
    curve = accuracy_specificity_curve(LABELS, P, TREE)
    assert [row["bound"] for row in curve][:3] == [0.0, 0.5, 0.55]
    above = curve[2:]
    for key, sign in (("information", -1), ("answered", -1)):
        assert (sign * np.diff([row[key] for row in above]) >= 0).all()
    assert (np.diff([row["accuracy"]["value"] for row in above]) >= 0).all()
    assert curve[0]["information"] == curve[0]["answered"] == 1.0
    assert curve[0]["accuracy"]["value"] == np.mean(P.argmax(1) == LABELS)
    assert json.loads(json.dumps(curve)) == curve


def test_no_accuracy_of_answers_that_nobody_got():
    (row,) = accuracy_specificity_curve(
        [0], [[0.3, 0, 0.3, 0, 0.4, 0]], TREE, [1]
    )
    assert row["accuracy_answered"] is None
    assert row["accuracy"]["value"] == 1.0
