import sys
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from fgkeras.suspects import out_of_fold_doubts
from fgkeras.suspects import out_of_fold_probabilities
from fgkeras.suspects import wrong_labels

MODULE = sys.modules["fgkeras.suspects.out_of_fold"]


def clusters(sizes, dim=12, seed=0):
    """Features about a mean per class, and labels, in mixed order."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    means = 2 * rng.normal(size=(len(sizes), dim))
    return means[labels] + rng.normal(size=(len(labels), dim)), labels


@settings(max_examples=30, derandomize=True)
@given(
    st.lists(st.integers(0, 9), min_size=2, max_size=60),
    st.integers(2, 7),
    st.integers(0, 3),
)
def test_folds_are_even_in_all_and_in_each_class(ids, num_folds, seed):
    folds = MODULE._folds(np.array(ids), num_folds, seed)
    for members in (folds, *(folds[np.array(ids) == c] for c in set(ids))):
        counts = np.bincount(members, minlength=num_folds)
        assert counts.max() - counts.min() <= 1


def test_each_fold_is_told_by_the_others_alone():
    """Fits anew, with a scaler of the rest, and compares."""
    features, labels = clusters([9, 6, 4, 2])
    got = out_of_fold_probabilities(
        features, labels, num_folds=3, inverse_regularization=0.1, seed=4
    )
    folds = MODULE._folds(labels, 3, 4)
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    for fold in range(3):
        rest, held = folds != fold, folds == fold
        scaler = StandardScaler().fit(unit[rest])
        model = LogisticRegression(C=0.1, tol=1e-10, max_iter=5000)
        model.fit(scaler.transform(unit[rest]), labels[rest])
        expected = model.predict_proba(scaler.transform(unit[held]))
        np.testing.assert_allclose(got[held], expected, atol=2e-3)


def test_an_image_does_not_move_what_is_told_of_it():
    features, labels = clusters([8, 8, 8])
    (i,) = np.flatnonzero(labels == 1)[:1]
    before = out_of_fold_probabilities(features, labels)
    others = features.copy()
    others[i] *= -1
    after = out_of_fold_probabilities(others, labels)
    fold = MODULE._folds(labels, 5, 0)
    same = (fold == fold[i]) & (np.arange(24) != i)
    np.testing.assert_array_equal(after[same], before[same])
    assert np.abs(after[~same] - before[~same]).max() > 1e-4


def test_the_seed_draws_the_folds():
    features, labels = clusters([8, 8, 8])
    told = [out_of_fold_probabilities(features, labels, seed=s) for s in (0, 1)]
    again = out_of_fold_probabilities(features, labels, seed=0)
    np.testing.assert_array_equal(told[0], again)
    assert np.abs(told[0] - told[1]).max() > 1e-6


def test_a_class_of_one_image_is_not_judged():
    features, labels = clusters([8, 1, 6])
    names = np.array([5, 2, 0])[labels]
    got = out_of_fold_probabilities(features, names)
    assert got.shape == (15, 6)
    assert np.isnan(got[names == 2]).all()
    rest = got[names != 2]
    np.testing.assert_allclose(rest.sum(axis=1), 1, atol=1e-9)
    assert (rest[:, [1, 2, 3, 4]] == 0).all()
    # It takes no part either.
    kept = names != 2
    alone = out_of_fold_probabilities(features[kept], names[kept])
    np.testing.assert_array_equal(rest, alone)
    found = out_of_fold_doubts(features, names, got)
    assert np.isnan(found.scores[~kept]).all()
    assert (found.nearest[~kept] == -1).all()


def test_progress_is_told_and_constant_features_say_nothing():
    features, labels = clusters([5, 5])
    seen = []
    plain = out_of_fold_probabilities(
        features, labels, progress=lambda *told: seen.append(told)
    )
    assert seen == [(i, 5) for i in range(1, 6)]
    # Of length 1 already, so that a constant column changes nothing.
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    more = np.concatenate([unit, np.ones((10, 1))], axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = out_of_fold_probabilities(more, labels)
    np.testing.assert_allclose(found, plain, atol=1e-3)


def test_says_when_it_stopped_early():
    features, labels = clusters([9, 9, 9])
    with pytest.warns(UserWarning, match="stopped at 1 iterations"):
        out_of_fold_probabilities(
            features, labels, inverse_regularization=1.0, max_iterations=1
        )


@pytest.mark.parametrize(
    ("labels", "options", "said"),
    [
        ([0, 1, 2, 3], {}, "0 such classes among 4"),
        ([0, 0, 1, 2], {}, "1 such classes among 4"),
        ([0, 0, 1], {}, "one whole number per image"),
        ([0, 0, 1, -1], {}, "negative"),
        ([0, 0, 1, 1], {"num_folds": 1}, "num_folds=1"),
        ([0, 0, 1, 1], {"inverse_regularization": 0}, "regularization=0"),
        ([0, 0, 1, 1], {"max_iterations": 0}, "max_iterations=0"),
    ],
)
def test_refuses_what_does_not_fit(labels, options, said):
    features = np.random.default_rng(0).normal(size=(4, 3))
    with pytest.raises(ValueError, match=said):
        out_of_fold_probabilities(features, np.array(labels), **options)


def test_doubts_are_margins_of_logarithms():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(30, 4))
    labels = np.arange(30) % 3
    p = rng.dirichlet([1, 1, 1], 30)
    p[4] = np.nan
    found = out_of_fold_doubts(features, labels, p)
    margins = np.array(
        [
            max(np.log(p[i, c]) for c in range(3) if c != labels[i])
            - np.log(p[i, labels[i]])
            for i in range(30)
        ]
    )
    known = margins[np.arange(30) != 4]
    middle = np.median(known)
    width = 1.4826 * np.median(np.abs(known - middle))
    expected = (margins - middle) / width / 3
    np.testing.assert_allclose(found.scores, expected, atol=1e-9)
    for i in set(range(30)) - {4}:
        order = sorted(set(range(3)) - {labels[i]}, key=lambda c: -p[i, c])
        members = np.flatnonzero(labels == order[0])
        cosines = [
            features[i] @ features[j] / np.linalg.norm(features[j])
            for j in members
        ]
        assert found.nearest[i] == members[int(np.argmax(cosines))]


def test_impossible_labels_have_a_score():
    p = np.tile([[0.9, 0.1]], (6, 1))
    p[5] = [0, 1]
    found = out_of_fold_doubts(np.eye(6), np.zeros(6, int), p)
    assert np.isfinite(found.scores).all()
    assert found.scores.argmax() == 5
    # Nothing has the label of the likelier class.
    assert found.nearest[5] == -1


def test_both_takes_the_mean_and_says_who_finds_it_alone():
    features, labels = clusters([40] * 6, dim=24)
    wrong = labels.copy()
    wrong[::30] = (wrong[::30] + 1) % 6
    one, other, both = (
        wrong_labels(features, wrong, detector=d)
        for d in ("features", "out-of-fold", "both")
    )
    assert (one.errors, other.errors, both.errors) == (None, 8, 8)
    np.testing.assert_allclose(
        both.scores, (one.scores + other.scores) / 2, rtol=1e-12
    )
    for i in range(240):
        speaker = one if one.scores[i] >= other.scores[i] else other
        assert both.nearest[i] == speaker.nearest[i]
        said = [
            n for n, f in (("features", one), ("out-of-fold", other))
            if f.scores[i] >= 1
        ]  # fmt: skip
        assert both.found_by(i) == said
    assert (both.scores[::30] >= 1).all()
    # What is listed is found by one of them at least.
    for least in (0.2, 0.5, 1.0):
        for i in np.flatnonzero(both.scores >= least):
            assert both.found_by(i, least)


def test_who_can_judge_judges():
    features, labels = clusters([9, 1, 1])
    found = wrong_labels(features, labels, detector="both")
    assert np.isfinite(found.scores[labels == 0]).all()
    assert np.isnan(found.by["out-of-fold"]).all()
    np.testing.assert_array_equal(found.scores, found.by["features"])
    alone = wrong_labels(features, labels, detector="out-of-fold")
    assert np.isnan(alone.scores).all()
    assert (alone.nearest == -1).all()
    assert alone.errors == 0


def test_progress_of_both_goes_through_once():
    features, labels = clusters([6, 6])
    seen = []
    wrong_labels(
        features, labels, detector="both",
        progress=lambda *told: seen.append(told),
    )  # fmt: skip
    assert {total for _, total in seen} == {24}
    done = [d for d, _ in seen]
    assert done == sorted(done)
    assert done[-1] == 24


def test_refuses_other_detectors_and_arrays():
    features, labels = clusters([3, 3])
    with pytest.raises(ValueError, match="detector='all'"):
        wrong_labels(features, labels, detector="all")
    with pytest.raises(ValueError, match="1 classes"):
        wrong_labels(features, np.zeros(6, int))
    with pytest.raises(ValueError, match="for 6 images"):
        out_of_fold_doubts(features, labels, np.full((5, 2), 0.5))


def test_swapped_arguments_are_refused():
    features, labels = clusters([3, 3])
    told = out_of_fold_probabilities(features, labels)
    for swapped in (
        lambda: out_of_fold_probabilities(labels, features),
        lambda: out_of_fold_doubts(labels, features, told),
        lambda: wrong_labels(labels, features),
    ):
        with pytest.raises(ValueError, match="Received"):
            swapped()
