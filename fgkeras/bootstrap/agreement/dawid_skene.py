"""True answers and labellers' confusions, estimated together."""

import dataclasses

import numpy as np
from scipy import sparse
from scipy.special import logsumexp
from scipy.special import xlogy

from fgkeras.bootstrap.agreement.checked_votes import checked_votes
from fgkeras.bootstrap.agreement.checked_votes import labeller_count


@dataclasses.dataclass(frozen=True, eq=False)
class DawidSkene:
    """What is known of items and labellers.

    Attributes:
        posteriors: `float64 (num_items, num_classes)`, rows of sum 1.
        confusions: `float64 (num_labellers, num_classes, num_classes)`, how
            often a labeller gives the answer of a column where the row is true.
        prior: `float64 (num_classes,)`, shares of the classes.
        log_likelihood: Float, of the votes, without pseudo votes.
        objectives: `float64 (num_iterations,)`, the log likelihood with pseudo
            votes before each update; never falls.
        converged: Bool, whether it rose by less than the tolerance at the end.

    Example:

    >>> votes = [[i, j, i % 2] for i in range(6) for j in range(3)]
    >>> found = dawid_skene(votes, num_items=6, num_classes=2)
    >>> found.posteriors.argmax(axis=1).tolist(), found.converged
    ([0, 1, 0, 1, 0, 1], True)
    """

    posteriors: np.ndarray
    confusions: np.ndarray
    prior: np.ndarray
    log_likelihood: float
    objectives: np.ndarray
    converged: bool


def dawid_skene(
    votes,
    *,
    num_items,
    num_classes,
    num_labellers=None,
    smoothing=0.1,
    trust=1.0,
    max_iterations=1000,
    tolerance=1e-6,
):
    """Estimates the true answers and each labeller's confusions by EM.

        P(votes on i) = sum_k p_k prod_votes theta_j[k, answer]

    with the shares `p` of the classes and the confusions `theta_j` of labeller
    j; all are raised in turn until the likelihood of all votes stands. Use it
    where labellers differ, or mistake one class for another one way round, and
    each has a few dozen votes. With fewer `model_consensus` is safer.

    Pseudo votes keep a confusion from 0 and the classes from changing names:
    `smoothing` of each answer and `trust` of the right one, for each labeller
    and class. The paper has none: `smoothing=0, trust=0`.

    Args:
        votes: Integer array of shape `(num_votes, 3)`, rows of item, labeller
            and answer. A labeller may vote again on an item, which counts.
        num_items: Int. Items without votes get the shares of the classes.
        num_classes: Int at least 2.
        num_labellers: `None` for those of the votes, or int.
        smoothing: Float at least 0, pseudo votes. Defaults to `0.1`.
        trust: Float at least 0, pseudo votes. Defaults to `1.0`.
        max_iterations: Int at least 1. Defaults to `1000`.
        tolerance: Float at least 0, in nats of the objective. Defaults to
            `1e-6`.

    Returns:
        `DawidSkene`.

    Raises:
        ValueError: For votes that are no votes, no votes at all, or options
            out of range.

    Example:

    >>> rng = np.random.default_rng(0)
    >>> truth = rng.integers(0, 2, 300)
    >>> votes = [  # Two are right in 9 of 10, the others guess.
    ...     [i, j, truth[i] if rng.random() < (0.9, 0.9, 0.5, 0.5)[j]
    ...      else 1 - truth[i]]
    ...     for i in range(300)
    ...     for j in range(4)
    ... ]
    >>> found = dawid_skene(votes, num_items=300, num_classes=2)
    >>> bool(np.mean(found.posteriors.argmax(axis=1) == truth) > 0.85)
    True

    Reference:
        Dawid and Skene, "Maximum Likelihood Estimation of Observer Error-Rates
        Using the EM Algorithm", Applied Statistics 1979.
    """
    votes = checked_votes(
        votes, num_items=num_items, num_classes=num_classes, repeated=True
    )
    num_labellers = labeller_count(votes, num_labellers)
    _check_options(votes, smoothing, trust, max_iterations, tolerance)
    given = answer_counts(votes, num_items, num_labellers, num_classes)
    voted = np.bincount(votes[:, 0], minlength=num_items) > 0
    pseudo = smoothing + trust * np.eye(num_classes)
    posteriors = _shares_of_votes(votes, num_items, num_classes)
    confusions, prior = pseudo, posteriors[0]
    objectives, log_likelihood, converged = [], -np.inf, False
    for _ in range(max_iterations):
        counts = expected_counts(given, posteriors, num_labellers) + pseudo
        confusions = _rows_to_one(counts)
        prior = _rows_to_one(posteriors[voted].sum(axis=0) + smoothing)
        posteriors, log_likelihood = _expectation(given, confusions, prior)
        added = xlogy(pseudo, confusions).sum() + xlogy(smoothing, prior).sum()
        objectives.append(log_likelihood + added)
        if len(objectives) > 1 and objectives[-1] - objectives[-2] <= tolerance:
            converged = True
            break
    return DawidSkene(
        posteriors,
        confusions,
        prior,
        log_likelihood,
        np.array(objectives),
        converged,
    )


