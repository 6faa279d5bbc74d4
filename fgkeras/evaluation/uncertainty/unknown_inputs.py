"""Is a picture of what the model was trained on: scores, and a threshold."""

import numpy as np

from fgkeras.evaluation.nearest_neighbors import nearest_neighbors
from fgkeras.evaluation.uncertainty.class_probabilities import (
    check_probabilities,
)
from fgkeras.evaluation.uncertainty.conformal_rank import conformal_rank


def energy_scores(logits, *, temperature=1.0):
    """Scores how much the logits say that a class was seen; high is known.

    Use it where there is a classifier and no training vectors are kept. It is
    the negative free energy,

        T log sum_c exp(z_c / T)

    which, unlike the largest probability, keeps how large the logits are.
    What shifts all logits shifts the score: use the same adjustment where the
    threshold is fitted and where it is used.

    Args:
        logits: Float array of shape `(num_images, num_classes)`, finite.
        temperature: Float above 0. Defaults to `1.0`.

    Returns:
        `float64` array of shape `(num_images,)`.

    Raises:
        ValueError: For another shape, logits that are not finite, or a
            temperature that is not above 0.

    Example:

    >>> energy_scores([[2.0, 2.0], [0.0, 0.0]]).round(3).tolist()
    [2.693, 0.693]

    Reference:
        Liu et al., "Energy-based Out-of-distribution Detection", NeurIPS 2020.
    """
    logits = np.asarray(logits, np.float64)
    bad_shape = logits.ndim != 2 or not logits.size
    if bad_shape or not np.isfinite(logits).all():
        raise ValueError(
            "logits must be finite numbers of shape (num_images, num_classes), "
            f"both at least 1. Received: logits.shape={logits.shape}. A model "
            "that diverged gives NaN."
        )
    if not 0 < temperature < np.inf:
        raise ValueError(
            "temperature must be a number above 0. Received: "
            f"temperature={temperature}. Usual is 1."
        )
    top = logits.max(axis=1)
    rest = np.exp((logits - top[:, None]) / temperature).sum(axis=1)
    return top + temperature * np.log(rest)


def nearest_scores(
    embeddings, vectors, *, k=1, ids=None, vector_ids=None, progress=None
):
    """Scores how near the training images are; high is known.

    Use it where the training vectors are at hand; it needs no classifier, so
    embedding runs have it too. It is the cosine to the k-th nearest of them.
    Calibration images must not be among these, or each finds itself and the
    threshold is too high: leave them out, or give the ids.

    Args:
        embeddings: Float array of shape `(num_images, dim)`.
        vectors: Float array of shape `(num_vectors, dim)`, of the training
            images; the same object as `embeddings` scores each of these
            without itself.
        k: Int at least 1. Defaults to `1`.
        ids: Sequence of `num_images` ids, such as strings: a training image of
            the same id is left out. Defaults to `None`.
        vector_ids: Sequence of `num_vectors` ids, each once, together with
            `ids`. Defaults to `None`.
        progress: `None`, or callable of `(done, total)`. Defaults to `None`.

    Returns:
        `float64` array of shape `(num_images,)`, values in [-1, 1].

    Raises:
        ValueError: As `nearest_neighbors`.

    Example:

    >>> nearest_scores([[1.0, 0.0], [0.0, 3.0]], [[2.0, 0.0]]).tolist()
    [1.0, 0.0]

    Reference:
        Sun et al., "Out-of-Distribution Detection with Deep Nearest
        Neighbors", ICML 2022 (there the negative distance of unit vectors,
        which orders images the same way).
    """
    _, scores = nearest_neighbors(
        embeddings,
        vectors,
        k=k,
        ids=ids,
        gallery_ids=vector_ids,
        progress=progress,
    )
    return scores[:, -1]


def largest_probability_scores(probabilities):
    """Returns the largest probability of each image; high is known.

    Use it as the baseline that a score for unknown inputs must beat.

    Args:
        probabilities: Float array of shape `(num_images, num_classes)`.

    Returns:
        `float64` array of shape `(num_images,)`.

    Raises:
        ValueError: For what are no probabilities.

    Example:

    >>> largest_probability_scores([[0.7, 0.3], [0.5, 0.5]]).tolist()
    [0.7, 0.5]

    Reference:
        Hendrycks and Gimpel, "A Baseline for Detecting Misclassified and
        Out-of-Distribution Examples in Neural Networks", ICLR 2017.
    """
    return check_probabilities(probabilities).max(axis=1)


def fit_known_threshold(scores, *, keep=0.95):
    """Returns the threshold that keeps a wanted share of known images.

    Use it on scores of images that the model was not trained on. An image is
    known where its score is at least the threshold, the k-th largest of the n
    scores,

        k = ceil((n + 1) keep)

    so that of images from the same source at least `keep` stay, on average
    over the draws of both. It says nothing of how many unknown ones go; see
    `known_report`.

    Args:
        scores: Float array of shape `(num_images,)`, high where known.
        keep: Float in (0, 1). Defaults to `0.95`.

    Returns:
        Float.

    Raises:
        ValueError: For scores that are not finite, and if there are too few
            for the share, with how many it takes.

    Example:

    >>> fit_known_threshold(np.arange(100), keep=0.95)
    4.0
    """
    scores = check_scores("scores", scores)
    rank = conformal_rank(len(scores), keep)
    return float(np.partition(scores, len(scores) - rank)[len(scores) - rank])


def check_scores(name, scores):
    """Returns scores as float64, or says what is wrong with them.

    Args:
        name: String, for the message.
        scores: Float array of shape `(num_images,)`.

    Raises:
        ValueError: For another shape, no images, NaN or infinity.

    Example:

    >>> check_scores("scores", [1, 2])
    array([1., 2.])
    """
    found = np.asarray(scores)
    right_kind = found.ndim == 1 and found.size and found.dtype.kind in "fiu"
    if not right_kind or not np.isfinite(found).all():
        raise ValueError(
            f"{name} must be one finite number per image, for at least one "
            f"image. Received: {name}.shape={found.shape}, dtype="
            f"{found.dtype}. A model that diverged gives NaN."
        )
    return found.astype(np.float64)
