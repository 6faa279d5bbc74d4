"""All numbers between two, drawn evenly or by orders of magnitude."""

import dataclasses

from fgkeras.config import OPTIONS
from fgkeras.config.kinds import Int


@dataclasses.dataclass(frozen=True)
class Interval:
    """The numbers from `low` to `high`, which a search draws from.

    Use it where a list of values is no help, as of a learning rate.

    Args:
        low: Int or float.
        high: Int or float, above `low`.
        log: Bool, whether orders of magnitude are drawn evenly. Defaults to
            `False`.

    Raises:
        ValueError: If `high` is not above `low`, or `log` and `low` is not
            above 0.

    Example:

    >>> Interval.read("train.learning_rate", "1e-4..1e-1:log")
    Interval(low=0.0001, high=0.1, log=True)
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self):
        if not self.low < self.high or (self.log and self.low <= 0):
            raise ValueError(
                "An interval is written LOW..HIGH with LOW below HIGH, and "
                f"above 0 with :log. Received: {self}."
            )

    @classmethod
    def read(cls, name, text):
        """Reads LOW..HIGH or LOW..HIGH:log.

        Args:
            name: String, the dotted name of the option that it is of.
            text: String.
        """
        whole = isinstance(OPTIONS[name].kind, Int)
        numbers, colon, way = text.strip().partition(":")
        try:
            if colon and way != "log":
                raise ValueError(way)
            low, high = map(int if whole else float, numbers.split(".."))
        except ValueError:
            raise ValueError(
                "An interval is written LOW..HIGH or LOW..HIGH:log, in whole "
                f"numbers where the option is one. Received: {name}={text}."
            ) from None
        return cls(low, high, bool(colon))

    def __str__(self):
        return f"{self.low:g}..{self.high:g}{':log' * self.log}"
