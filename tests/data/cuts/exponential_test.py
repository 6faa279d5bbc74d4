import numpy as np
import pytest

from fgkeras.data.cuts.exponential import exponential_counts

CIFAR10 = {
    10: [5000, 3871, 2997, 2320, 1796, 1391, 1077, 834, 645, 500],
    20: [5000, 3584, 2569, 1842, 1320, 946, 678, 486, 348, 250],
    50: [5000, 3237, 2096, 1357, 878, 568, 368, 238, 154, 100],
    100: [5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50],
    200: [5000, 2775, 1540, 854, 474, 263, 146, 81, 45, 25],
}
CIFAR100_SUMS = {10: 19573, 20: 15907, 50: 12608, 100: 10847, 200: 9502}


@pytest.mark.parametrize("imbalance", CIFAR10)
def test_exponential_counts_are_those_of_long_tailed_cifar(imbalance):
    counts = exponential_counts(10, 5000, imbalance)
    np.testing.assert_array_equal(counts, CIFAR10[imbalance])
    counts = exponential_counts(100, 500, imbalance)
    assert counts.sum() == CIFAR100_SUMS[imbalance]


def test_exponential_counts_of_one_class_and_of_no_imbalance():
    assert exponential_counts(1, 7, 10).tolist() == [7]
    assert exponential_counts(3, 7, 1).tolist() == [7, 7, 7]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 5, 2), "num_classes=0"),
        ((3, 0, 2), "max_count=0"),
        ((3, 5, 0.5), "imbalance=0.5"),
    ],
)
def test_errors_name_the_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        exponential_counts(*arguments)
