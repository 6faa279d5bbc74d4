"""When going on with a class is hardly worth it."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class StoppingHint:
    """What is left to find after a run of false positives.

    Attributes:
        run: Int, how many of the last ones were all false.
        expected: Float, true positives expected among those that remain.
        at_most: Float, an upper bound of that at the level asked for.
        stop: Bool, whether it may be time to stop.

    Example:

    >>> hint = stopping_hint([True] + [False] * 100, remaining=50)
    >>> hint.run, round(hint.expected, 2), round(hint.at_most, 2), hint.stop
    (100, 0.49, 1.48, True)
    """

    run: int
    expected: float
    at_most: float
    stop: bool


def stopping_hint(correct, remaining, *, least=100, most=1.0, level=0.95):
    """Says how many true positives may be left in the queue of a class.

        expected = remaining / (m + 2)
        at_most = remaining (1 - (1 - level)^(1 / m))  ~  3 remaining / m

    after `m` false ones in a row. The first is the mean of the share under a
    uniform prior and no true one of m (Laplace); the second the largest share
    at which such a run still has the chance `1 - level` (rule of three). Both
    take what remains to be as good as the run. It is worse where the queue is
    sorted by score, so less is left; in another order take no hint.

    Args:
        correct: Boolean array of shape `(num_decided,)`, of one class, in the
            order of decision.
        remaining: Int at least 0, pictures of the class that are left.
        least: Int at least 1, the shortest run to stop after. Defaults to
            `100`.
        most: Float at least 0, stop where no more are expected. Defaults to
            `1.0`.
        level: Float in (0, 1). Defaults to `0.95`.

    Returns:
        `StoppingHint`. After a true one, or before any decision, the run is 0
        and all that remains may be true.

    Raises:
        ValueError: For decisions that are not true or false, or options out of
            range.

    Example:

    >>> stopping_hint([False] * 100, remaining=1000).stop  # 10 are expected.
    False

    Reference:
        Hanley and Lippman-Hand, "If Nothing Goes Wrong, Is Everything All
        Right?", JAMA 1983.
    """
    correct = np.asarray(correct)
    if correct.ndim != 1 or (correct.size and correct.dtype != bool):
        raise ValueError(
            "correct must be true or false, in order of decision. Received: "
            f"correct.shape={correct.shape}, dtype={correct.dtype}. Leave out "
            "unsure ones."
        )
    if remaining < 0 or least < 1 or not most >= 0 or not 0 < level < 1:
        raise ValueError(
            "remaining and most must be at least 0, least at least 1, level "
            f"between 0 and 1. Received: remaining={remaining}, least={least}, "
            f"most={most}, level={level}. Usual are 100, 1.0 and 0.95."
        )
    (true,) = np.nonzero(correct)
    run = len(correct) - (int(true[-1]) + 1 if len(true) else 0)
    share = 1 - (1 - level) ** (1 / run) if run else 1.0
    expected = remaining / (run + 2)
    return StoppingHint(
        run,
        float(expected),
        float(remaining * share),
        bool(run >= least and expected <= most),
    )
