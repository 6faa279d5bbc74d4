import numpy as np
import pytest
from scipy import stats

from fgkeras.evaluation import PredictionSets
from fgkeras.evaluation import fit_prediction_sets

COUNTS = np.array([50, 20, 10, 3, 1])


def drawn(seed, n, *, ties=False, sharp=2.0):
    """Labels by the prevalence, and probabilities that know a little."""
    generator = np.random.default_rng(seed)
    labels = generator.choice(5, n, p=COUNTS / COUNTS.sum())
    logits = generator.normal(size=(n, 5))
    logits[np.arange(n), labels] += sharp
    p = np.exp(logits)
    p /= p.sum(axis=1, keepdims=True)
    return labels, p.round(1) if ties else p


def fitted(score, labels, p, level=0.9):
    prevalence = COUNTS if score == "prevalence" else None
    return fit_prediction_sets(
        labels, p, level=level, score=score, prevalence=prevalence
    )


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("level", [0.5, 0.77, 0.9])
@pytest.mark.parametrize("score", ["plain", "prevalence"])
def test_agrees_with_p_values_of_every_class(score, level, ties):
    labels, p = drawn(1, 41, ties=ties)
    _, new = drawn(2, 60, ties=ties)
    sets = fitted(score, labels, p, level)
    weight = COUNTS if score == "prevalence" else np.ones(5)
    known = sorted(p[i, y] / weight[y] for i, y in enumerate(labels))
    for row, found in zip(new, sets.in_set(new), strict=True):
        for c in range(5):
            # How odd the class would be among the images that are known.
            as_odd = sum(s <= row[c] / weight[c] * (1 + 1e-12) for s in known)
            assert found[c] == ((as_odd + 1) / 42 > 1 - level + 1e-12)


def test_coverage_of_one_draw_is_beta():
    # The score of the true class is uniform: the coverage is 1 - threshold.
    generator = np.random.default_rng(0)
    n, found = 49, []
    for _ in range(600):
        u = generator.random(n)
        p = np.stack([u, 1 - u], axis=1)
        sets = fit_prediction_sets(np.zeros(n, int), p, level=0.8)
        found.append(1 - sets.thresholds[0])
    law = stats.beta(sets.rank, n + 1 - sets.rank)
    assert stats.kstest(found, law.cdf).pvalue > 0.01
    low, high = sets.coverage_interval(0.9)
    assert (low, high) == pytest.approx((law.ppf(0.05), law.ppf(0.95)))
    inside = [low < coverage < high for coverage in found]
    assert np.mean(inside) == pytest.approx(0.9, abs=0.04)


@pytest.mark.parametrize("kind", ["right", "nonsense", "sigmoid", "ties"])
@pytest.mark.parametrize("score", ["plain", "prevalence"])
def test_level_is_kept_by_any_model(score, kind):
    covered = []
    for seed in range(150):
        labels, p = drawn(seed, 100, ties=kind == "ties")
        if kind == "nonsense":
            p = np.random.default_rng(seed + 1000).permutation(p)
        if kind == "sigmoid":
            p = p**0.2
        sets = fitted(score, labels[:50], p[:50], 0.8)
        hit = sets.in_set(p[50:])[np.arange(50), labels[50:]]
        covered.append(hit.mean())
    # 41 of 51 places; the spread over draws of 50 and 50 is about 0.08.
    mean = np.mean(covered)
    assert mean > 41 / 51 - 3 * 0.08 / np.sqrt(150)
    if kind != "ties":
        assert mean < 41 / 51 + 3 * 0.08 / np.sqrt(150)


@pytest.mark.parametrize("score", ["plain", "prevalence"])
def test_higher_levels_hold_lower_ones(score):
    labels, p = drawn(3, 200)
    last = np.zeros(p.shape, bool)
    for level in (0.1, 0.5, 0.8, 0.9, 0.99):
        found = fitted(score, labels, p, level).in_set(p)
        assert (found | ~last).all()
        last = found


@pytest.mark.parametrize("score", ["plain", "prevalence"])
def test_order_of_images_and_of_classes_is_nothing(score):
    labels, p = drawn(4, 80)
    sets = fitted(score, labels, p)
    order = np.random.default_rng(0).permutation(80)
    again = fitted(score, labels[order], p[order])
    np.testing.assert_array_equal(sets.thresholds, again.thresholds)
    classes = np.array([3, 0, 4, 1, 2])
    moved = fit_prediction_sets(
        np.argsort(classes)[labels],
        p[:, classes],
        score=score,
        prevalence=COUNTS[classes] if score == "prevalence" else None,
    )
    np.testing.assert_allclose(moved.thresholds, sets.thresholds[classes])


def test_images_that_made_the_threshold_are_in_their_sets():
    # q * w / w is not always w: the rank would be missed by one.
    for seed in range(300):
        labels, p = drawn(seed, 30)
        sets = fitted("prevalence", labels, p.astype(np.float32))
        own = sets.in_set(p.astype(np.float32))[np.arange(30), labels]
        assert own.sum() >= sets.rank == 28


