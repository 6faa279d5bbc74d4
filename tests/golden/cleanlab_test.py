"""Confident learning against cleanlab 2.9.0, as recorded."""

import json
import pathlib

import numpy as np
import pytest

from fgkeras.suspects import class_thresholds
from fgkeras.suspects import confident_joint
from fgkeras.suspects import confident_label_errors
from fgkeras.suspects import normalized_margin
from fgkeras.suspects import self_confidence

GOLDEN = json.loads(
    pathlib.Path(__file__).with_name("cleanlab.json").read_text("utf-8")
)["sets"]
SCORES = {
    "self_confidence": self_confidence,
    "normalized_margin": normalized_margin,
}


def arrays(name):
    case = GOLDEN[name]
    return np.array(case["labels"]), np.array(case["probabilities"])


@pytest.mark.parametrize("name", GOLDEN)
def test_thresholds_and_joint(name):
    np.testing.assert_allclose(
        class_thresholds(*arrays(name)), GOLDEN[name]["thresholds"], rtol=1e-12
    )
    joint = confident_joint(*arrays(name))
    assert joint.tolist() == GOLDEN[name]["confident_joint"]


@pytest.mark.parametrize("name", GOLDEN)
@pytest.mark.parametrize("method", GOLDEN["balanced"]["found"])
def test_errors(name, method):
    found = confident_label_errors(*arrays(name), method=method)
    assert np.flatnonzero(found).tolist() == GOLDEN[name]["found"][method]


@pytest.mark.parametrize("name", GOLDEN)
@pytest.mark.parametrize("score", SCORES)
def test_scores_and_order(name, score):
    values = SCORES[score](*arrays(name))
    np.testing.assert_allclose(values, GOLDEN[name][score], atol=1e-12)
    (found,) = np.nonzero(confident_label_errors(*arrays(name)))
    order = found[np.argsort(values[found], kind="stable")]
    assert order.tolist() == GOLDEN[name]["ranked"][score]


def test_the_sets_differ_in_what_matters():
    """No method of the record is another one, so that none stands for it."""
    for case in GOLDEN.values():
        assert all(case["found"].values())
    found = [[*c["found"].values()] for c in GOLDEN.values()]
    for i in range(4):
        for j in range(i):
            assert any(case[i] != case[j] for case in found)
    labels, probabilities = arrays("long_tailed")
    assert 4 in labels
    assert 4 not in probabilities.argmax(axis=1)
    assert 7 not in labels
