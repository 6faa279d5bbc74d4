import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from fgkeras.evaluation import energy_scores
from fgkeras.evaluation import fit_known_threshold
from fgkeras.evaluation import largest_probability_scores
from fgkeras.evaluation import nearest_scores

generator = np.random.default_rng(0)
LOGITS = 5 * generator.normal(size=(40, 7))
X, GALLERY = generator.normal(size=(30, 4)), generator.normal(size=(50, 4))


@pytest.mark.parametrize("temperature", [0.1, 1.0, 10.0])
def test_energy_agrees_with_scipy(temperature):
    want = temperature * logsumexp(LOGITS / temperature, axis=1)
    found = energy_scores(LOGITS, temperature=temperature)
    np.testing.assert_allclose(found, want)


def test_energy_of_huge_logits_and_its_limits():
    found = energy_scores([[1e4, 1e4], [-1e4, -1e4]])
    np.testing.assert_allclose(found, [1e4 + np.log(2), -1e4 + np.log(2)])
    cold = energy_scores(LOGITS, temperature=1e-3)
    np.testing.assert_allclose(cold, LOGITS.max(axis=1), atol=0.01)
    # What a softmax does not see: how large the logits are.
    np.testing.assert_allclose(
        energy_scores(LOGITS + 3), energy_scores(LOGITS) + 3
    )


@pytest.mark.parametrize("k", [1, 3, 50])
def test_nearest_is_the_kth_largest_cosine(k):
    want = []
    for x in X:
        found = [x @ y / np.linalg.norm(x) / np.linalg.norm(y) for y in GALLERY]
        want.append(sorted(found)[-k])
    np.testing.assert_allclose(nearest_scores(X, GALLERY, k=k), want)


def test_nearest_ignores_length_and_order():
    scaled = GALLERY[::-1] * generator.uniform(0.1, 9, (50, 1))
    np.testing.assert_allclose(
        nearest_scores(X, scaled), nearest_scores(X, GALLERY)
    )


def test_an_image_does_not_find_itself_by_its_id():
    vectors = np.concatenate([X, GALLERY])
    np.testing.assert_allclose(nearest_scores(X, vectors), 1.0)
    ids = [f"i{n}" for n in range(80)]
    found = nearest_scores(X, vectors, ids=ids[:30], vector_ids=ids)
    same = nearest_scores(vectors, vectors)[:30]
    np.testing.assert_allclose(found, same)
    assert found.max() < 0.9999


def test_largest_probability():
    p = generator.dirichlet(np.ones(4), 9)
    want = [max(row) for row in p.tolist()]
    np.testing.assert_allclose(largest_probability_scores(p), want)


def test_threshold_keeps_the_share_of_new_images():
    n, kept = 59, []
    for seed in range(500):
        scores = np.random.default_rng(seed).random(n)
        kept.append(1 - fit_known_threshold(scores, keep=0.9))
    law = stats.beta(54, 6)
    assert stats.kstest(kept, law.cdf).pvalue > 0.01


@pytest.mark.parametrize("keep", [0.5, 0.9, 0.95])
def test_threshold_is_a_score_and_keeps_enough(keep):
    scores = generator.normal(size=200)
    threshold = fit_known_threshold(scores, keep=keep)
    assert threshold in scores
    assert (scores >= threshold).sum() == np.ceil(201 * keep)
    order = generator.permutation(200)
    assert fit_known_threshold(scores[order], keep=keep) == threshold
    # Any rising change of the scores moves the threshold with them.
    assert fit_known_threshold(np.exp(scores), keep=keep) == np.exp(threshold)


def test_ties_are_kept():
    scores = [0.0] + [1.0] * 98 + [2.0]
    assert fit_known_threshold(scores, keep=0.95) == 1.0
    assert (np.array(scores) >= 1.0).mean() == 0.99


def test_refusals():
    with pytest.raises(ValueError, match="at least 19 images"):
        fit_known_threshold(range(18))
    with pytest.raises(ValueError, match="one finite number per image"):
        fit_known_threshold([1.0, np.nan])
    with pytest.raises(ValueError, match=r"scores.shape=\(2, 2\)"):
        fit_known_threshold(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="logits must be finite"):
        energy_scores([[np.inf, 0.0]])
    with pytest.raises(ValueError, match="temperature=0"):
        energy_scores(LOGITS, temperature=0)
    with pytest.raises(ValueError, match="k must lie in 1..50"):
        nearest_scores(X, GALLERY, k=51)
    with pytest.raises(ValueError, match="0..1"):
        largest_probability_scores(LOGITS)
