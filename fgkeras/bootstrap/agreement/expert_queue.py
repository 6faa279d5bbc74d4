"""The order in which an expert's time buys most."""

import numpy as np


def expert_queue(posteriors, *, accuracy=1.0, seconds=None, count=None):
    """Orders items by what one more answer of an expert is worth.

        gain_i = sum_a max_k p_ik q_ka - max_k p_ik

    the expected errors that the answer removes, with `q` the expert's
    confusions: `accuracy` on the diagonal, the rest spread evenly. An expert
    who is always right removes the whole risk `1 - max_k p_ik`. Items are
    sorted by gain for a second of work. Gain 0 means that no answer could
    change the decision; such items come last, and are worth nobody's time.

    Args:
        posteriors: Float array of shape `(num_items, num_classes)`, rows of
            sum 1, of a consensus.
        accuracy: Float in [0, 1], how often the expert is right. Defaults to
            `1.0`.
        seconds: `None` where all take as long, or float array of shape
            `(num_items,)` above 0.
        count: `None` for all, or int: so many first items.

    Returns:
        `(order, gains)`: `int64 (count,)`, items, the most worth first, equal
        ones in their order; `float64 (num_items,)`, in errors, by item.

    Raises:
        ValueError: For rows that are no probabilities, or options out of range.

    Example:

    >>> order, gains = expert_queue([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]])
    >>> order.tolist(), gains.round(2).tolist()
    ([1, 2, 0], [0.1, 0.5, 0.2])

    Reference:
        Van Horn et al., "Lean Multiclass Crowdsourcing", CVPR 2018: items of
        high risk go to people, the riskiest to experts.
    """
    posteriors = np.asarray(posteriors, np.float64)
    if (
        posteriors.ndim != 2
        or posteriors.shape[1] < 2
        or not (posteriors >= 0).all()
        or not np.allclose(posteriors.sum(axis=1), 1, atol=1e-6)
    ):
        raise ValueError(
            "posteriors must be rows of at least 2 probabilities whose sum is "
            f"1. Received: posteriors.shape={posteriors.shape}. Give those of "
            "a consensus."
        )
    if not 0 <= accuracy <= 1:
        raise ValueError(
            "accuracy must be a share from 0 to 1. Received: "
            f"accuracy={accuracy}. Take it from answers to gold items."
        )
    if count is not None and count < 0:
        raise ValueError(
            f"count must be at least 0. Received: count={count}. None is all."
        )
    num_classes = posteriors.shape[1]
    wrong = (1 - accuracy) / (num_classes - 1)
    best = posteriors.max(axis=1)
    # After answer a the likeliest class is a itself or the best of the others.
    others = np.where(
        posteriors.argmax(axis=1)[:, None] == np.arange(num_classes),
        np.sort(posteriors, axis=1)[:, -2][:, None],
        best[:, None],
    )
    after = np.maximum(posteriors * accuracy, others * wrong).sum(axis=1)
    gains = np.maximum(after - best, 0.0)
    # Rounding is no gain.
    gains[gains < 1e-12] = 0.0
    order = np.argsort(
        -gains / _checked_seconds(seconds, len(gains)), stable=True
    )
    return order[:count], gains


def _checked_seconds(seconds, num_items):
    """Seconds of each item, all 1 where none are known."""
    if seconds is None:
        return np.ones(num_items)
    seconds = np.asarray(seconds, np.float64)
    finite = np.isfinite(seconds).all()
    if seconds.shape != (num_items,) or not finite or not (seconds > 0).all():
        raise ValueError(
            "seconds must be above 0, one for each item. Received: "
            f"seconds.shape={seconds.shape}. None is for equal ones."
        )
    return seconds
