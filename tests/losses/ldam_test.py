"""Tests for fgkeras.losses.ldam; see counted_losses_test.py."""

import numpy as np
import pytest

from fgkeras.losses import LDAM
from fgkeras.losses import ldam
from fgkeras.losses import softmax

LABELS = np.array([0, 2, 1])
COSINES = np.random.default_rng(0).uniform(-1, 1, (3, 3)).astype("float32")
COUNTS = [1296, 81, 16]


def test_no_margin_is_plain_softmax_exactly():
    np.testing.assert_array_equal(
        ldam(LABELS, COSINES, class_counts=COUNTS, max_margin=0.0),
        softmax(LABELS, COSINES),
    )


def test_is_the_paper_s_loss_of_cosines():
    # There cosines less the margin are scaled; here they are scaled already.
    # Fourth roots are 6, 3 and 2; the margins .5 / 3, .5 / 1.5 and .5.
    expected = []
    for y, cosines in zip(LABELS, COSINES.astype("float64"), strict=True):
        z = cosines.copy()
        z[y] -= (1 / 6, 1 / 3, 1 / 2)[y]
        p = np.exp(30.0 * z) / np.exp(30.0 * z).sum()
        expected.append(-np.log(p[y]))
    found = ldam(LABELS, 30.0 * COSINES, class_counts=COUNTS)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_equal_counts_are_one_margin():
    logits = 4.0 * COSINES
    moved = logits.copy()
    moved[np.arange(3), LABELS] -= 0.25 * 4.0
    np.testing.assert_allclose(
        ldam(
            LABELS, logits, class_counts=[9, 9, 9], max_margin=0.25, scale=4.0
        ),
        softmax(LABELS, moved),
        rtol=1e-5,
    )


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"max_margin": -0.1}, "max_margin=-0.1"),
        ({"scale": 0}, "scale=0"),
    ],
)
def test_numbers_out_of_range(kwargs, message):
    with pytest.raises(ValueError, match=message):
        ldam(LABELS, COSINES, class_counts=COUNTS, **kwargs)
    with pytest.raises(ValueError, match=message):
        LDAM(COUNTS, **kwargs)
