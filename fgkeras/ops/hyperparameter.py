"""What a hyperparameter may be, said once and checked wherever it is given."""

import dataclasses
import math
import numbers

import numpy as np


@dataclasses.dataclass(frozen=True)
class Number:
    """A number within a range.

    Use it for each number that shapes a loss or a miner: the function checks
    it at the call, the class around the function at construction.

    Args:
        above: Float that the number must exceed, or `None`.
        least: Float that the number may not fall below, or `None`.
        below: Float that the number must stay under, or `None`.
        most: Float that the number may not exceed, or `None`.
        whole: Bool, whether fractions are refused. Defaults to `False`.
        infinite: Bool, whether infinity is a value. Defaults to `False`.
        optional: Bool, whether `None` is a value. Defaults to `False`.
        hint: String, the way out, for the message.

    Example:
    >>> Number(above=0, most=1).checked("fraction", 1)
    1.0
    """

    above: float | None = None
    least: float | None = None
    below: float | None = None
    most: float | None = None
    whole: bool = False
    infinite: bool = False
    optional: bool = False
    hint: str = "Leave it out for the default."

    def __str__(self):
        kind = "a whole number" if self.whole else "a number"
        low = self.least if self.above is None else self.above
        high = self.most if self.below is None else self.below
        if low is not None and high is not None:
            ends = "[" if self.above is None else "("
            close = "]" if self.below is None else ")"
            kind += f" in {ends}{low}, {high}{close}"
        elif low is not None:
            kind += f" {'at least' if self.above is None else 'above'} {low}"
        return kind + (", or None" if self.optional else "")

    def checked(self, name, value):
        """Returns `value` as Python number, or raises `ValueError`."""
        if value is None and self.optional:
            return None
        if not self._holds(value):
            shown = value.item() if isinstance(value, np.generic) else value
            raise ValueError(
                f"`{name}` must be {self}. Received: {name}={shown!r}. "
                f"{self.hint}"
            )
        return int(value) if self.whole else float(value)

    def _holds(self, value):
        # To Python, a truth value is a number.
        if not isinstance(value, numbers.Real) or isinstance(value, bool):
            return False
        if math.isnan(value) or (math.isinf(value) and not self.infinite):
            return False
        return (
            (self.above is None or value > self.above)
            and (self.least is None or value >= self.least)
            and (self.below is None or value < self.below)
            and (self.most is None or value <= self.most)
            and (not self.whole or value == math.floor(value))
        )


@dataclasses.dataclass(frozen=True)
class Choice:
    """One of several words.

    Args:
        words: Tuple of strings.

    Example:
    >>> Choice(("paper", "softmax")).checked("form", "paper")
    'paper'
    """

    words: tuple

    def checked(self, name, value):
        """Returns `value`, or raises `ValueError`."""
        if not isinstance(value, str) or value not in self.words:
            raise ValueError(
                f"`{name}` must be one of {', '.join(self.words)}. Received: "
                f"{name}={value!r}."
            )
        return value


@dataclasses.dataclass(frozen=True)
class OneOrMore:
    """A number, or a list of such.

    Args:
        number: `Number`, what each is.

    Example:
    >>> OneOrMore(Number(above=0)).checked("fraction", (0.5, 1))
    [0.5, 1.0]
    """

    number: Number

    def checked(self, name, value):
        """Returns a number or a list of them, or raises `ValueError`."""
        if isinstance(value, list | tuple | np.ndarray) and np.size(value):
            return [self.number.checked(name, one) for one in value]
        return self.number.checked(name, value)


@dataclasses.dataclass(frozen=True)
class Flag:
    """`True` or `False`.

    Example:
    >>> Flag().checked("squared", True)
    True
    """

    def checked(self, name, value):
        """Returns `value` as bool, or raises `ValueError`."""
        if not isinstance(value, bool | np.bool_):
            raise ValueError(
                f"`{name}` must be True or False. Received: {name}={value!r}."
            )
        return bool(value)
