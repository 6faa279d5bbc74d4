"""Tests for fgkeras.ops.effective_number."""

import fractions

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgkeras.ops import class_balanced_weights
from fgkeras.ops import effective_number

LONG_TAIL_50 = [int(5000 * 0.02 ** (c / 9)) for c in range(10)]
PUBLISHED = {
    0.9999: [.089030, .126678, .185257, .276057, .416751, .634413, .969534,
             1.489447, 2.292256, 3.520576],
    0.999: [.295900, .305908, .335063, .395711, .502782, .677990, .954225,
            1.387085, 2.058287, 3.087047],
    0.99: [.910988, .910988, .910988, .910989, .911122, .914020, .934117,
           1.002682, 1.157142, 1.436963],
}  # fmt: skip


@pytest.mark.parametrize("beta", [0.0, 0.3, 0.9, 0.999])
def test_is_the_geometric_series(beta):
    # E(n) = 1 + beta + ... + beta**(n - 1): each image adds what is still new.
    exact = fractions.Fraction(beta)
    for n in (0, 1, 2, 17):
        series = float(sum((exact**k for k in range(n)), fractions.Fraction(0)))
        assert effective_number(n, beta) == pytest.approx(series, rel=1e-12)


def test_beta_one_is_the_limit():
    counts = np.array([[1, 5], [70, 10**6]])
    np.testing.assert_array_equal(effective_number(counts, 1.0), counts)
    near = effective_number(counts, 1.0 - 2.0**-40)
    np.testing.assert_allclose(near, counts, rtol=1e-6)
    assert near[0, 0] == pytest.approx(1.0, rel=1e-12)


def test_keeps_its_digits_for_beta_near_one():
    # E(2) = 1 + beta exactly; 1 - beta**2 alone would lose ten digits.
    beta = 1.0 - 2.0**-36
    assert effective_number(2, beta) == pytest.approx(1.0 + beta, rel=1e-14)


@pytest.mark.parametrize("beta", sorted(PUBLISHED))
def test_weights_of_long_tailed_cifar10(beta):
    weights = class_balanced_weights(LONG_TAIL_50, beta)
    np.testing.assert_allclose(weights, PUBLISHED[beta], atol=6e-7)


def test_weights_of_long_tailed_cifar100():
    counts = [int(500 * 0.02 ** (c / 99)) for c in range(100)]
    weights = class_balanced_weights(counts, 0.99)
    assert weights[[0, 99]] == pytest.approx([0.317038, 3.293894], abs=6e-7)


def test_beta_zero_is_one_everywhere():
    np.testing.assert_array_equal(class_balanced_weights([9, 1, 4], 0.0), 1.0)


def test_beta_one_is_inverse_frequency():
    # 1/n = 1/6, 1/3, 1/2 sums to 1.
    weights = class_balanced_weights([6, 3, 2], 1.0)
    np.testing.assert_allclose(weights, [0.5, 1.0, 1.5], rtol=1e-14)


@given(
    counts=st.lists(st.integers(1, 10**7), min_size=1, max_size=40),
    beta=st.floats(0.0, 1.0),
)
def test_sum_to_num_classes_and_fall_with_the_count(counts, beta):
    weights = class_balanced_weights(counts, beta)
    assert weights.sum() == pytest.approx(len(counts), rel=1e-9)
    by_count = weights[np.argsort(counts, kind="stable")]
    assert (np.diff(by_count) <= 1e-12 * weights.max()).all()


@pytest.mark.parametrize(
    ("counts", "beta", "names", "message"),
    [
        ([3, 0, 2, 0], 0.9, None, r"labels 1, 3\. Drop"),
        ([3, 0, 2], 0.9, ["wren", "owl", "tit"], r"1 \(owl\)"),
        ([0] * 12, 0.9, None, "and 2 more"),
        ([3, 2], 1.5, None, "Received: beta=1.5"),
        ([3, 2], float("nan"), None, "beta=nan"),
        ([3, -2], 0.9, None, r"counts\[1\]=-2"),
        ([3, 2.5], 0.9, None, r"counts\[1\]=2.5"),
        ([3, float("nan")], 0.9, None, r"counts\[1\]=nan"),
        ([3, float("inf")], 1.0, None, r"counts\[1\]=inf"),
        (["a", "b"], 0.9, None, "counts of dtype <U1"),
        ([True, True], 0.9, None, "counts of dtype bool"),
        ([[3, 2]], 0.9, None, r"shape \(1, 2\)"),
        ([], 0.9, None, r"shape \(0,\)"),
        ([3, 2], 0.9, ["wren"], "1 names for 2 counts"),
    ],
)
def test_errors(counts, beta, names, message):
    with pytest.raises(ValueError, match=message):
        class_balanced_weights(counts, beta, class_names=names)


def test_beta_of_each_class():
    counts, betas = [1000, 10, 10, 7], [0.999, 0.9, 0.0, 1.0]
    expected = [
        sum(b**k for k in range(n)) for n, b in zip(counts, betas, strict=True)
    ]
    found = effective_number(counts, betas)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    inverse = 1.0 / np.array(expected)
    np.testing.assert_allclose(
        class_balanced_weights(counts, betas),
        4.0 * inverse / inverse.sum(),
        rtol=1e-12,
    )


def test_one_beta_for_all_is_a_list_of_it():
    np.testing.assert_array_equal(
        effective_number([1000, 3], [0.99, 0.99]),
        effective_number([1000, 3], 0.99),
    )


@pytest.mark.parametrize(
    ("counts", "beta", "message"),
    [
        ([3, 2], [0.9], r"of shape \(1,\) for counts of shape \(2,\)"),
        ([[3, 2]], [[0.9, 0.9]], r"of shape \(1, 2\)"),
        ([3, 2], [], r"of shape \(0,\)"),
        ([3, 2], [0.9, -0.1], r"beta\[1\]=-0.1"),
        ([3, 2], [0.9, None], r"beta\[1\]=None"),
    ],
)
def test_beta_of_each_class_is_checked(counts, beta, message):
    with pytest.raises(ValueError, match=message):
        effective_number(counts, beta)
