"""Confident learning by its definitions; see also tests/golden."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fgkeras.suspects import class_thresholds
from fgkeras.suspects import confident_classes
from fgkeras.suspects import confident_joint
from fgkeras.suspects import confident_label_errors
from fgkeras.suspects import normalized_margin
from fgkeras.suspects import self_confidence
from fgkeras.suspects.confident_label_errors import METHODS

FUNCTIONS = (
    class_thresholds, confident_classes, confident_joint,
    confident_label_errors, normalized_margin, self_confidence,
)  # fmt: skip


@st.composite
def predictions(draw):
    """Labels and probabilities without ties."""
    classes = draw(st.integers(2, 5))
    labels = draw(
        st.lists(st.integers(0, classes - 1), min_size=1, max_size=40)
    )
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    p = rng.dirichlet(np.full(classes, 0.7), len(labels))
    return np.array(labels), p


def joint_by_loops(labels, p):
    """Counts by the definition, not yet brought to the sizes of classes."""
    classes = p.shape[1]
    bar = {
        c: np.mean([p[i, c] for i in range(len(p)) if labels[i] == c])
        for c in set(labels.tolist())
    }
    guesses = []
    for i in range(len(p)):
        sure = [c for c in bar if p[i, c] >= bar[c] - 1e-6]
        likeliest = max(range(classes), key=lambda c: p[i, c])
        guesses.append(
            None if not sure else sure[0] if len(sure) == 1 else likeliest
        )
    counts = np.zeros((classes, classes), int)
    for label, guess in zip(labels, guesses, strict=True):
        if guess is not None:
            counts[label, guess] += 1
    return counts, guesses


@settings(max_examples=60, derandomize=True)
@given(predictions())
def test_joint_is_that_of_the_definition(made):
    labels, p = made
    counts, guesses = joint_by_loops(labels, p)
    got = confident_classes(labels, p)
    assert got.tolist() == [-1 if g is None else g for g in guesses]
    joint = confident_joint(labels, p)
    sizes = np.bincount(labels, minlength=p.shape[1])
    assert joint.sum(axis=1).tolist() == sizes.tolist()
    counts[np.diag_indices(len(counts))] = counts.diagonal().clip(1)
    for row, size, count in zip(joint, sizes, counts, strict=True):
        exact = count * size / count.sum()
        assert np.abs(row - exact).max() <= 1 + 1e-9
        # Rounded as near as the sum allows.
        assert np.abs(row - exact).sum() <= len(row) / 2 + 1e-9


@settings(max_examples=60, derandomize=True)
@given(predictions())
def test_errors_by_their_rules(made):
    labels, p = made
    found = {m: confident_label_errors(labels, p, method=m) for m in METHODS}
    rate, by_class = found["prune_by_noise_rate"], found["prune_by_class"]
    assert (found["both"] == (rate & by_class)).all()
    guesses = confident_classes(labels, p)
    sure = (guesses >= 0) & (guesses != labels)
    agreed = p.argmax(axis=1) == labels
    assert (found["confident_learning"] == (sure & ~agreed)).all()
    joint = confident_joint(labels, p)
    for mask in found.values():
        assert not (mask & agreed).any()
    for c in set(labels.tolist()):
        members = np.flatnonzero(labels == c)
        off = joint[c].sum() - joint[c, c]
        assert by_class[members].sum() <= off
        # The least confident of a class, from the bottom up.
        if by_class[members].any():
            worst = p[members[by_class[members]], c].max()
            missed = members[(p[members, c] < worst) & ~by_class[members]]
            assert agreed[missed].all()
        assert len(members) > 1 or not (rate | by_class)[members].any()


@settings(max_examples=30, derandomize=True)
@given(predictions(), st.randoms(use_true_random=False))
def test_names_of_classes_and_order_of_images_do_not_matter(made, random):
    labels, p = made
    rows = np.array(random.sample(range(len(labels)), len(labels)))
    for method in METHODS:
        found = confident_label_errors(labels, p, method=method)
        again = confident_label_errors(labels[rows], p[rows], method=method)
        assert again.tolist() == found[rows].tolist()


def test_a_worked_case():
    """Two of four birds of class 0 are surely of class 1."""
    labels = np.array([0, 0, 0, 0, 1, 1, 1])
    p = np.array([0.9, 0.8, 0.1, 0.2, 0.1, 0.1, 0.2])
    p = np.stack([p, 1 - p], axis=1)
    np.testing.assert_allclose(class_thresholds(labels, p), [0.5, 2.6 / 3])
    assert confident_classes(labels, p).tolist() == [0, 0, 1, -1, 1, 1, -1]
    # Two of three confident ones are right: of four images 2.67 and 1.33.
    assert confident_joint(labels, p).tolist() == [[3, 1], [0, 3]]
    found = confident_label_errors(labels, p)
    assert np.flatnonzero(found).tolist() == [2]


def test_scores_by_their_definitions():
    rng = np.random.default_rng(0)
    p = rng.dirichlet([1, 1, 1, 1], 20)
    labels = rng.integers(0, 4, 20)
    for i in range(20):
        others = [p[i, c] for c in range(4) if c != labels[i]]
        assert self_confidence(labels, p)[i] == p[i, labels[i]]
        assert normalized_margin(labels, p)[i] == pytest.approx(
            (p[i, labels[i]] - max(others) + 1) / 2
        )


def test_a_class_without_images_has_no_bar_to_reach():
    labels = np.array([0, 0, 2, 2])
    p = np.tile([[0.1, 0.8, 0.1]], (4, 1))
    assert class_thresholds(labels, p)[1] == 2
    # Both others are reached by all: the likeliest of all is the guess.
    assert confident_classes(labels, p).tolist() == [1] * 4
    assert confident_joint(labels, p)[1].tolist() == [0, 0, 0]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("labels", "p", "said"),
    [
        ([0, 1], [[0.5, 0.5], [0.5, np.nan]], "row 1"),
        ([0, 1], [[0.5, 0.5], [1.5, -0.5]], "row 1"),
        ([0, 1], [[0.9, 0.9], [0.5, 0.5]], "row 0"),
        ([0, 1], [[1, 0], [0, 1]], "dtype=int64"),
        ([0, 1], [[1.0], [1.0]], "two classes or more"),
        ([0, 1], [0.5, 0.5], r"shape=\(2,\)"),
        ([0, 2], [[0.5, 0.5], [0.5, 0.5]], "0 to 2 for 2"),
        ([0, -1], [[0.5, 0.5], [0.5, 0.5]], "-1 to 0"),
        ([0.0, 1.0], [[0.5, 0.5], [0.5, 0.5]], "dtype=float64"),
        ([0], [[0.5, 0.5], [0.5, 0.5]], "for 2 images"),
    ],
)
def test_refuses_what_does_not_fit(function, labels, p, said):
    with pytest.raises(ValueError, match=said):
        function(np.array(labels), np.array(p))


def test_refuses_other_methods():
    with pytest.raises(ValueError, match="method='prune'"):
        confident_label_errors([0, 1], [[0.5, 0.5]] * 2, method="prune")
