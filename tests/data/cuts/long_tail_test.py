import numpy as np
import pytest

from fgkeras.data.cuts import long_tail
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split

CIFAR10 = {
    10: [5000, 3871, 2997, 2320, 1796, 1391, 1077, 834, 645, 500],
    20: [5000, 3584, 2569, 1842, 1320, 946, 678, 486, 348, 250],
    50: [5000, 3237, 2096, 1357, 878, 568, 368, 238, 154, 100],
    100: [5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50],
    200: [5000, 2775, 1540, 854, 474, 263, 146, 81, 45, 25],
}
CIFAR100_SUMS = {10: 19573, 20: 15907, 50: 12608, 100: 10847, 200: 9502}


def make_source(counts, seed=0):
    labels = np.repeat(np.arange(len(counts)), counts)
    labels = np.random.default_rng(seed).permutation(labels)
    ids = tuple(f"{c}/{i}" for i, c in enumerate(labels))
    names = [f"class {c}" for c in range(len(counts))]
    test = Split(("t0", "t1"), np.array([0, 1]))
    return Source("test:", names, {"train": Split(ids, labels), "test": test})


@pytest.mark.parametrize("imbalance", CIFAR10)
def test_exponential_counts_are_those_of_long_tailed_cifar(imbalance):
    counts = long_tail.exponential_counts(10, 5000, imbalance)
    np.testing.assert_array_equal(counts, CIFAR10[imbalance])
    counts = long_tail.exponential_counts(100, 500, imbalance)
    assert counts.sum() == CIFAR100_SUMS[imbalance]


def test_exponential_counts_of_one_class_and_of_no_imbalance():
    assert long_tail.exponential_counts(1, 7, 10).tolist() == [7]
    assert long_tail.exponential_counts(3, 7, 1).tolist() == [7, 7, 7]


@pytest.mark.parametrize("alpha", [0.7, 2.0, 6.0])
def test_pareto_counts_meet_both_ends_and_the_power(alpha):
    counts = long_tail.pareto_counts(1000, 10**9, alpha=alpha, min_count=10**5)
    assert counts[0] == 10**9
    assert counts[-1] == 10**5
    # n ** (-1 / (alpha + 1)) of a Lomax density is a straight line.
    line = counts.astype("float64") ** (-1 / (alpha + 1))
    np.testing.assert_allclose(np.diff(line), np.diff(line)[0], rtol=1e-2)


def test_pareto_counts_without_a_smallest_class():
    counts = long_tail.pareto_counts(3, 2**14, alpha=6.0)
    assert counts.tolist() == [2**14, int(2**14 / 1.5**7), 2**7]


def test_cut_takes_the_counts_from_the_right_classes():
    source = make_source([30, 40, 35])
    labels = source.split("train").labels
    chosen = long_tail.long_tail_cut(labels, [30, 0, 7], seed=3)
    assert np.bincount(labels[chosen], minlength=3).tolist() == [30, 0, 7]
    assert (np.diff(chosen) > 0).all()


def test_cuts_of_one_seed_are_nested_and_seeds_differ():
    labels = np.repeat([0, 1], 50)
    small = long_tail.long_tail_cut(labels, [10, 5], seed=0)
    large = long_tail.long_tail_cut(labels, [20, 5], seed=0)
    other = long_tail.long_tail_cut(labels, [10, 5], seed=1)
    assert set(small) < set(large)
    assert set(small) != set(other)


def test_cut_is_a_uniform_choice():
    drawn = np.zeros(10)
    for seed in range(600):
        drawn[long_tail.long_tail_cut(np.zeros(10, int), [3], seed)] += 1
    # Binomial(600, 0.3): standard deviation 11.2.
    assert np.abs(drawn - 180).max() < 5 * 11.3


def test_cut_of_too_few_images():
    with pytest.raises(ValueError, match=r"target_counts\[1\]=6 with 5"):
        long_tail.long_tail_cut([0] * 9 + [1] * 5, [9, 6], seed=0)
    chosen = long_tail.long_tail_cut([0, 0, 1], [1, 5], 0, allow_fewer=True)
    assert len(chosen) == 2


def test_cut_source_leaves_the_other_splits():
    source = make_source([50] * 10)
    cut = long_tail.cut_source(source, "exponential:10", seed=1)
    expected = long_tail.exponential_counts(10, 50, 10)
    np.testing.assert_array_equal(cut.counts("train"), expected)
    assert cut.split("test") is source.split("test")
    assert len(source.split("train")) == 500
    same = long_tail.cut_source(source, "exponential", imbalance=10, seed=1)
    assert same.split("train").ids == cut.split("train").ids


def test_cut_source_by_the_other_kinds():
    source = make_source([50, 60, 8])
    cut = long_tail.cut_source(source, "cap:20")
    assert cut.counts("train").tolist() == [20, 20, 8]
    cut = long_tail.cut_source(source, "pareto:6:2", max_count=40)
    assert cut.counts("train")[[0, 2]].tolist() == [40, 2]
    with pytest.raises(ValueError, match="kind='zipf'"):
        long_tail.cut_source(source, "zipf")


@pytest.mark.parametrize(
    "text", ["exponential", "exponential:", "zipf:3", "cap:2.5", "cap:1:2"]
)
def test_unreadable_texts_are_refused(text):
    with pytest.raises(ValueError, match=f"Received: '{text}'"):
        long_tail.parse_long_tail(text)


def test_saved_ids_give_the_same_cut(tmp_path):
    source = make_source([20, 20])
    cut = long_tail.cut_source(source, "exponential:4", seed=2)
    path = tmp_path / "ids.txt"
    long_tail.save_ids(path, cut)
    again = long_tail.load_ids(path, source)
    assert again.split("train").ids == cut.split("train").ids
    np.testing.assert_array_equal(
        again.split("train").labels, cut.split("train").labels
    )
    path.write_text("0/999\n")
    with pytest.raises(ValueError, match="id='0/999'"):
        long_tail.load_ids(path, source)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: long_tail.exponential_counts(0, 5, 2), "num_classes=0"),
        (lambda: long_tail.exponential_counts(3, 0, 2), "max_count=0"),
        (lambda: long_tail.exponential_counts(3, 5, 0.5), "imbalance=0.5"),
        (lambda: long_tail.pareto_counts(3, 5, alpha=0), "alpha=0"),
        (lambda: long_tail.pareto_counts(3, 5, min_count=6), "min_count=6"),
        (lambda: long_tail.cap_counts([3], 0), "cap=0"),
    ],
)
def test_errors_name_the_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()
