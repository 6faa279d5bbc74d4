"""Probabilities of each image by classifiers that were fitted to others."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from fgkeras.suspects.checked import class_ids
from fgkeras.suspects.checked import unit_rows


def out_of_fold_probabilities(
    features,
    labels,
    *,
    num_folds=5,
    inverse_regularization=1e-2,
    max_iterations=200,
    seed=0,
    progress=None,
):
    """Predicts every image by a logistic regression fitted to other folds.

        minimize |W|**2 / 2 + C sum over i of crossentropy(z_i, y_i)
        z = (x - mean) / deviation

    with `x` features of length 1, and mean and deviation those of the images
    that are fitted to. The images of a class are spread evenly over the folds,
    by chance. Use it for what must not come from a model that has seen the
    label: finding errors in labels (`confident_label_errors`), or thresholds.

    A class of one image cannot be predicted: its row is NaN, and it takes no
    part in the fits.

    Args:
        features: Float array of shape `(num_images, dim)`, finite; lengths do
            not matter.
        labels: Integer array of shape `(num_images,)`, at least 0.
        num_folds: Int at least 2. Defaults to `5`.
        inverse_regularization: Float above 0, `C`. Defaults to `1e-2`.
        max_iterations: Int at least 1, of L-BFGS; a warning says if it stops
            there. Defaults to `200`.
        seed: Int, of the folds. Defaults to `0`.
        progress: `None`, or callable of `(done, total)`, in folds.

    Returns:
        `float64` array of shape `(num_images, labels.max() + 1)`; each row
        sums to 1 or is NaN, and a column without images that can be predicted
        is 0.

    Raises:
        ValueError: For arrays that do not fit, fewer than two classes of two
            images, or an option out of its range.

    Example:

    >>> x = np.repeat([[1.0, 0.1], [0.1, 1.0]], 4, axis=0)
    >>> labels = [0, 0, 0, 0, 1, 1, 1, 0]
    >>> found = out_of_fold_probabilities(x, labels, inverse_regularization=1)
    >>> found.argmax(axis=1).tolist()
    [0, 0, 0, 0, 1, 1, 1, 1]

    Reference:
        Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty
        in Dataset Labels", JAIR 2021, section 3, asks for such probabilities.
    """
    x = unit_rows(features)
    ids, _ = class_ids(labels, len(x))
    labels = np.asarray(labels)
    if num_folds < 2 or max_iterations < 1 or not inverse_regularization > 0:
        raise ValueError(
            "There must be two folds, an iteration, and a regularization above "
            f"0. Received: num_folds={num_folds}, "
            f"max_iterations={max_iterations}, "
            f"inverse_regularization={inverse_regularization}."
        )
    (known,) = np.nonzero(np.bincount(ids)[ids] > 1)
    if len(np.unique(ids[known])) < 2:
        raise ValueError(
            "Folds need two classes of two images each. Received: "
            f"{len(np.unique(ids[known]))} such classes among {len(x)} images."
        )
    folds = _folds(ids[known], num_folds, seed)
    told = np.full((len(x), int(labels.max()) + 1), np.nan)
    for fold in range(num_folds):
        held = known[folds == fold]
        rest = known[folds != fold]
        if len(held):
            told[held] = 0
            fitted, found = _fit(
                x[rest], labels[rest], x[held], inverse_regularization,
                max_iterations,
            )  # fmt: skip
            told[np.ix_(held, fitted)] = found
        if progress:
            progress(fold + 1, num_folds)
    return told


def _folds(ids, num_folds, seed):
    """A fold for each image; those of one class follow one another."""
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.random(len(ids)), ids))
    folds = np.empty(len(ids), np.int64)
    folds[order] = np.arange(len(ids)) % num_folds
    return folds


def _fit(x, labels, others, inverse_regularization, max_iterations):
    """Returns the classes, and their probabilities for other images."""
    mean = x.mean(axis=0, dtype=np.float64)
    deviation = x.std(axis=0, dtype=np.float64)
    # What is the same in all images says nothing; rounding is no deviation.
    scale = np.where(deviation > 1e-6, 1 / np.maximum(deviation, 1e-6), 0.0)
    model = LogisticRegression(
        C=inverse_regularization, max_iter=max_iterations
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(((x - mean) * scale).astype(np.float32), labels)
    if max(model.n_iter_) >= max_iterations:
        warnings.warn(
            f"Logistic regression stopped at {max_iterations} iterations; its "
            "probabilities may be rough. Raise max_iterations or lower "
            "inverse_regularization.",
            stacklevel=3,
        )
    found = model.predict_proba((others - mean) * scale).astype(np.float64)
    return model.classes_, found / found.sum(axis=1, keepdims=True)
