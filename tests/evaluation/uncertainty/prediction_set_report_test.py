import json

import numpy as np
import pytest
from scipy import stats

from fgkeras.evaluation import PredictionSets
from fgkeras.evaluation import fit_prediction_sets
from fgkeras.evaluation import prediction_set_report
from fgkeras.evaluation import wilson_interval
from fgkeras.evaluation.uncertainty.prediction_set_report import covered_counts

SETS = PredictionSets(0.9, "plain", np.full(4, 0.2), 99, 90)
generator = np.random.default_rng(0)
LABELS = generator.choice(3, 120, p=[0.6, 0.3, 0.1])  # none of class 3
IN_SET = generator.random((120, 4)) < 0.6
COUNTS = [200, 50, 5, 2]


def reported(labels=LABELS, in_set=IN_SET, **more):
    more = {"sets": SETS, "train_counts": COUNTS, "guaranteed": True, **more}
    return prediction_set_report(labels, in_set, **more)


def test_numbers_agree_with_loops():
    found = reported()
    hit = [bool(row[y]) for row, y in zip(IN_SET, LABELS, strict=True)]
    sizes = sorted(sum(map(bool, row)) for row in IN_SET)
    assert found["coverage"]["value"] == pytest.approx(sum(hit) / 120)
    ends = wilson_interval(sum(hit), 120)
    assert (found["coverage"]["low"], found["coverage"]["high"]) == ends
    by_class = {
        c: np.mean([h for h, y in zip(hit, LABELS, strict=True) if y == c])
        for c in range(3)
    }
    macro = found["macro_coverage"]
    assert macro["value"] == pytest.approx(np.mean(list(by_class.values())))
    assert macro["low"] < macro["value"] < macro["high"]
    assert found["size"]["mean"]["value"] == pytest.approx(sum(sizes) / 120)
    assert found["size"]["median"] == (sizes[59] + sizes[60]) / 2
    assert found["size"]["largest"] == sizes[-1]
    assert found["size"]["empty"] == sizes.count(0) / 120
    assert found["size"]["single"] == sizes.count(1) / 120
    head = found["groups"]["head"]
    assert head["num_images"] == (LABELS == 0).sum()
    assert head["coverage"]["value"] == pytest.approx(by_class[0])
    tail = found["groups"]["tail"]
    assert (tail["num_classes"], tail["num_classes_evaluated"]) == (2, 1)
    assert tail["macro_coverage"]["value"] == pytest.approx(by_class[2])
    assert tail["mean_size"] == pytest.approx(
        IN_SET[LABELS == 2].sum(axis=1).mean()
    )
    assert found["num_images"] == 120
    assert (found["level"], found["calibration_images"]) == (0.9, 99)
    assert json.loads(json.dumps(found)) == found


def test_classes_under_half():
    labels = [0, 0, 1, 1, 2, 2]
    in_set = np.zeros((6, 4), bool)
    in_set[[0, 1], 0] = True
    in_set[2, 1] = True
    found = reported(labels, in_set)
    assert found["classes_under_half"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("m", "n", "k"), [(1, 9, 9), (50, 99, 90), (700, 40, 37)]
)
@pytest.mark.parametrize("share", [0.5, 0.95])
def test_expected_counts_are_those_of_the_beta_binomial(m, n, k, share):
    sets = PredictionSets(0.9, "plain", None, n, k)
    law = stats.betabinom(m, k, n + 1 - k)
    want = law.ppf((1 - share) / 2), law.ppf((1 + share) / 2)
    assert covered_counts(m, sets, share) == want


def test_measured_coverage_is_inside_as_often_as_said():
    inside = 0
    for seed in range(400):
        u = np.random.default_rng(seed).random(160)
        p = np.stack([u, 1 - u], axis=1)
        labels = np.zeros(160, int)
        sets = fit_prediction_sets(labels[:60], p[:60])
        found = prediction_set_report(
            labels[60:],
            sets.in_set(p[60:]),
            sets=sets,
            train_counts=None,
            guaranteed=True,
            num_bootstrap=0,
        )
        inside += found["expected"]["inside"]
    assert 0.93 <= inside / 400 <= 0.99


def test_far_too_much_is_not_inside_either():
    labels = np.zeros(500, int)
    found = reported(labels, np.ones((500, 4), bool), num_bootstrap=0)
    assert not found["expected"]["inside"]
    assert found["coverage"]["value"] == found["coverage"]["high"] == 1.0
    assert found["allowed"]["high"] < 1.0


def test_says_when_nothing_is_guaranteed():
    said = reported(guaranteed=False, num_bootstrap=0)["definitions"]
    assert "measured, not guaranteed" in said["guarantee"]
    said = reported(guaranteed=True, num_bootstrap=0)["definitions"]
    assert "not for each class" in said["guarantee"]


def test_no_groups_without_counts_or_with_even_ones():
    assert reported(train_counts=None, num_bootstrap=0)["groups"] is None
    assert reported(train_counts=[9] * 4, num_bootstrap=0)["groups"] is None


def test_a_group_without_images_has_no_numbers():
    found = reported(np.zeros(120, int), num_bootstrap=0)["groups"]["tail"]
    assert found["num_images"] == 0
    assert found["coverage"] is found["mean_size"] is None


def test_refuses_probabilities_shapes_and_counts():
    with pytest.raises(ValueError, match="dtype=float64 for 4 classes"):
        reported(in_set=IN_SET.astype(float))
    with pytest.raises(ValueError, match=r"in_set.shape=\(120, 3\)"):
        reported(in_set=IN_SET[:, :3])
    with pytest.raises(ValueError, match="labels.shape"):
        reported(LABELS[:5])
    with pytest.raises(ValueError, match="3 for 4 classes"):
        reported(train_counts=[1, 2, 3])