def test_equal_probabilities_keep_every_class():
    p = np.full((20, 5), 0.2)
    sets = fit_prediction_sets(np.arange(20) % 5, p)
    assert sets.in_set(p).all()


def test_true_classes_without_any_probability_keep_every_class():
    p = np.tile([1.0, 0.0, 0.0], (20, 1))
    sets = fit_prediction_sets(np.ones(20, int), p)
    assert sets.thresholds.tolist() == [0, 0, 0]
    assert sets.in_set(p).all()


def test_sets_may_be_empty():
    p = np.tile([0.9, 0.1], (20, 1))
    sets = fit_prediction_sets(np.zeros(20, int), p)
    assert not sets.in_set([[0.6, 0.4]]).any()


def test_even_prevalence_is_the_plain_score():
    labels, p = drawn(5, 100)
    plain = fit_prediction_sets(labels, p)
    even = fit_prediction_sets(
        labels, p, score="prevalence", prevalence=[7] * 5
    )
    np.testing.assert_allclose(even.thresholds, plain.thresholds)
    np.testing.assert_array_equal(even.in_set(p), plain.in_set(p))


def test_counts_and_shares_are_the_same_prevalence():
    labels, p = drawn(6, 100)
    one = fit_prediction_sets(labels, p, score="prevalence", prevalence=COUNTS)
    two = fit_prediction_sets(
        labels, p, score="prevalence", prevalence=COUNTS / COUNTS.sum()
    )
    np.testing.assert_allclose(one.thresholds, two.thresholds)


def test_prevalence_buys_rare_classes_for_size():
    # Probabilities that are right: labels are drawn from them.
    generator = np.random.default_rng(7)
    prior = COUNTS / COUNTS.sum()
    z = np.log(prior) + 1.5 * generator.normal(size=(20000, 5))
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    prior = p.mean(axis=0)
    labels = (p.cumsum(axis=1) < generator.random((20000, 1))).sum(axis=1)

    def at_mean_size(weight):
        values = np.sort((p / weight).ravel())
        chosen = p / weight >= values[-int(1.5 * len(p))]
        hit = chosen[np.arange(len(p)), labels]
        return hit.mean(), np.mean([hit[labels == c].mean() for c in range(5)])

    plain, adjusted = at_mean_size(np.ones(5)), at_mean_size(prior)
    assert plain[0] > adjusted[0] + 0.02
    assert adjusted[1] > plain[1] + 0.02
    # And so they come out of the fit.
    half = np.arange(20000) < 10000
    macro, size = [], []
    for score, prevalence in (("plain", None), ("prevalence", prior)):
        sets = fit_prediction_sets(
            labels[half], p[half], score=score, prevalence=prevalence
        )
        found = sets.in_set(p[~half])
        hit = found[np.arange(10000), labels[~half]]
        assert hit.mean() == pytest.approx(0.9, abs=0.012)
        macro.append(
            np.mean([hit[labels[~half] == c].mean() for c in range(5)])
        )
        size.append(found.sum(axis=1).mean())
    assert macro[1] > macro[0] + 0.05
    assert size[1] > size[0]


def test_too_few_images_are_refused_with_the_number():
    with pytest.raises(ValueError, match="at least 9 images.*Received: 8"):
        fit_prediction_sets([0] * 8, [[1.0, 0.0]] * 8)


@pytest.mark.parametrize(
    ("prevalence", "said"),
    [
        ([1, 0], r"prevalence\[1\]=0"),
        ([1, -1], r"prevalence\[1\]=-1"),
        ([1, np.nan], "one finite number per class"),
        ([1], "for 2 classes"),
        (None, "'prevalence' and none"),
    ],
)
def test_refuses_what_is_no_prevalence(prevalence, said):
    with pytest.raises(ValueError, match=said):
        fit_prediction_sets(
            [0] * 20,
            [[0.6, 0.4]] * 20,
            score="prevalence",
            prevalence=prevalence,
        )


def test_refuses_a_prevalence_that_is_not_used():
    with pytest.raises(ValueError, match="score='plain' and one"):
        fit_prediction_sets([0] * 20, [[0.6, 0.4]] * 20, prevalence=[1, 1])


def test_refuses_other_scores_logits_and_classes():
    with pytest.raises(ValueError, match="score='pas'"):
        fit_prediction_sets([0] * 20, [[0.6, 0.4]] * 20, score="pas")
    with pytest.raises(ValueError, match="must lie in 0..1"):
        fit_prediction_sets([0] * 20, [[2.0, 0.4]] * 20)
    sets = PredictionSets(0.9, "plain", np.array([0.1, 0.1]), 20, 19)
    with pytest.raises(ValueError, match="3 columns for 2 classes"):
        sets.in_set([[0.2, 0.3, 0.5]])
