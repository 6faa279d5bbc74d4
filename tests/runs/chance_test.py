"""A test at chance beside a training that fits is said."""

import numpy as np
import pytest

from fgkeras.runs.chance import at_chance
from fgkeras.runs.chance import chance_notes

LABELS = np.arange(80) % 4


def answers(right):
    """Logits of 80 images, so many of them right."""
    guess = (LABELS + 1) % 4
    guess[:right] = LABELS[:right]
    return np.eye(4)[guess]


@pytest.mark.parametrize(
    ("right", "training", "said"),
    [
        (20, 0.7, True),
        (27, 0.7, True),  # within two standard deviations of 20
        (28, 0.7, False),
        (20, 0.4, False),  # the training images are guessed too
        (0, 1.0, True),
        (20, None, False),
    ],
)
def test_when_it_is_said(right, training, said):
    found = at_chance(LABELS, answers(right), training)
    assert (found is not None) == said
    assert len(chance_notes(found)) == said


def test_few_images_are_no_evidence():
    assert at_chance(LABELS[:4], answers(1)[:4], 0.7) is None


def test_the_numbers_are_in_the_sentence():
    (text,) = chance_notes(at_chance(LABELS, answers(20), 0.71))
    assert "at 71 %, the test images at 25 %, where chance is 25 %" in text
