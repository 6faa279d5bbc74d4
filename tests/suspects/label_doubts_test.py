import sys

import numpy as np
import pytest

from fgkeras.suspects import label_doubts
from fgkeras.suspects import leave_one_out_margins
from fgkeras.suspects import neighbor_margins
from fgkeras.suspects.checked import standard_units


def clusters(sizes, dim=12, spread=1.0, seed=0):
    """Features about a mean per class, and labels, in mixed order."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    means = 2 * rng.normal(size=(len(sizes), dim))
    return means[labels] + spread * rng.normal(size=(len(labels), dim)), labels


def margin_by_loops(features, labels, i, count):
    """The definition: mean cosine to the nearest of each class."""
    unit = [x / np.sqrt((x**2).sum()) for x in features.astype(np.float64)]
    others = [j for j in range(len(labels)) if j != i]
    depth = min(count, sum(labels[j] == labels[i] for j in others))
    if not depth:
        return np.nan, -1
    means, first = {}, {}
    for c in set(labels.tolist()):
        near = sorted(
            ((float(unit[i] @ unit[j]), j) for j in others if labels[j] == c),
            reverse=True,
        )
        if near:
            means[c] = np.mean([value for value, _ in near[:depth]])
            first[c] = near[0][1]
    own = means.pop(labels[i])
    best = max(means, key=means.get)
    return means[best] - own, first[best]


@pytest.mark.parametrize("count", [1, 3, 5])
def test_neighbours_are_those_of_the_definition(count, monkeypatch):
    features, labels = clusters([9, 3, 1, 6, 2])
    # Blocks of five rows.
    module = sys.modules["fgkeras.suspects.neighbor_margins"]
    monkeypatch.setattr(module, "_BLOCK_VALUES", 5 * len(labels))
    margins, nearest = neighbor_margins(features, labels, count=count)
    for i in range(len(labels)):
        value, at = margin_by_loops(features, labels, i, count)
        np.testing.assert_allclose(margins[i], value, atol=2e-6)
        assert nearest[i] == at


def test_lengths_and_names_of_classes_do_not_matter():
    features, labels = clusters([8, 8, 8])
    margins, nearest = neighbor_margins(features, labels)
    scale = np.random.default_rng(1).uniform(1e-20, 1e20, (24, 1))
    again, same = neighbor_margins(
        features * scale, np.array([7, 40, 3])[labels]
    )
    np.testing.assert_allclose(again, margins, atol=1e-5)
    assert same.tolist() == nearest.tolist()


def test_what_is_left_out_is_not_fitted():
    """Fits anew without each image, and compares."""
    features, labels = clusters([7, 4, 2, 9], dim=5)
    got = leave_one_out_margins(features, labels, penalty=0.7)
    x = features / np.linalg.norm(features, axis=1, keepdims=True)
    x = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    weight = len(x) / 4 / np.bincount(labels)[labels]
    for i in range(len(x)):
        rest = np.arange(len(x)) != i
        root = np.sqrt(weight[rest])[:, None]
        # Least squares with rows for the penalty.
        left = np.concatenate([root * x[rest], np.sqrt(0.7) * np.eye(6)])
        right = np.concatenate(
            [root * np.eye(4)[labels[rest]], np.zeros((6, 4))]
        )
        answer = x[i] @ np.linalg.lstsq(left, right, rcond=None)[0]
        own = answer[labels[i]]
        expected = np.delete(answer, labels[i]).max() - own
        assert got[i] == pytest.approx(expected, abs=1e-5)


def test_small_classes_are_not_doubted_for_being_small():
    features, labels = clusters([120, 4], dim=6, spread=0.7)
    margins = leave_one_out_margins(features, labels)
    assert (margins[labels == 1] < 0).all()


def test_parts_of_many_images_are_one_whole(monkeypatch):
    features, labels = clusters([20, 30, 25])
    whole = leave_one_out_margins(features, labels)
    monkeypatch.setattr("fgkeras.suspects.leave_one_out._ROWS", 7)
    np.testing.assert_allclose(
        leave_one_out_margins(features, labels), whole, atol=1e-9
    )


def test_flipped_labels_come_first():
    features, labels = clusters([40] * 6, dim=24)
    flipped = np.arange(0, 240, 30)
    wrong = labels.copy()
    wrong[flipped] = (wrong[flipped] + 1) % 6
    found = label_doubts(features, wrong)
    assert set(np.argsort(-found.scores)[:8]) == set(flipped)
    assert (found.scores[flipped] > 1).all()
    # What speaks against a label is a picture of the right class.
    assert (labels[found.nearest[flipped]] == labels[flipped]).all()


def test_score_is_the_sum_of_both_judges():
    features, labels = clusters([15, 12, 1], dim=7)
    found = label_doubts(features, labels)

    def z(x):
        known = x[~np.isnan(x)]
        middle = np.median(known)
        return (x - middle) / np.median(np.abs(known - middle)) / 1.4826

    near = neighbor_margins(features, labels)[0]
    linear = leave_one_out_margins(features, labels)
    expected = z(z(near) + 2 * z(linear)) / 3
    np.testing.assert_allclose(found.scores, expected, atol=1e-9)
    alone = labels == 2
    assert np.isnan(found.scores[alone]).all()
    assert (found.nearest[alone] == -1).all()


def test_usual_deviations_where_most_are_equal():
    assert standard_units(np.full(4, 2.0)).tolist() == [0.0] * 4
    z = standard_units(np.array([0.0, 0.0, 0.0, 0.0, 5.0, np.nan]))
    assert z[:5].tolist() == [0.0] * 4 + [2.5]
    assert np.isnan(z[5])
    assert np.isnan(standard_units(np.array([np.nan]))).all()


@pytest.mark.parametrize("judge", [neighbor_margins, leave_one_out_margins])
@pytest.mark.parametrize(
    ("features", "labels", "said"),
    [
        ([[1.0], [np.nan]], [0, 1], "finite matrix"),
        ([1.0, 2.0], [0, 1], "finite matrix"),
        ([[1.0], [2.0]], [0, 1, 1], "one whole number per image"),
        ([[1.0], [2.0]], [0.0, 1.0], "one whole number per image"),
        ([[1.0], [2.0]], [-1, 1], "negative"),
        ([[1.0], [2.0]], [3, 3], "1 classes"),
    ],
)
def test_refuses_what_does_not_fit(judge, features, labels, said):
    with pytest.raises(ValueError, match=said):
        judge(np.array(features), np.array(labels))


def test_refuses_options_out_of_range():
    features, labels = clusters([3, 3])
    with pytest.raises(ValueError, match="count=0"):
        neighbor_margins(features, labels, count=0)
    with pytest.raises(ValueError, match="penalty=0"):
        leave_one_out_margins(features, labels, penalty=0)
