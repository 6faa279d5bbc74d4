"""The splits and the linear probe that the audit's evidence shares."""

import numpy as np

from experiments import features
from fgkeras.granularity import rankm
from fgkeras.jobs.sample_indices import sample_indices
from fgkeras.ops import nearest_class_means

SCALE = 10.0


def rankm_and_probe(cache, name, body):
    """Returns RankM as the audit measures it, and the probe's accuracy."""
    train, test = splits(cache, name, body)
    chosen = sample_indices(train[1], 3000, seed=0)
    return {
        "rankm": rankm(train[0][chosen], train[1][chosen]).value,
        "probe": probe(train, test),
    }


def leave_one_out(cache, name, body):
    """Returns two accuracies on the images of RankM, each told by the others.

    `knn`: a vote of the 10 nearest by cosine. `class mean`: the nearest mean of
    a class, by cosine, an image left out of its own.
    """
    features, labels = splits(cache, name, body)[0]
    chosen = sample_indices(labels, 3000, seed=0)
    return {
        "knn": nearest_neighbours(features[chosen], labels[chosen]),
        "class mean": class_mean_share(features[chosen], labels[chosen]),
    }


def nearest_neighbours(features, labels, k=10):
    """Returns the share of images told by a vote of their k nearest others.

    Of classes with the same number of votes the one with the nearer images.
    """
    x = unit(features) / SCALE
    labels = np.unique(labels, return_inverse=True)[1]
    alike = x @ x.T
    np.fill_diagonal(alike, -2.0)
    nearest = np.argpartition(-alike, k, axis=1)[:, :k]
    row = np.arange(len(x))[:, None]
    votes = np.zeros((len(x), labels.max() + 1))
    np.add.at(votes, (row, labels[nearest]), 1 + alike[row, nearest] / (4 * k))
    return float(np.mean(votes.argmax(axis=1) == labels))


def class_mean_share(features, labels):
    """Returns the share of images told by the class means of the others."""
    return float(np.mean(nearest_class_means(features, labels) == labels))


def splits(cache, name, body):
    """Returns `(features, labels)` to train on and to test on.

    Sets of which only one split has features, or whose splits have other
    classes (omniglot), are halved: of each class of the test split the first
    half of the images trains and the second half tests.
    """
    test = features.load(cache, name, "test", body)
    path = features.feature_path(cache, name, "train", body)
    if name in ("omniglot", "cifar100") or not path.exists():
        first = within_class_rank(test.labels) < (
            np.bincount(test.labels)[test.labels] // 2
        )
        return (
            (test.features[first], test.labels[first]),
            (test.features[~first], test.labels[~first]),
        )
    train = features.load(cache, name, "train", body)
    return (train.features, train.labels), (test.features, test.labels)


def within_class_rank(labels):
    """Returns how many earlier images have the same label, per image."""
    order = np.argsort(labels, kind="stable")
    ends = np.cumsum(np.bincount(labels))
    starts = np.concatenate([[0], ends[:-1]])
    ranks = np.empty(len(labels), np.int64)
    ranks[order] = np.arange(len(labels)) - starts[labels[order]]
    return ranks


def unit(x):
    """Returns features of length `SCALE`, as fgkeras' frozen heads see them."""
    return SCALE * x / np.linalg.norm(x, axis=1, keepdims=True)


def probe(train, test, class_weights=None):
    """Returns the mean of class accuracies of logistic regression (C = 1)."""
    from sklearn.linear_model import LogisticRegression

    weight = None if class_weights is None else class_weights[train[1]]
    fitted = LogisticRegression(max_iter=200)
    fitted.fit(unit(train[0]), train[1], sample_weight=weight)
    right = fitted.predict(unit(test[0])) == test[1]
    counts = np.bincount(test[1])
    present = counts > 0
    per_class = np.bincount(test[1], right)[present] / counts[present]
    return float(per_class.mean())
