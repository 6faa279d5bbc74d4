"""Tests for fgkeras.losses.logit_adjusted; see counted_losses_test.py."""

import numpy as np
import pytest

from fgkeras.losses import LogitAdjusted
from fgkeras.losses import logit_adjusted
from fgkeras.losses import softmax

LABELS = np.array([0, 2, 1])
LOGITS = np.random.default_rng(0).normal(size=(3, 3)).astype("float32")
COUNTS = [700, 30, 2]


def test_tau_zero_is_plain_softmax_exactly():
    np.testing.assert_array_equal(
        logit_adjusted(LABELS, LOGITS, class_counts=COUNTS, tau=0.0),
        softmax(LABELS, LOGITS),
    )


def test_equal_counts_are_plain_softmax():
    found = logit_adjusted(LABELS, LOGITS, class_counts=[5, 5, 5], tau=2.0)
    np.testing.assert_allclose(found, softmax(LABELS, LOGITS), rtol=1e-5)


def test_logits_that_are_the_prior_cost_what_the_prior_does():
    # Without evidence the adjusted logits say how frequent each class is.
    loss = logit_adjusted(
        LABELS, np.zeros((3, 3), "float32"), class_counts=COUNTS
    )
    expected = -np.log(np.array([700, 2, 30]) / 732)
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


@pytest.mark.parametrize("tau", [-0.5, np.nan, np.inf, "1"])
def test_tau_out_of_range(tau):
    with pytest.raises(ValueError, match=f"tau={tau!r}"):
        logit_adjusted(LABELS, LOGITS, class_counts=COUNTS, tau=tau)
    with pytest.raises(ValueError, match=f"tau={tau!r}"):
        LogitAdjusted(COUNTS, tau=tau)