def answer_counts(votes, num_items, num_labellers, num_classes):
    """Returns how often each item got each answer of each labeller.

    Args:
        votes: `int64 (num_votes, 3)`.
        num_items: Int.
        num_labellers: Int.
        num_classes: Int.

    Returns:
        Sparse `(num_items, num_labellers * num_classes)`.

    Example:

    >>> answer_counts(np.array([[0, 1, 1]]), 1, 2, 2).toarray().tolist()
    [[0.0, 0.0, 0.0, 1.0]]
    """
    column = votes[:, 1] * num_classes + votes[:, 2]
    shape = (num_items, num_labellers * num_classes)
    ones = np.ones(len(votes))
    return sparse.csr_array((ones, (votes[:, 0], column)), shape=shape)


def expected_counts(given, posteriors, num_labellers):
    """Returns how often a labeller gave an answer to items of a true class.

    Args:
        given: Sparse, as of `answer_counts`.
        posteriors: Float array of shape `(num_items, num_classes)`.
        num_labellers: Int.

    Returns:
        `float64 (num_labellers, num_classes, num_classes)`: labeller, true
        class, answer.

    Example:

    >>> given = answer_counts(np.array([[0, 0, 1]]), 1, 1, 2)
    >>> expected_counts(given, np.array([[0.25, 0.75]]), 1).tolist()
    [[[0.0, 0.25], [0.0, 0.75]]]
    """
    num_classes = posteriors.shape[1]
    counts = given.T @ posteriors
    counts = counts.reshape(num_labellers, num_classes, num_classes)
    return counts.transpose(0, 2, 1)


def log_answers(given, confusions):
    """Returns the log likelihood of all votes on an item, for each class.

    Args:
        given: Sparse, as of `answer_counts`.
        confusions: Float array of shape `(num_labellers, num_classes,
            num_classes)`.

    Returns:
        `float64 (num_items, num_classes)`.

    Example:

    >>> given = answer_counts(np.array([[0, 0, 1]]), 1, 1, 2)
    >>> log_answers(given, np.array([[[0.9, 0.1], [0.2, 0.8]]])).round(2)
    array([[-2.3 , -0.22]])
    """
    num_classes = confusions.shape[1]
    with np.errstate(divide="ignore"):
        logs = np.log(confusions).transpose(0, 2, 1)
    return given @ logs.reshape(-1, num_classes)


def _expectation(given, confusions, prior):
    """Posteriors of all items, and the log likelihood of the votes."""
    with np.errstate(divide="ignore"):
        joint = log_answers(given, confusions) + np.log(prior)
    whole = logsumexp(joint, axis=1, keepdims=True)
    return np.exp(joint - whole), float(whole.sum())


def _shares_of_votes(votes, num_items, num_classes):
    """Start: how many of an item's votes say each class; even without votes."""
    counts = np.zeros((num_items, num_classes))
    np.add.at(counts, (votes[:, 0], votes[:, 2]), 1)
    return _rows_to_one(counts)


def _rows_to_one(counts):
    """Divides by sums of the last axis; even where the sum is 0."""
    total = counts.sum(axis=-1, keepdims=True)
    even = np.full_like(counts, 1 / counts.shape[-1])
    return np.divide(counts, total, out=even, where=total > 0)


def _check_options(votes, smoothing, trust, max_iterations, tolerance):
    """Refuses what cannot be estimated from."""
    if not len(votes):
        raise ValueError(
            "There must be votes. Received: 0 votes. Without any only a "
            "model's score tells classes apart: see model_consensus."
        )
    values = np.array([smoothing, trust, tolerance], np.float64)
    if not (np.isfinite(values) & (values >= 0)).all() or max_iterations < 1:
        raise ValueError(
            "smoothing, trust and tolerance must be finite and at least 0, "
            f"max_iterations at least 1. Received: smoothing={smoothing}, "
            f"trust={trust}, tolerance={tolerance}, "
            f"max_iterations={max_iterations}. The paper has no smoothing and "
            "no trust."
        )
