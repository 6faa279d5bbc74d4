"""The mean of scores against plain probabilities."""

import numpy as np
import pytest

from fgkeras.evaluation import mean_scores


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_scores_are_the_mean(activation):
    logits = np.random.default_rng(0).normal(size=(3, 4, 5)) * 4

    def scores(z):
        if activation == "softmax":
            return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        return 1 / (1 + np.exp(-z))

    found = scores(mean_scores(logits, activation))
    expected = sum(scores(z) for z in logits) / 3
    np.testing.assert_allclose(found, expected)


def test_sure_answers_keep_their_rank():
    for activation in ("softmax", "sigmoid"):
        z = mean_scores([[[800.0, 700.0, -800.0]]] * 2, activation)
        assert np.isfinite(z).all()
        assert z[0, 0] > z[0, 1] > z[0, 2]


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="2 of shapes"):
        mean_scores([np.zeros((2, 3)), np.zeros((3, 3))])
    with pytest.raises(ValueError, match="0 of shapes"):
        mean_scores([])
    with pytest.raises(ValueError, match="activation='x'"):
        mean_scores([np.zeros((2, 3))], "x")
