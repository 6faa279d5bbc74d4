"""A head by logistic regression is at the regression's optimum."""

import keras
import numpy as np
import pytest

from fgkeras.training.logistic_head import fit_logistic_head


def head_of(units, channels):
    head = keras.layers.Dense(units)
    head.build((None, channels))
    return head


@pytest.mark.parametrize("classes", [2, 4])
def test_gradient_vanishes_at_the_solution(classes):
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(classes), 20)
    x = rng.standard_normal((20 * classes, 5)) + 0.7 * labels[:, None]
    weights = np.arange(1.0, classes + 1)
    head = head_of(classes, 5)
    fit_logistic_head(
        head,
        x.astype("float32"),
        labels,
        inverse_regularization=0.5,
        class_weights=weights,
        max_iterations=2000,
    )
    kernel, bias = (np.asarray(v, "float64") for v in head.get_weights())
    z = x @ kernel + bias
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    error = weights[labels][:, None] * (p - np.eye(classes)[labels])
    np.testing.assert_allclose(error.sum(axis=0), 0, atol=0.05)
    # Two classes share one penalized row, hence half of its square each.
    penalty = kernel if classes > 2 else 2 * kernel
    np.testing.assert_allclose(0.5 * x.T @ error + penalty, 0, atol=0.05)


def test_classes_without_images():
    labels = np.array([1, 3] * 10)
    x = np.stack([labels, -labels], axis=1).astype("float32")
    head = head_of(5, 2)
    assert fit_logistic_head(head, x, labels) == 1.0
    assert set(predicted(head, x)) == {1, 3}
    with pytest.raises(ValueError, match=r"labels=\[1\]"):
        fit_logistic_head(head, x, np.ones(20, int))
    with pytest.raises(ValueError, match="inverse_regularization=0"):
        fit_logistic_head(head, x, labels, inverse_regularization=0)


def predicted(head, x):
    kernel, bias = head.get_weights()
    return (x @ kernel + bias).argmax(axis=1)
