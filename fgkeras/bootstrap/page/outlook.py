"""How much work is left of a class, and whether it is worth it."""

import dataclasses

from scipy.special import betaincinv

# A class is left alone where so many were looked at, and the share of right
# ones is so small with a certainty of 95 %.
LEAST_SEEN = 100
LEAST_RATE = 0.03
_CERTAINTY = 0.95


@dataclasses.dataclass(frozen=True)
class Outlook:
    """What is to come of a class.

    Attributes:
        seconds: Float, the work that is left, or `None` where nobody's pace is
            known.
        right: Float, how many of the open ones are expected to be right.
        most: Float, how many at most, with a certainty of 95 %, or `None`
            where the class is worth going on with.

    Example:

    >>> outlook({"open": 50, "expected": 0.1, "tp": 0, "fp": 120}, 800).most
    1.2
    """

    seconds: float | None
    right: float
    most: float | None

    @property
    def may_stop(self):
        """Whether hardly anything is left to find."""
        return self.most is not None


def outlook(facts, pace_ms=None):
    """Returns the `Outlook` of a class.

    The highest share p that is not unlikely: of n pictures looked at, as few
    as the k right ones turn up with 5 % only (Clopper and Pearson),

        P(at most k of n | p) = 0.05

    Candidates come in the order of what they look like, not of their score, so
    what is left is taken to be as what was seen.

    Args:
        facts: Dict, one of the `classes` of `progress`: `open`, `expected`,
            `tp` and `fp`.
        pace_ms: Float, how long one picture takes, or `None` (default).

    Returns:
        `Outlook`.
    """
    left, right = facts["open"], facts["tp"]
    seen = right + facts["fp"]
    most = None
    if left and seen >= LEAST_SEEN and right < seen:
        rate = float(betaincinv(right + 1, seen - right, _CERTAINTY))
        if rate < LEAST_RATE:
            most = round(rate * left, 1)
    seconds = None if pace_ms is None else left * pace_ms / 1000
    return Outlook(seconds, left * facts["expected"], most)
