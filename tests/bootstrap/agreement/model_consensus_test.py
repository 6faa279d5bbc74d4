import numpy as np
import pytest
from scipy.special import log_softmax

from fgkeras.bootstrap.agreement import dawid_skene
from fgkeras.bootstrap.agreement import majority
from fgkeras.bootstrap.agreement import model_consensus


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def drawn(
    seed,
    num_items=400,
    votes_each=2,
    skill=(0.85,) * 6,
    sharpness=2.0,
    share=0.5,
):
    """Truth, votes of some labellers, and scores that know a part of it."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(num_items) < share).astype(int)
    logits = sharpness * (2 * truth - 1) + rng.normal(0, 1.5, num_items)
    votes = []
    for i in range(num_items):
        for j in rng.choice(len(skill), votes_each, replace=False):
            right = rng.random() < skill[j]
            votes.append([i, int(j), int(truth[i] if right else 1 - truth[i])])
    return truth, votes, sigmoid(logits)


def errors(posteriors, truth):
    return np.mean(posteriors.argmax(axis=1) != truth)


def many_classes(seed, num_items=150, num_classes=4):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, num_classes, num_items)
    logits = rng.normal(size=(num_items, num_classes))
    logits[np.arange(num_items), truth] += 1.5
    votes = [
        [i, j, int(truth[i] if rng.random() < 0.7 else rng.integers(4))]
        for i in range(num_items)
        for j in range(4)
        if rng.random() < 0.6
    ]
    return truth, votes, np.exp(log_softmax(logits, axis=1))


@pytest.mark.parametrize("taught_by", ["people", "posteriors"])
@pytest.mark.parametrize("skills", ["confusion", "accuracy"])
@pytest.mark.parametrize("size", [2, 4])
def test_end_is_what_the_equations_say(skills, size, taught_by):
    """Each of the three parts is what the definition makes of the others."""
    if size == 2:
        _, votes, scores = drawn(1, num_items=150)
        table = np.stack([1 - scores, scores], axis=1)
    else:
        _, votes, scores = many_classes(1)
        table = scores
    known = np.full(150, -1)
    known[:5] = 1
    found = model_consensus(
        votes,
        scores,
        known=known,
        skills=skills,
        taught_by=taught_by,
        strength=6.0,
        accuracy=0.75,
        doubt=0.1,
        tolerance=1e-10,
        max_iterations=3000,
    )
    assert found.converged
    labellers = len(found.confusions)
    # Priors, one by one.
    slope, offsets = found.calibration.slope, found.calibration.offsets
    for i in range(150):
        powers = np.exp(offsets) * table[i] ** slope
        expected = 0.9 * powers / powers.sum() + 0.1 / size
        np.testing.assert_allclose(found.priors[i], expected, rtol=1e-6)
    # Posteriors: prior times the votes.
    for i in range(150):
        joint = found.priors[i].copy()
        for item, j, answer in votes:
            if item == i:
                joint *= found.confusions[j][:, answer]
        expected = joint / joint.sum() if known[i] < 0 else np.eye(size)[1]
        np.testing.assert_allclose(found.posteriors[i], expected, atol=1e-8)
    # Confusions: counts drawn to the pooled ones.
    counts = np.zeros((labellers, size, size))
    for item, j, answer in votes:
        counts[j, :, answer] += found.posteriors[item]
    off = 0.25 / (size - 1)
    for j in range(labellers):
        for k in range(size):
            for a in range(size):
                if skills == "confusion":
                    expected = 0.75 if a == k else off
                    row = counts[:, k].sum(axis=0)
                    pooled = (row[a] + 6 * expected) / (row.sum() + 6)
                    own = counts[j, k]
                    value = (own[a] + 6 * pooled) / (own.sum() + 6)
                else:
                    right = np.einsum("jkk->j", counts)
                    all_votes = counts.sum(axis=(1, 2))
                    pooled = (right.sum() + 6 * 0.75) / (all_votes.sum() + 6)
                    value = (right[j] + 6 * pooled) / (all_votes[j] + 6)
                    value = value if a == k else (1 - value) / (size - 1)
                assert found.confusions[j, k, a] == pytest.approx(value, 1e-6)
    # Calibration: no step makes likelier what it is fitted to, of told items.
    told = sorted({item for item, _, _ in votes} | set(range(5)))
    shares = (found.posteriors[told].sum(axis=0) + 1 / size) / (len(told) + 1)
    alone = np.tile(shares, (150, 1))
    for item, j, answer in votes:
        alone[item] *= found.confusions[j][:, answer]
    alone[known >= 0] = np.eye(size)[1]
    alone = alone[told] / alone[told].sum(axis=1, keepdims=True)
    target = alone if taught_by == "people" else found.posteriors[told]

    def objective(x):
        logits = x[0] * np.log(table[told]) + x[1:]
        sure = np.exp(log_softmax(logits, axis=1))
        likely = (target * np.log(0.9 * sure + 0.1 / size)).sum()
        return likely - (x[0] - 1) ** 2 / 2 - np.sum((x[1:] / 3) ** 2) / 2

    at = np.concatenate([[slope], offsets])
    for axis in np.eye(size + 1) * 0.01:
        assert objective(at + axis) < objective(at) + 1e-7
        assert objective(at - axis) < objective(at) + 1e-7


@pytest.mark.parametrize("seed", range(2))
def test_a_score_makes_up_for_votes(seed):
    truth, votes, scores = drawn(seed, votes_each=2)
    simple = majority(votes, num_items=400, num_classes=2)
    wrong = np.where(simple < 0, 0.5, simple != truth).mean()
    found = model_consensus(votes, scores)
    assert errors(found.posteriors, truth) < 0.5 * wrong
    assert found.calibration.slope > 0.5
    # One vote each: taught by people it does no harm, by all it does good.
    truth, votes, scores = drawn(seed, votes_each=1)
    wrong = np.mean(majority(votes, num_items=400, num_classes=2) != truth)
    careful = model_consensus(votes, scores).posteriors
    bold = model_consensus(votes, scores, taught_by="posteriors").posteriors
    assert errors(careful, truth) <= wrong
    assert errors(bold, truth) < 0.75 * wrong


def test_risk_is_the_error_that_comes():
    truth, votes, scores = drawn(7, num_items=2500, votes_each=2)
    found = model_consensus(votes, scores, taught_by="posteriors")
    wrong = found.posteriors.argmax(axis=1) != truth
    assert found.risks.mean() == pytest.approx(wrong.mean(), abs=0.015)
    unsure = found.risks > np.quantile(found.risks, 0.9)
    assert wrong[unsure].mean() > 4 * wrong[~unsure].mean()
    # Taught by people the score counts for less, and the risk is too high.
    careful = model_consensus(votes, scores)
    wrong = careful.posteriors.argmax(axis=1) != truth
    assert wrong.mean() < careful.risks.mean() < wrong.mean() + 0.05


@pytest.mark.parametrize("taught_by", ["people", "posteriors"])
@pytest.mark.parametrize("sure", [1.0, 1 - 1e-6])
def test_a_sure_model_does_not_overrule_two_who_agree(sure, taught_by):
    """The scores are certain, and wrong in a third of the items."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 300)
    model = np.where(rng.random(300) < 2 / 3, truth, 1 - truth)
    scores = np.where(model == 1, sure, 1 - sure)
    said = np.where(
        rng.random((300, 2)) < 0.9, truth[:, None], 1 - truth[:, None]
    )
    votes = [[i, j, int(said[i, j])] for i in range(300) for j in range(2)]
    found = model_consensus(votes, scores, taught_by=taught_by)
    agree = said[:, 0] == said[:, 1]
    assert (found.posteriors.argmax(axis=1) == said[:, 0])[agree].all()
    assert found.calibration.slope < 0.2
    assert errors(found.posteriors, truth) < 0.1


