"""Agreement of two labellers, less what chance would give."""

import numpy as np


def cohen_kappa(first, second, num_classes):
    """Returns Cohen's kappa of two labellers on the items both have seen.

        kappa = (p_o - p_e) / (1 - p_e)

    with `p_o` the share of items on which they agree, and `p_e` the share on
    which two would agree that draw their answers by chance, each by its own
    shares of answers. 1 is full agreement, 0 that of chance. Where 95 % of the
    answers are "no", two who always say "no" agree on most and kappa shows it.

    Args:
        first: Integer array of shape `(num_items,)`, answers of one labeller.
        second: Integer array of the same shape, those of the other.
        num_classes: Int at least 2, answers are below it.

    Returns:
        Float of at most 1; NaN where it is not defined: no item, or both gave
        the same single answer to all.

    Raises:
        ValueError: For shapes that differ, or answers outside of their range.

    Example:

    >>> cohen_kappa([0, 0, 1, 1], [0, 0, 1, 0], 2)
    0.5
    >>> cohen_kappa([0, 0], [0, 0], 2)
    nan

    Reference:
        Cohen, "A Coefficient of Agreement for Nominal Scales", Educational
        and Psychological Measurement 1960.
    """
    first, second = np.asarray(first), np.asarray(second)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(
            "Both labellers must have answered the same items. Received: "
            f"first.shape={first.shape}, second.shape={second.shape}. Keep the "
            "items that both have seen."
        )
    if not first.size:
        return float("nan")
    for name, answers in (("first", first), ("second", second)):
        whole = answers.dtype.kind in "iu"
        if not whole or answers.min() < 0 or answers.max() >= num_classes:
            raise ValueError(
                f"Answers must be whole numbers below {num_classes}. Received: "
                f"{name}={answers}. Leave out skipped ones."
            )
    flat = first.astype(np.int64) * num_classes + second.astype(np.int64)
    table = np.bincount(flat, minlength=num_classes**2)
    return float(kappa_of_tables(table.reshape(num_classes, num_classes)))


def kappa_of_tables(tables):
    """Returns kappa of counts of pairs of answers.

    Args:
        tables: Float array of shape `(..., num_classes, num_classes)`.

    Returns:
        Float64 array of shape `(...)`, NaN where it is not defined.

    Example:

    >>> kappa_of_tables([[2, 0], [1, 1]]).tolist()
    0.5
    """
    tables = np.asarray(tables, np.float64)
    count = tables.sum(axis=(-2, -1))
    rows, columns = tables.sum(axis=-1), tables.sum(axis=-2)
    agreed = count * np.trace(tables, axis1=-2, axis2=-1)
    # Squares of counts: where all is one answer these are equal whole numbers.
    chance = (rows * columns).sum(axis=-1)
    room = count**2 - chance
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(room > 0, (agreed - chance) / room, np.nan)
