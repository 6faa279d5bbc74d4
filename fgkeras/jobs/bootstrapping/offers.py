"""What of a scored part is offered to people, and how."""

import dataclasses

import numpy as np

from fgkeras.bootstrap.acquisition import Candidates
from fgkeras.bootstrap.acquisition import audit_slice
from fgkeras.bootstrap.acquisition import class_cap
from fgkeras.bootstrap.acquisition import entropy
from fgkeras.bootstrap.acquisition import margin
from fgkeras.bootstrap.acquisition import split_thresholds
from fgkeras.bootstrap.acquisition import three_way_split
from fgkeras.bootstrap.acquisition import threshold
from fgkeras.bootstrap.acquisition.three_way_split import POSITIVE
from fgkeras.bootstrap.acquisition.three_way_split import UNLABELLED

STRATEGIES = ("threshold", "margin", "entropy", "lsun")
_COUNT = 500


@dataclasses.dataclass(frozen=True)
class Strategy:
    """How candidates are chosen.

    Args:
        name: String, one of `STRATEGIES`. `"threshold"` (default) offers all
            whose top score is above it, the thesis' way; `"margin"` and
            `"entropy"` the least certain `count`; `"lsun"` a random `count` at
            first, then what two thresholds, set by the answers so far, leave
            unlabelled.
        threshold: Float in [0, 1), of `"threshold"`. Defaults to `0.5`.
        count: Int at least 1, of the other ones. Defaults to `500`.
        cap: Int, at most so many of a predicted class; 0 (default) for all.
        audit: Float in [0, 1), the share drawn of what is not offered.
            Defaults to `0.02`.
        accept: Bool, of `"lsun"`, whether what lies above the upper threshold
            is taken without being looked at, but for the audit share. Defaults
            to `False`.

    Raises:
        ValueError: If an option is out of range, or would do nothing.
    """

    name: str = "threshold"
    threshold: float = 0.5
    count: int = _COUNT
    cap: int = 0
    audit: float = 0.02
    accept: bool = False

    def __post_init__(self):
        if self.name not in STRATEGIES:
            raise ValueError(
                f"`strategy` must be one of {list(STRATEGIES)}. Received: "
                f"strategy={self.name!r}."
            )
        if not 0 <= self.threshold < 1 or not 0 <= self.audit < 1:
            raise ValueError(
                "`threshold` and `audit` must be in [0, 1). Received: "
                f"threshold={self.threshold}, audit={self.audit}. Usual are "
                "0.5 and 0.02."
            )
        if self.count < 1 or self.cap < 0:
            raise ValueError(
                "`count` must be at least 1, `cap` at least 0. Received: "
                f"count={self.count}, cap={self.cap}."
            )
        if self.accept and self.name != "lsun":
            raise ValueError(
                "What is taken unseen lies above the upper threshold of "
                f"strategy lsun. Received: accept with strategy {self.name}. "
                "Leave it out."
            )
        unused = [
            name
            for name, set_, where in (
                ("threshold", self.threshold != 0.5, ("threshold",)),
                ("count", self.count != _COUNT, ("margin", "entropy", "lsun")),
            )
            if set_ and self.name not in where
        ]
        if unused:
            raise ValueError(
                f"`{unused[0]}` is not of this strategy. Received: "
                f"{unused[0]}={getattr(self, unused[0])} with strategy "
                f"{self.name}. Leave it out."
            )


@dataclasses.dataclass(frozen=True)
class Offers:
    """Positions in a scored part.

    Attributes:
        offered: `int64`, what people are asked about.
        audited: `int64`, drawn from what is not offered.
        weight: Float, how many pictures each audited one stands for.
        accepted: `int64`, those of `offered` that are taken unseen.
        thresholds: Tuple `(low, high)` of strategy lsun, or `None`.
    """

    offered: np.ndarray
    audited: np.ndarray
    weight: float
    accepted: np.ndarray
    thresholds: tuple | None = None

    def among(self, places):
        """Returns what of it is among some places."""
        return dataclasses.replace(
            self,
            offered=self.offered[np.isin(self.offered, places)],
            audited=self.audited[np.isin(self.audited, places)],
            accepted=self.accepted[np.isin(self.accepted, places)],
        )


def offers(scores, rivals, classes, entropies, strategy, *, answered, seed=0):
    """Chooses what is offered of a part.

    Args:
        scores: `float64 (num_images,)`, of the predicted class.
        rivals: `float64 (num_images,)`, of the second one.
        classes: `int64 (num_images,)`, predicted.
        entropies: `float64 (num_images,)`, of all scores.
        strategy: `Strategy`.
        answered: Tuple `(correct, scores)` of what people answered in earlier
            rounds, for strategy lsun.
        seed: Int. Defaults to `0`.

    Returns:
        `Offers`.
    """
    found = Candidates(scores, rivals, classes, entropies)
    nothing = np.zeros(0, np.int64)
    accepted, thresholds = nothing, None
    if strategy.name == "threshold":
        chosen = threshold(found, above=strategy.threshold)
    elif strategy.name == "margin":
        chosen = margin(found, count=strategy.count)
    elif strategy.name == "entropy":
        chosen = entropy(found, count=strategy.count)
    elif not len(answered[0]):
        order = np.random.default_rng(seed).permutation(len(found))
        chosen = order[: strategy.count]
    else:
        thresholds = split_thresholds(*answered)
        side = three_way_split(scores, *thresholds)
        unsure = np.random.default_rng(seed).permutation(
            np.flatnonzero(side == UNLABELLED)
        )
        positive = np.flatnonzero(side == POSITIVE)
        chosen = np.concatenate([positive, unsure[: strategy.count]])
        accepted = positive if strategy.accept else nothing
    if strategy.cap:
        chosen = class_cap(chosen, classes, cap=strategy.cap)
        accepted = accepted[np.isin(accepted, chosen)]
    audited, weight = _audit(found, chosen, strategy, seed)
    return Offers(chosen, audited, weight, accepted, thresholds)


def _audit(found, chosen, strategy, seed):
    """A random share of what is not offered, each with the same chance."""
    rest = np.setdiff1d(np.arange(len(found)), chosen)
    if not strategy.audit or not len(rest):
        return np.zeros(0, np.int64), 1.0
    below = Candidates(
        np.zeros(len(rest)), np.zeros(len(rest)), found.classes[rest]
    )
    drawn = audit_slice(below, above=0.0, share=strategy.audit, seed=seed)
    return rest[drawn.positions], 1.0 / drawn.inclusion
