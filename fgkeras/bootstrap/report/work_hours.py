"""How long people worked, by the times of their answers."""

import dataclasses

import numpy as np

PAUSE_SECONDS = 300.0


@dataclasses.dataclass(frozen=True)
class WorkHours:
    """What the times of somebody's answers come to.

    Attributes:
        seconds: Float, at work.
        sessions: Int, how often work began.

    Example:

    >>> WorkHours(90.0, 1).seconds
    90.0
    """

    seconds: float
    sessions: int


def work_hours(times, dwells, *, pause=PAUSE_SECONDS):
    """Returns how long somebody worked.

        seconds = sum of gaps up to the pause + dwell of each session's first

    A longer gap ends a session. What came before its first answer is not known
    but for how long that was looked at, at most a pause.

    Args:
        times: Float array of shape `(num_answers,)`, seconds, one for each card
            or page; in any order.
        dwells: Float array of the same shape, seconds that it was looked at;
            NaN where nobody knows.
        pause: Float above 0, seconds. Defaults to `300.0`.

    Returns:
        `WorkHours`.

    Raises:
        ValueError: For shapes that differ, times that are not finite, or a
            pause of nothing.

    Example:

    >>> work_hours([0, 10, 30, 1000, 1005], [2, 9, 9, np.nan, 5])
    WorkHours(seconds=37.0, sessions=2)
    """
    times = np.asarray(times, np.float64)
    dwells = np.asarray(dwells, np.float64)
    if times.ndim != 1 or times.shape != dwells.shape:
        raise ValueError(
            "There must be a time and a dwell for each answer. Received: "
            f"times.shape={times.shape}, dwells.shape={dwells.shape}. Take NaN "
            "where a dwell is not known."
        )
    if not np.isfinite(times).all() or not pause > 0:
        raise ValueError(
            "Times must be finite and the pause above 0. Received: "
            f"pause={pause}. Usual is 300."
        )
    if not len(times):
        return WorkHours(0.0, 0)
    order = np.argsort(times, kind="stable")
    gaps = np.diff(times[order])
    begins = np.concatenate([[True], gaps > pause])
    first = np.clip(np.nan_to_num(dwells[order][begins]), 0, pause)
    seconds = gaps[~begins[1:]].sum() + first.sum()
    return WorkHours(float(seconds), int(begins.sum()))
