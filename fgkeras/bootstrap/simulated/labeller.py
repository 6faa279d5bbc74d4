"""A labeller that is a program: right as often as it was told to be."""

import dataclasses
import math

import numpy as np


@dataclasses.dataclass(frozen=True)
class SimulatedAnswer:
    """What a simulated labeller says of one candidate.

    Attributes:
        verdict: String, `"tp"`, `"fp"` or `"unsure"`.
        instead: Bool, whether it is named as the rival; of `"fp"` alone.
        right: Bool, whether `"tp"` or `"fp"` is the truth; `None` of
            `"unsure"`.
    """

    verdict: str
    instead: bool
    right: bool | None


class SimulatedLabeller:
    """Answers candidates from the truth, with the errors of a person.

    Use it to try a project without people, and to measure what their errors
    cost. A candidate of which the class `c` is claimed and `d` is true is
    accepted with a chance of

        p = confusion[c, d]    where that is given, else
        p = accuracy           where c = d
        p = 1 - accuracy       where c differs from d

    The chance of the right answer, `r = p` where `c = d` and `1 - p` else,
    falls with the number `n` of answers given before:

        r_n = floor + (r - floor) exp(-fatigue n)    where r > floor

    Unless it tires, a labeller gives the same candidate the same answer, how
    often and in whatever order it is asked: each is drawn by the candidate and
    the seed.

    Args:
        accuracy: Float in [0, 1].
        confusion: Dict of `(claimed, true)`, two class names, to the chance
            that the claim is accepted; `true` is `None` for what is of no
            class. `None` (default) for none.
        fatigue: Float at least 0, per answer: after `1 / fatigue` answers what
            is above the floor has fallen to 37 %. Defaults to `0.0`.
        floor: Float in [0, 1], where accuracy ends. Defaults to `0.5`.
        abstention: Float in [0, 1], the chance of unsure. Defaults to `0.0`.
        seconds: Float at least 0, virtual seconds for one candidate alone.
            Defaults to `1.7`.
        tile_seconds: Float at least 0, virtual seconds for a candidate of a
            page. Defaults to `0.35`.
        seed: Int at least 0. Defaults to `0`.

    Attributes:
        answered: Int, how many answers were given.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> ada = SimulatedLabeller(1.0)
    >>> ada.answer(1, "elm", "elm").verdict, ada.answer(2, "elm", "oak").verdict
    ('tp', 'fp')
    >>> ada.answer(3, "elm", "oak", rival="oak").instead
    True

    Reference:
        Per-class confusion: Dawid and Skene, "Maximum likelihood estimation
        of observer error-rates using the EM algorithm", Applied Statistics
        28, 1979.
    """

    def __init__(
        self,
        accuracy,
        confusion=None,
        *,
        fatigue=0.0,
        floor=0.5,
        abstention=0.0,
        seconds=1.7,
        tile_seconds=0.35,
        seed=0,
    ):
        confusion = dict(confusion or {})
        chances = {
            "accuracy": accuracy,
            "floor": floor,
            "abstention": abstention,
            **{f"confusion[{key!r}]": p for key, p in confusion.items()},
        }
        for name, value in chances.items():
            if not 0 <= value <= 1:
                raise ValueError(
                    f"A chance is from 0 to 1. Received: {name}={value}. "
                    "95 % is 0.95."
                )
        amounts = {
            "fatigue": fatigue,
            "seconds": seconds,
            "tile_seconds": tile_seconds,
        }
        for name, value in amounts.items():
            if not (value >= 0 and math.isfinite(value)):
                raise ValueError(
                    f"`{name}` must be finite and at least 0. Received: "
                    f"{name}={value}."
                )
        for key in confusion:
            if not (isinstance(key, tuple) and len(key) == 2):
                raise ValueError(
                    "A confusion is of a claimed and a true class. Received: "
                    f"{key!r}. Give pairs of names, such as ('elm', 'oak')."
                )
        if not isinstance(seed, int) or seed < 0:
            raise ValueError(
                f"`seed` must be a whole number from 0 on. Received: {seed!r}."
            )
        self.accuracy, self.confusion = accuracy, confusion
        self.fatigue, self.floor = fatigue, floor
        self.abstention = abstention
        self.seconds, self.tile_seconds = seconds, tile_seconds
        self.seed, self.answered = seed, 0

    def chance_of_acceptance(self, claimed, true):
        """Returns the chance that a claim is accepted now.

        Args:
            claimed: String, the class that is claimed.
            true: String, the class that it is, or `None`.
        """
        usual = self.accuracy if claimed == true else 1.0 - self.accuracy
        chance = self.confusion.get((claimed, true), usual)
        right = chance if claimed == true else 1.0 - chance
        if right > self.floor:
            left = math.exp(-self.fatigue * self.answered)
            right = self.floor + (right - self.floor) * left
        return right if claimed == true else 1.0 - right

    def answer(self, candidate, claimed, true, rival=None):
        """Returns the `SimulatedAnswer` to one candidate.

        Args:
            candidate: Int at least 0, its id.
            claimed: String, the class that is claimed.
            true: String, the class that it is, or `None`.
            rival: String, the class that can be named instead, or `None`
                (default): it is named where what is rejected is of it.
        """
        unsure, accepted = np.random.default_rng([self.seed, candidate]).random(
            2
        )
        chance = self.chance_of_acceptance(claimed, true)
        self.answered += 1
        if unsure < self.abstention:
            return SimulatedAnswer("unsure", False, None)
        accepts = bool(accepted < chance)
        return SimulatedAnswer(
            "tp" if accepts else "fp",
            not accepts and true is not None and true == rival,
            accepts == (claimed == true),
        )
