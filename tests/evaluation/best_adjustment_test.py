"""The choice among adjustments."""

import numpy as np
import pytest

from fgkeras.evaluation import best_adjustment
from fgkeras.evaluation import logit_adjustment


def test_the_best_is_that_of_class_means_and_the_first_of_equals():
    rng = np.random.default_rng(0)
    counts = np.array([900, 90, 10])
    labels = np.repeat([0, 1, 2], [60, 30, 12])
    logits = rng.normal(size=(len(labels), 3)) + np.log(counts)
    logits[np.arange(len(labels)), labels] += 1.5
    taus = [0.0, 0.5, 1.0, 1.5]
    pairs = [logit_adjustment(counts, tau) for tau in taus]
    best, found = best_adjustment(labels, logits, pairs)
    for (_, offset), value in zip(pairs, found, strict=True):
        answers = [int(np.argmax(row + offset)) for row in logits]
        means = [
            np.mean([a == c for a, y in zip(answers, labels, strict=True)
                     if y == c])
            for c in range(3)
        ]  # fmt: skip
        assert value == pytest.approx(np.mean(means))
    assert best > 0
    again, _ = best_adjustment(labels, logits, [pairs[best]] * 3)
    assert again == 0


def test_no_candidate_is_refused():
    with pytest.raises(ValueError, match="candidates="):
        best_adjustment([0], [[1.0, 2.0]], [])