def test_no_score_outweighs_two_good_labellers():
    """Where a model is right in all else, people are still heard."""
    truth = np.arange(200) % 2
    scores = truth.astype(float)
    votes = [[i, j, int(truth[i])] for i in range(200) for j in range(4)]
    votes = [v for v in votes if v[0] != 0]
    votes += [[0, 0, 1], [0, 1, 1]]  # The model is certain of 0.
    found = model_consensus(votes, scores)
    assert found.posteriors[0].argmax() == 1


def test_scores_that_know_nothing_are_passed_over():
    truth, votes, _ = drawn(3, votes_each=3)
    noise = np.random.default_rng(1).uniform(0.01, 0.99, 400)
    found = model_consensus(votes, noise)
    assert found.calibration.slope < 0.2
    turned = model_consensus(votes, np.where(truth == 1, 0.05, 0.95))
    assert turned.calibration.slope == 0
    without = model_consensus(votes, np.full(400, 0.5))
    again = model_consensus(votes, noise, doubt=1.0)
    assert (
        errors(turned.posteriors, truth)
        <= errors(without.posteriors, truth) + 0.01
    )
    np.testing.assert_allclose(again.priors, 0.5)
    people = dawid_skene(votes, num_items=400, num_classes=2)
    same = people.posteriors.argmax(axis=1) == again.posteriors.argmax(axis=1)
    assert same.mean() > 0.97


