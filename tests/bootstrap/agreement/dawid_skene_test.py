import json
import pathlib

import numpy as np
import pytest

from fgkeras.bootstrap.agreement import dawid_skene
from fgkeras.bootstrap.agreement import majority

GOLDEN = pathlib.Path(__file__).parents[2] / "golden" / "dawid_skene.json"
PLAIN = {"smoothing": 0.0, "trust": 0.0}
# Table 1 of Dawid and Skene 1979: classes of 45 patients, three times by the
# first observer, then once by each of four others.
PATIENTS = """
111 1 1 1 1 | 333 4 3 3 4 | 112 2 1 2 2 | 222 3 1 2 1 | 222 3 2 2 2
222 3 3 2 2 | 122 2 1 1 1 | 333 3 4 3 3 | 222 2 2 2 3 | 232 2 2 2 3
444 4 4 4 4 | 222 3 3 4 3 | 111 1 1 1 1 | 222 3 2 1 2 | 121 1 1 1 1
111 2 1 1 1 | 111 1 1 1 1 | 111 1 1 1 1 | 222 2 2 2 1 | 222 1 3 2 2
222 2 2 2 2 | 222 2 2 2 1 | 222 3 2 2 2 | 221 2 2 2 2 | 111 1 1 1 1
111 1 1 1 1 | 232 2 2 2 2 | 111 1 1 1 1 | 111 1 1 1 1 | 112 1 1 2 1
111 1 1 1 1 | 333 3 2 3 3 | 111 1 1 1 1 | 222 2 2 2 2 | 222 3 2 3 2
433 4 3 4 3 | 221 2 2 3 2 | 232 3 2 3 3 | 333 3 4 3 2 | 111 1 1 1 1
111 1 1 1 1 | 121 2 1 1 1 | 232 2 2 2 2 | 121 1 1 1 1 | 222 2 2 2 2
"""


def patients():
    rows = PATIENTS.replace("\n", "|").split("|")
    rows = [row.split() for row in rows if row.strip()]
    assert len(rows) == 45
    return [
        [i, j, int(answer) - 1]
        for i, row in enumerate(rows)
        for j, answers in enumerate(row)
        for answer in answers
    ]


def drawn(seed, num_items=60, num_labellers=5, num_classes=3, share=0.8):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, num_classes, num_items)
    skill = rng.uniform(0.4, 0.95, num_labellers)
    votes = []
    for i in range(num_items):
        for j in range(num_labellers):
            if rng.random() < share:
                step = rng.random() > skill[j] and rng.integers(1, num_classes)
                votes.append([i, j, int((truth[i] + step) % num_classes)])
    return votes, truth


def em_by_loops(votes, num_items, num_labellers, num_classes, pseudo, steps):
    """The paper's (2.3) to (2.5), products of probabilities, item by item."""
    smoothing, trust = pseudo
    n = {}
    for i, j, a in votes:
        n[i, j, a] = n.get((i, j, a), 0) + 1
    T = np.zeros((num_items, num_classes))
    for (i, _, a), count in n.items():
        T[i, a] += count
    T /= T.sum(axis=1, keepdims=True)
    for _ in range(steps):
        p = (T.sum(axis=0) + smoothing) / (num_items + num_classes * smoothing)
        theta = np.zeros((num_labellers, num_classes, num_classes))
        for j in range(num_labellers):
            for k in range(num_classes):
                for a in range(num_classes):
                    theta[j, k, a] = (
                        smoothing
                        + trust * (k == a)
                        + sum(
                            T[i, k] * n.get((i, j, a), 0)
                            for i in range(num_items)
                        )
                    )
                theta[j, k] /= theta[j, k].sum()
        likelihood = 0.0
        for i in range(num_items):
            joint = p.copy()
            for (item, j, a), count in n.items():
                if item == i:
                    joint *= theta[j, :, a] ** count
            likelihood += np.log(joint.sum())
            T[i] = joint / joint.sum()
    return T, theta, p, likelihood


@pytest.mark.parametrize("pseudo", [(0.0, 0.0), (0.3, 1.5)])
def test_is_the_algorithm_written_by_loops(pseudo):
    votes, _ = drawn(0, num_items=20)
    votes += votes[:3]  # Said again.
    T, theta, p, likelihood = em_by_loops(votes, 20, 5, 3, pseudo, 7)
    found = dawid_skene(
        votes,
        num_items=20,
        num_classes=3,
        smoothing=pseudo[0],
        trust=pseudo[1],
        max_iterations=7,
        tolerance=0,
    )
    np.testing.assert_allclose(found.posteriors, T, atol=1e-9)
    np.testing.assert_allclose(found.confusions, theta, atol=1e-9)
    np.testing.assert_allclose(found.prior, p, atol=1e-9)
    assert found.log_likelihood == pytest.approx(likelihood)
    assert not found.converged
    assert len(found.objectives) == 7


