import time

import numpy as np
import pytest

from fgkeras.evaluation import bootstrap_interval


def covered(draw, truth, trials=300):
    hits = 0
    for trial in range(trials):
        values, classes = draw(np.random.default_rng(trial))
        low, high = bootstrap_interval(
            values, classes=classes, num_resamples=300, seed=trial
        )
        hits += low <= truth <= high
    return hits / trials


def test_covers_the_true_accuracy():
    # 300 trials at 0.95: the standard error of the share is 0.013.
    share = covered(lambda g: (g.random(150) < 0.7, None), 0.7)
    assert 0.90 <= share <= 0.98


def test_covers_the_true_mean_of_a_loss():
    share = covered(lambda g: (g.normal(2.0, 3.0, 80), None), 2.0)
    assert 0.90 <= share <= 0.98


def test_covers_the_class_mean_with_three_images_a_class():
    # Redrawing all three images would cover 0.89.
    hard = np.linspace(0.2, 0.9, 60)
    classes = np.repeat(np.arange(60), 3)
    share = covered(
        lambda g: (g.random(180) < hard[classes], classes), hard.mean()
    )
    assert 0.915 <= share <= 0.98


def test_width_of_a_class_mean_with_unequal_classes():
    generator = np.random.default_rng(0)
    sizes = np.array([2, 40, 7, 100])
    classes = generator.permutation(np.repeat([5, 0, 9, 2], sizes))
    values = generator.normal(classes, 1.0)
    low, high = bootstrap_interval(values, classes=classes, num_resamples=4000)
    variance = [
        values[classes == c].var(ddof=1) / (classes == c).sum()
        for c in np.unique(classes)
    ]
    sigma = np.sqrt(np.sum(variance)) / 4
    means = [values[classes == c].mean() for c in np.unique(classes)]
    assert (low + high) / 2 == pytest.approx(np.mean(means), abs=sigma / 4)
    assert (high - low) == pytest.approx(2 * 1.96 * sigma, rel=0.12)


def test_order_of_the_images_within_blocks_does_not_matter(monkeypatch):
    values = np.random.default_rng(0).random(50)
    whole = bootstrap_interval(values, seed=4)
    assert bootstrap_interval(values, seed=4) == whole
    assert bootstrap_interval(values, seed=5) != whole


def test_level_widens():
    values = np.random.default_rng(0).random(50)
    low, high = bootstrap_interval(values, level=0.5)
    wide_low, wide_high = bootstrap_interval(values, level=0.99)
    assert wide_low < low < high < wide_high


def test_constant_values_have_no_width():
    assert bootstrap_interval(np.ones(20)) == (1, 1)
    # The lone class of one image cannot tell its spread.
    assert bootstrap_interval([1, 0, 0], classes=[0, 1, 1]) == (0.5, 0.5)


def test_one_image_a_class_is_the_mean_over_images():
    values = np.random.default_rng(0).random(50) < 0.8
    found = bootstrap_interval(values, classes=np.arange(50))
    assert found == bootstrap_interval(values)
    assert found[0] < values.mean() < found[1]


def test_classes_of_one_image_have_a_spread_beside_larger_ones():
    # 60 classes of one image, 20 of five: without the former's spread the
    # interval covers a third of what it should.
    hard = np.linspace(0.3, 0.9, 80)
    classes = np.concatenate([np.arange(60), np.repeat(np.arange(60, 80), 5)])
    share = covered(
        lambda g: (g.random(160) < hard[classes], classes), hard.mean()
    )
    assert 0.92 <= share <= 0.995
    values = np.random.default_rng(0).normal(classes % 7, 1.0)
    low, high = bootstrap_interval(values, classes=classes, num_resamples=4000)
    variance = [values[classes == c].var(ddof=1) / 5 for c in range(60, 80)]
    variance.append(60**2 * values[:60].var(ddof=1) / 60)
    sigma = np.sqrt(np.sum(variance)) / 80
    assert (high - low) == pytest.approx(2 * 1.96 * sigma, rel=0.08)


def test_ten_thousand_images_take_a_moment():
    values = np.random.default_rng(0).random(10_000) < 0.5
    start = time.perf_counter()
    bootstrap_interval(values)
    bootstrap_interval(values, classes=np.arange(10_000) % 1000)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("values", "options", "match"),
    [
        ([], {}, r"values.shape=\(0,\)"),
        ([1.0, np.nan], {}, "finite"),
        ([1.0], {"num_resamples": 0}, "num_resamples=0"),
        ([1.0], {"level": 1.0}, "level=1.0"),
        ([1.0], {"classes": [0, 1]}, r"classes.shape=\(2,\)"),
    ],
)
def test_refuses_what_does_not_fit(values, options, match):
    with pytest.raises(ValueError, match=match):
        bootstrap_interval(values, **options)