def test_offsets_learn_that_most_are_false():
    """A pool of 5 % true ones, scores of a model trained on halves."""
    truth, votes, scores = drawn(
        11, num_items=1500, votes_each=1, share=0.05, skill=(0.9,) * 5
    )
    found = model_consensus(votes, scores, taught_by="posteriors")
    assert np.diff(found.calibration.offsets) < -1
    simple = majority(votes, num_items=1500, num_classes=2)
    assert errors(found.posteriors, truth) < 0.4 * np.mean(simple != truth)


def test_what_all_overlook_is_learned():
    """Every labeller says no to 4 of 10 positives and to all negatives."""
    rng = np.random.default_rng(2)
    truth, _, scores = drawn(2, num_items=1000, sharpness=3.0)
    votes = [
        [i, int(j), int(truth[i] and rng.random() < 0.6)]
        for i in range(1000)
        for j in rng.choice(10, 2, replace=False)
    ]
    found = model_consensus(votes, scores)
    np.testing.assert_allclose(found.confusions[:, 1, 1], 0.6, atol=0.12)
    assert (found.confusions[:, 0, 0] > 0.95).all()
    simple = majority(votes, num_items=1000, num_classes=2)
    assert errors(found.posteriors, truth) < 0.4 * np.mean(simple != truth)


def test_known_classes_stay_and_teach_who_is_good():
    truth, votes, _ = drawn(4, skill=(0.95, 0.95, 0.55, 0.55), votes_each=2)
    scores = np.full(400, 0.5)
    known = np.where(np.arange(400) < 200, truth, -1)
    found = model_consensus(votes, scores, known=known)
    assert (found.posteriors[:200].argmax(axis=1) == truth[:200]).all()
    assert (found.risks[:200] == 0).all()
    right = np.einsum("jkk->j", found.confusions) / 2
    np.testing.assert_allclose(right, (0.95, 0.95, 0.55, 0.55), atol=0.08)


def test_many_classes_have_no_order():
    truth, votes, scores = many_classes(5)
    found = model_consensus(votes, scores, skills="accuracy", tolerance=1e-9)
    assert errors(found.posteriors, truth) < 0.15
    names = np.array([2, 0, 3, 1])
    again = model_consensus(
        [[i, j, int(names[a])] for i, j, a in votes],
        scores[:, np.argsort(names)],
        skills="accuracy",
        tolerance=1e-9,
    )
    np.testing.assert_allclose(
        again.posteriors[:, names], found.posteriors, atol=1e-4
    )


def test_without_votes_the_score_is_all_there_is():
    scores = np.array([0.2, 0.5, 0.9])
    found = model_consensus([], scores, doubt=0.1)
    np.testing.assert_allclose(found.posteriors[:, 1], 0.9 * scores + 0.05)
    assert found.confusions.shape == (0, 2, 2)
    assert model_consensus([], []).risks.shape == (0,)
    # One who has not voted is an average one.
    some = model_consensus([[0, 0, 1], [1, 0, 0]], scores, num_labellers=3)
    np.testing.assert_allclose(some.confusions[1], some.confusions[2])


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ([0.5, np.nan], r"rows \[1\]"),
        ([np.inf, 0.5], r"rows \[0\]"),
        ([0.5, 1.5], r"rows \[1\]"),
        ([[0.5, 0.4], [0.5, 0.5]], r"rows \[0\]"),
        ([[0.5], [0.5]], r"scores.shape=\(2, 1\)"),
    ],
)
def test_refuses_scores(scores, words):
    with pytest.raises(ValueError, match=words):
        model_consensus([[0, 0, 1]], scores)


@pytest.mark.parametrize(
    "option",
    [
        {"skills": "both"},
        {"taught_by": "both"},
        {"accuracy": 1.0},
        {"strength": 0.0},
        {"doubt": -0.1},
        {"max_iterations": 0},
        {"tolerance": -1.0},
    ],
)
def test_refuses_options(option):
    ((name, value),) = option.items()
    with pytest.raises(ValueError, match=f"{name}={value!r}"):
        model_consensus([[0, 0, 1]], [0.5], **option)


def test_refuses_known_of_other_items():
    with pytest.raises(ValueError, match=r"known.shape=\(1,\) for 2 items"):
        model_consensus([], [0.5, 0.5], known=[1])
