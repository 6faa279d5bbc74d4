import importlib

import numpy as np
import pytest
from sklearn import metrics

from fgkeras.evaluation import silhouette

module = importlib.import_module("fgkeras.evaluation.silhouette")


@pytest.mark.parametrize("step", [2**24, 700])
@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_agrees_with_scikit_learn(metric, step, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK_VALUES", step)
    generator = np.random.default_rng(0)
    x = generator.normal(size=(120, 4)) + 100.0
    y = generator.integers(0, 7, 120)
    y[5] = 30  # alone
    u = x / np.linalg.norm(x, axis=1, keepdims=True)
    expected = metrics.silhouette_samples(u if metric == "cosine" else x, y)
    np.testing.assert_allclose(
        silhouette(x, y, metric=metric), expected, atol=1e-5
    )


def test_copies_and_one_point():
    x = np.repeat([[0.0], [2.0]], 3, axis=0)
    y = [0, 0, 0, 1, 1, 1]
    np.testing.assert_allclose(silhouette(x, y, metric="euclidean"), 1)
    np.testing.assert_array_equal(silhouette(np.ones((6, 2)), y), 0)


def test_refuses_one_group_and_unknown_metrics():
    with pytest.raises(ValueError, match="1 group of 2"):
        silhouette(np.eye(2), [3, 3])
    with pytest.raises(ValueError, match="metric='l1'"):
        silhouette(np.eye(2), [0, 1], metric="l1")