def test_anaesthetists_of_the_paper():
    found = dawid_skene(patients(), num_items=45, num_classes=4, **PLAIN)
    assert found.converged
    assert found.prior.round(2).tolist() == [0.40, 0.42, 0.11, 0.07]
    classes = found.posteriors.argmax(axis=1) + 1
    assert np.bincount(classes).tolist() == [0, 18, 19, 5, 3]
    # Most are certain, and patient 3 is of class 2, though one is most said.
    assert (found.posteriors.max(axis=1) > 0.99).sum() >= 40


def test_is_what_crowd_kit_found():
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    found = dawid_skene(
        golden["votes"], num_items=60, num_classes=3, tolerance=1e-12, **PLAIN
    )
    for name in ("posteriors", "confusions", "prior"):
        np.testing.assert_allclose(
            getattr(found, name), golden[name], atol=1e-5
        )


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("pseudo", [(0, 0), (0.1, 1), (2, 0), (0, 3)])
def test_likelihood_never_falls(seed, pseudo):
    rng = np.random.default_rng(seed)
    num_classes = int(rng.integers(2, 5))
    votes = [
        [int(rng.integers(12)), int(rng.integers(4)), a]
        for a in rng.integers(0, num_classes, 40).tolist()
    ]
    found = dawid_skene(
        votes,
        num_items=12,
        num_classes=num_classes,
        smoothing=pseudo[0],
        trust=pseudo[1],
        tolerance=0,
        max_iterations=60,
    )
    assert (np.diff(found.objectives) >= -1e-9).all()
    np.testing.assert_allclose(found.posteriors.sum(axis=1), 1)
    np.testing.assert_allclose(found.confusions.sum(axis=2), 1)


def test_is_better_than_the_majority_where_skills_differ():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 400)
    skill = np.array([0.95, 0.95, 0.55, 0.55, 0.55])
    right = rng.random((400, 5)) < skill
    answers = np.where(right, truth[:, None], 1 - truth[:, None])
    votes = [[i, j, int(answers[i, j])] for i in range(400) for j in range(5)]
    found = dawid_skene(votes, num_items=400, num_classes=2)
    wrong = np.mean(found.posteriors.argmax(axis=1) != truth)
    simple = np.mean(majority(votes, num_items=400, num_classes=2) != truth)
    assert wrong < 0.6 * simple
    estimated = np.diagonal(found.confusions, axis1=1, axis2=2).mean(axis=1)
    np.testing.assert_allclose(estimated, skill, atol=0.07)


def test_knows_no_order_of_items_labellers_or_votes():
    votes, _ = drawn(5)
    votes = np.array(votes)
    sizes = {"num_items": 60, "num_classes": 3}
    found = dawid_skene(votes, **sizes)
    rng = np.random.default_rng(0)
    items, labellers = rng.permutation(60), rng.permutation(5)
    other = rng.permutation(votes)
    other[:, 0], other[:, 1] = items[other[:, 0]], labellers[other[:, 1]]
    again = dawid_skene(other, **sizes)
    np.testing.assert_allclose(
        again.posteriors[items], found.posteriors, atol=1e-7
    )
    np.testing.assert_allclose(
        again.confusions[labellers], found.confusions, atol=1e-7
    )


def test_items_without_votes_have_the_shares_of_the_classes():
    votes, _ = drawn(6)
    few = dawid_skene(votes, num_items=60, num_classes=3)
    more = dawid_skene(votes, num_items=70, num_classes=3, num_labellers=7)
    np.testing.assert_allclose(more.posteriors[:60], few.posteriors, atol=1e-7)
    np.testing.assert_allclose(more.posteriors[60:], [more.prior] * 10)
    # Nothing is known of a labeller without votes but the pseudo votes.
    pseudo = (0.1 + np.eye(3)) / 1.3
    np.testing.assert_allclose(more.confusions[5:], [pseudo] * 2)


@pytest.mark.parametrize(
    "option",
    [
        {"smoothing": -0.1},
        {"trust": float("nan")},
        {"tolerance": float("inf")},
        {"max_iterations": 0},
        {"num_labellers": 1},
    ],
)
def test_refuses_options(option):
    (name,) = option
    with pytest.raises(ValueError, match=f"{name}={option[name]}"):
        dawid_skene([[0, 1, 0]], num_items=1, num_classes=2, **option)


def test_refuses_no_votes():
    with pytest.raises(ValueError, match="0 votes"):
        dawid_skene([], num_items=3, num_classes=2)
