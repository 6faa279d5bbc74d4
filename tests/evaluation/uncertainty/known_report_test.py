import itertools
import json

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score
from sklearn.metrics import roc_curve

from fgkeras.evaluation import auroc_interval
from fgkeras.evaluation import known_report
from fgkeras.evaluation import wilson_interval

generator = np.random.default_rng(0)
KNOWN = generator.normal(1.0, 1, 120)
OTHER = generator.normal(0.0, 1, 90)


def test_area_agrees_with_scikit_learn():
    for digits in (9, 0):
        x, y = KNOWN.round(digits), OTHER.round(digits)
        truth = [1] * len(x) + [0] * len(y)
        want = roc_auc_score(truth, np.concatenate([x, y]))
        assert auroc_interval(x, y)[0] == pytest.approx(want)


@pytest.mark.parametrize("digits", [9, 0])
def test_interval_agrees_with_the_definition(digits):
    x, y = KNOWN[:40].round(digits), OTHER[:30].round(digits)
    wins = np.zeros((40, 30))
    for i, j in itertools.product(range(40), range(30)):
        wins[i, j] = 1.0 if x[i] > y[j] else 0.5 if x[i] == y[j] else 0.0
    area = wins.mean()
    variance = np.cov(wins.mean(axis=1)) / 40 + np.cov(wins.mean(axis=0)) / 30
    # The derivative of log(a / (1 - a)) is 1 / (a (1 - a)).
    half = 1.959964 * np.sqrt(variance) / (area * (1 - area))
    value, low, high = auroc_interval(x, y)
    assert value == pytest.approx(area)
    assert np.log(low / (1 - low)) == pytest.approx(
        np.log(area / (1 - area)) - half, rel=1e-5
    )
    assert np.log(high / (1 - high)) == pytest.approx(
        np.log(area / (1 - area)) + half, rel=1e-5
    )


def test_interval_holds_the_truth_as_often_as_said():
    truth, held = stats.norm.cdf(1 / np.sqrt(2)), 0
    for seed in range(500):
        draw = np.random.default_rng(seed)
        _, low, high = auroc_interval(
            draw.normal(1, 1, 40), draw.normal(0, 1, 40)
        )
        held += low <= truth <= high
    assert 0.92 <= held / 500 <= 0.98


def test_swapped_sets_mirror():
    value, low, high = auroc_interval(KNOWN, OTHER)
    assert auroc_interval(OTHER, KNOWN) == pytest.approx(
        (1 - value, 1 - high, 1 - low)
    )
    # Only the order counts.
    assert auroc_interval(np.exp(KNOWN), np.exp(OTHER)) == (value, low, high)


def test_apart_has_an_interval_too():
    value, low, high = auroc_interval(np.arange(50) + 100.0, np.arange(30))
    ends = wilson_interval(30, 30)
    assert (value, low, high) == (1.0, ends[0], 1.0)
    assert auroc_interval([1.0] * 9, [1.0] * 9)[0] == 0.5


def test_one_image_has_none():
    assert auroc_interval([2.0], [1.0, 3.0]) == (0.5, None, None)


@pytest.mark.parametrize("digits", [9, 0])
def test_fpr95_agrees_with_scikit_learn(digits):
    x, y = KNOWN.round(digits), OTHER.round(digits)
    truth = [1] * 120 + [0] * 90
    fpr, tpr, _ = roc_curve(
        truth, np.concatenate([x, y]), drop_intermediate=False
    )
    found = known_report(x, {"other": y})["sets"]["other"]
    assert found["fpr95"] == pytest.approx(fpr[np.argmax(tpr >= 0.95)])


def test_shares_at_the_threshold():
    found = known_report(KNOWN, {"a": OTHER, "b": OTHER - 1}, threshold=0.2)
    kept = sum(x >= 0.2 for x in KNOWN)
    assert found["kept"]["value"] == kept / 120
    assert (found["kept"]["low"], found["kept"]["high"]) == wilson_interval(
        kept, 120
    )
    refused = found["sets"]["a"]["refused"]["value"]
    assert refused == sum(x < 0.2 for x in OTHER) / 90
    assert found["sets"]["b"]["refused"]["value"] > refused
    assert found["sets"]["b"]["num_images"] == 90
    assert json.loads(json.dumps(found)) == found


def test_no_shares_without_a_threshold():
    found = known_report(KNOWN, {"a": OTHER})
    assert found["kept"] is found["sets"]["a"]["refused"] is None


def test_refusals():
    with pytest.raises(ValueError, match="at least one set"):
        known_report(KNOWN, {})
    with pytest.raises(ValueError, match="others\\['a'\\] must be one finite"):
        known_report(KNOWN, {"a": [np.nan]})
    with pytest.raises(ValueError, match="threshold=nan"):
        known_report(KNOWN, {"a": OTHER}, threshold=np.nan)
