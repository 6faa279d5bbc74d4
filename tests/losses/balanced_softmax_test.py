"""Tests for fgkeras.losses.balanced_softmax; see counted_losses_test.py."""

import numpy as np

from fgkeras.losses import balanced_softmax
from fgkeras.losses import logit_adjusted
from fgkeras.losses import softmax

LABELS = np.array([0, 2, 1])
LOGITS = np.random.default_rng(0).normal(size=(3, 3)).astype("float32")


def test_equal_counts_are_plain_softmax():
    found = balanced_softmax(LABELS, LOGITS, class_counts=[50, 50, 50])
    np.testing.assert_allclose(found, softmax(LABELS, LOGITS), rtol=1e-5)


def test_is_the_adjusted_loss_of_the_whole_prior():
    counts = [700, 30, 2]
    np.testing.assert_allclose(
        balanced_softmax(LABELS, LOGITS, class_counts=counts),
        logit_adjusted(LABELS, LOGITS, class_counts=counts, tau=1.0),
        rtol=1e-5,
    )


def test_as_many_images_are_as_many_terms_of_the_sum():
    # A class of n images counts as n classes of one image.
    found = balanced_softmax([0], [[1.0, -2.0]], class_counts=[2, 3])
    z = np.array([1.0, 1.0, -2.0, -2.0, -2.0])
    expected = np.log(np.exp(z).sum()) - 1.0 - np.log(2.0)
    np.testing.assert_allclose(found, [expected], rtol=1e-5)
