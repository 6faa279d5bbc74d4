import numpy as np
import pytest

from fgkeras.evaluation import bootstrap_interval
from fgkeras.evaluation.paired.comparison import Measure
from fgkeras.evaluation.paired.comparison import comparison

OVERALL = Measure("overall", "right", exact=True)
CLASSES = Measure("class mean", "right", of_classes=True)


def answers(generator, labels, hard, gain):
    """Two that fail at the same hard images, one a little less often."""
    chance = hard[np.arange(len(labels)) % len(hard)]
    luck = generator.random(len(labels))
    return (luck < chance).astype(float), (luck < chance + gain).astype(float)


def test_numbers_and_differences_by_hand():
    a, b = [1, 0, 0, 1, 1], [1, 1, 0, 0, 0]
    labels = np.array([0, 0, 0, 2, 2])
    tail = Measure("tail", "right", labels == 2, of_classes=True)
    none = Measure("head", "right", labels == 1, of_classes=True)
    rows, pairs = comparison(
        {"a": {"right": a}, "b": {"right": b}},
        labels,
        [OVERALL, CLASSES, tail, none],
        num_bootstrap=0,
    )
    assert [row["name"] for row in rows] == ["a", "b"]
    found = {k: v and v["value"] for k, v in rows[0]["numbers"].items()}
    assert found == {
        "overall": pytest.approx(3 / 5),
        "class mean": pytest.approx((1 / 3 + 1) / 2),
        "tail": 1.0,
        "head": None,
    }
    (pair,) = pairs
    assert (pair["first"], pair["second"]) == ("a", "b")
    found = {k: v and v["value"] for k, v in pair["differences"].items()}
    assert found == {
        "overall": pytest.approx(-1 / 5),
        "class mean": pytest.approx((1 / 3 - 1) / 2),
        "tail": -1.0,
        "head": None,
    }
    assert pair["mcnemar"] == {
        "overall": {"only_first": 2, "only_second": 1, "p": 1.0}
    }
    assert pair["differences"]["overall"]["low"] is None


def test_every_pair_once_in_order():
    values = {name: {"right": [1, 0]} for name in "cab"}
    done = []
    _, pairs = comparison(
        values, [0, 1], [OVERALL], progress=lambda *at: done.append(at)
    )
    found = [pair["first"] + pair["second"] for pair in pairs]
    assert found == ["ca", "cb", "ab"]
    assert done == [(k, 6) for k in range(1, 7)]


def test_the_interval_of_a_difference_is_paired():
    labels = np.repeat(np.arange(50), 10)
    hard = np.tile([0.05, 0.97], 250)
    a, b = answers(np.random.default_rng(0), labels, hard, 0.02)
    rows, pairs = comparison(
        {"a": {"right": a}, "b": {"right": b}}, labels, [OVERALL, CLASSES]
    )
    for name in ("overall", "class mean"):
        found = pairs[0]["differences"][name]
        own = rows[0]["numbers"][name]
        assert found["low"] < found["value"] < found["high"]
        assert found["high"] - found["low"] < 0.5 * (own["high"] - own["low"])
    expected = bootstrap_interval(b - a, classes=labels)
    found = pairs[0]["differences"]["class mean"]
    assert (found["low"], found["high"]) == expected


def test_the_interval_covers_the_true_difference():
    labels, hits = np.zeros(200, int), 0
    hard = np.linspace(0.1, 0.85, 200)
    for trial in range(200):
        generator = np.random.default_rng(trial)
        a, b = answers(generator, labels, hard, 0.1)
        _, pairs = comparison(
            {"a": {"right": a}, "b": {"right": b}},
            labels,
            [OVERALL],
            num_bootstrap=200,
        )
        found = pairs[0]["differences"]["overall"]
        hits += found["low"] <= 0.1 <= found["high"]
    # A standard error of 0.015 at 0.95.
    assert 0.89 <= hits / 200 <= 0.99


def test_answers_that_are_the_same_have_no_interval():
    right = [1, 0, 1, 1]
    rows, pairs = comparison(
        {"a": {"right": right}, "b": {"right": right}}, [0] * 4, [OVERALL]
    )
    assert rows[0]["numbers"]["overall"]["low"] is not None
    assert pairs[0]["differences"]["overall"] == {
        "value": 0.0,
        "low": None,
        "high": None,
    }
    rows, _ = comparison(
        {"a": {"right": [1, 1]}, "b": {"right": [0, 1]}}, [0, 0], [OVERALL]
    )
    assert rows[0]["numbers"]["overall"]["high"] == 1.0
    assert 0 < rows[0]["numbers"]["overall"]["low"] < 1


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({}, "none"),
        ({"a": {"right": [1]}}, "a"),
        ({"a": {"right": [1]}, "b": {"right": [1, 0]}}, "'b' with shape"),
        ({"a": {"right": [1]}, "b": {}}, "'b' with shape"),
    ],
)
def test_refuses_what_cannot_be_compared(values, match):
    with pytest.raises(ValueError, match=match):
        comparison(values, [0], [OVERALL])
