"""What a linear classifier says of each image that it was not fitted to."""

import numpy as np

from fgkeras.suspects.checked import class_ids
from fgkeras.suspects.checked import unit_rows

_ROWS = 4096


def leave_one_out_margins(features, labels, *, penalty=1.0):
    """Measures by how much a linear classifier prefers another class.

        margin_i = max_c f_i(c) - f_i(own)
        f_i = (X B - h Y)_i / (1 - h_i),  h_i = w_i x_i A x_i
        A = (X' W X + penalty I)^-1,  B = A X' W Y

    `f_i` is what ridge regression onto the classes, fitted to all other
    images, answers for image i; nothing is fitted anew. `X` holds features of
    length 1 and a column of ones, `Y` a 1 in the column of the class; `W` gives
    every class the same weight, so that small ones are not doubted for being
    small.

    Args:
        features: Float array of shape `(num_images, dim)`, finite; lengths do
            not matter.
        labels: Integer array of shape `(num_images,)`, at least 0.
        penalty: Float above 0. Defaults to `1.0`.

    Returns:
        `float64` array of shape `(num_images,)`, above 0 where another class
        is preferred; NaN where the own class has no other image.

    Raises:
        ValueError: For arrays that do not fit, fewer than two classes, or a
            penalty of 0 and less.

    Example:

    >>> x = np.repeat([[1.0, 0.1], [0.1, 1.0]], 4, axis=0)
    >>> margins = leave_one_out_margins(x, [0, 0, 0, 0, 1, 1, 1, 0])
    >>> int(margins.argmax()), (margins > 0).tolist().count(True)
    (7, 1)

    Reference:
        Allen, "The Relationship between Variable Selection and Data
        Augmentation and a Method for Prediction", Technometrics 1974.
    """
    x = unit_rows(features)
    ids, num_classes = class_ids(labels, len(x))
    if num_classes < 2 or not penalty > 0:
        raise ValueError(
            "Margins need two classes and a penalty above 0. Received: "
            f"{num_classes} classes, penalty={penalty}."
        )
    parts = [slice(i, i + _ROWS) for i in range(0, len(x), _ROWS)]
    share = len(x) / num_classes / np.bincount(ids)[ids]
    dim = x.shape[1] + 1
    inner, sums = np.zeros((dim, dim)), np.zeros((num_classes, dim))
    for part in parts:
        rows = _with_ones(x[part])
        weighted = share[part, None] * rows
        inner += weighted.T @ rows
        np.add.at(sums, ids[part], weighted)
    inverse = np.linalg.inv(inner + penalty * np.eye(dim))
    weights = inverse @ sums.T
    margins = np.empty(len(x))
    for part in parts:
        rows = _with_ones(x[part])
        held = share[part] * np.einsum("ij,ij->i", rows @ inverse, rows)
        scores, at = rows @ weights, np.arange(len(rows))
        scores[at, ids[part]] -= held
        scores /= (1 - held)[:, None]
        own = scores[at, ids[part]].copy()
        scores[at, ids[part]] = -np.inf
        margins[part] = scores.max(axis=1) - own
    margins[np.bincount(ids)[ids] < 2] = np.nan
    return margins


def _with_ones(x):
    return np.concatenate([x, np.ones((len(x), 1))], axis=1, dtype=np.float64)
