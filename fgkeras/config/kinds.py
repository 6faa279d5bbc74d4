"""What the value of an option may be: read from text or refused."""

import dataclasses
import typing

from fgkeras.data.spec import cut_forms
from fgkeras.data.spec import parse_cut
from fgkeras.registries import SOURCES

# Of 32 bits, which counters and weights have.
_LARGEST = 2**32 - 1
_FLOAT32 = 3.4e38
_WORDS = {"true": True, "yes": True, "false": False, "no": False}


class Kind:
    """What a value may be."""

    def read(self, value):
        """Returns the value in its own type.

        Raises:
            ValueError: Saying the rule, as in "be at least 1".
        """
        raise TypeError(f"{type(self).__name__} does not define `read`.")

    def __str__(self):
        return ""


@dataclasses.dataclass(frozen=True)
class Int(Kind):
    """A whole number from `low` to `high`; `None` is that of 32 bits."""

    low: int | None = None
    high: int | None = None

    def read(self, value):
        try:
            number = int(value)
            whole = not isinstance(value, (bool, float)) or number == value
        except (TypeError, ValueError, OverflowError):
            raise ValueError("be a whole number") from None
        if not whole or isinstance(value, bool):
            raise ValueError("be a whole number")
        if self.low is not None and number < self.low:
            raise ValueError(f"be at least {self.low}")
        high = _LARGEST if self.high is None else self.high
        if number > high:
            raise ValueError(f"be at most {high}")
        return number

    def __str__(self):
        if self.low is None:
            return "whole number"
        if self.high is None:
            return f"whole number, at least {self.low}"
        return f"whole number from {self.low} to {self.high}"


@dataclasses.dataclass(frozen=True)
class Float(Kind):
    """A finite number in an interval.

    Args:
        low: Float or `None`.
        high: Float or `None`.
        open: String of `"low"`, `"high"` or both: ends that are left out.
    """

    low: float | None = None
    high: float | None = None
    open: str = ""

    def read(self, value):
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = None
        if number is None or isinstance(value, bool):
            raise ValueError("be a number")
        if not abs(number) <= _FLOAT32:
            raise ValueError("be finite, also in 32 bits")
        low = self.low is None or (
            number > self.low if "low" in self.open else number >= self.low
        )
        high = self.high is None or (
            number < self.high if "high" in self.open else number <= self.high
        )
        if not (low and high):
            raise ValueError(self._rule())
        return number

    def _rule(self):
        if self.high is None:
            word = "above" if "low" in self.open else "at least"
            return f"be {word} {self.low:g}"
        return f"lie in {self._interval()}"

    def _interval(self):
        left = "(" if "low" in self.open else "["
        right = ")" if "high" in self.open else "]"
        return f"{left}{self.low:g}, {self.high:g}{right}"

    def __str__(self):
        if self.low is None:
            return "number"
        if self.high is None:
            return f"number, {self._rule().removeprefix('be ')}"
        return f"number in {self._interval()}"


@dataclasses.dataclass(frozen=True)
class Flag(Kind):
    """Yes or no, also written true or false."""

    def read(self, value):
        if isinstance(value, bool):
            return value
        if str(value).lower() not in _WORDS:
            raise ValueError("be yes or no")
        return _WORDS[str(value).lower()]

    def __str__(self):
        return "yes or no"


@dataclasses.dataclass(frozen=True)
class Text(Kind):
    """Any text.

    Args:
        check: `None`, or a function that raises `ValueError` for text that
            means nothing.
        form: String that shows what is meant. Defaults to `"text"`.
    """

    check: typing.Any = None
    form: str = "text"

    def read(self, value):
        if not isinstance(value, (str, int, float)) or isinstance(value, bool):
            raise ValueError("be text")
        if self.check is not None and str(value):
            try:
                self.check(str(value))
            except ValueError:
                raise ValueError(f"be written {self}") from None
        return str(value)

    def __str__(self):
        return self.form


@dataclasses.dataclass(frozen=True)
class Choice(Kind):
    """One of some names.

    Args:
        names: Tuple of strings, a `Registry`, or a function that returns one
            of them, called when it is needed.
    """

    names: typing.Any

    def all(self):
        """Returns the names, a tuple."""
        names = self.names() if callable(self.names) else self.names
        return tuple(getattr(names, "names", lambda: names)())

    def read(self, value):
        if str(value) not in self.all():
            raise ValueError(f"be one of {', '.join(self.all())}")
        return str(value)

    def __str__(self):
        return ", ".join(self.all())


class Spec(Text):
    """What opens a source of images, such as `folder:photos`."""

    def __str__(self):
        return " ".join(f"{kind}:" for kind in SOURCES.names())


class Cut(Text):
    """What cuts a source, such as `exponential:100`."""

    def __init__(self):
        super().__init__(parse_cut)

    def __str__(self):
        return cut_forms()


class File(Text):
    """The path of a file."""

    def __init__(self):
        super().__init__(None, "path")


@dataclasses.dataclass(frozen=True)
class ListOf(Kind):
    """Several values, written `a,b` or `[a,b]`; or with another `between`."""

    kind: Kind
    between: str = ","

    def read(self, value):
        if isinstance(value, str):
            inner = value.strip().removeprefix("[").removesuffix("]")
            value = inner.split(self.between) if inner.strip() else []
        if not isinstance(value, (list, tuple)):
            raise ValueError("be a list")
        return [
            self.kind.read(v.strip() if isinstance(v, str) else v)
            for v in value
        ]

    def __str__(self):
        joined = f" with {self.between} between" if self.between != "," else ""
        return f"list of {self.kind}{joined}"


@dataclasses.dataclass(frozen=True)
class Named(Kind):
    """A value for some of several names, written `a:1+b:2`.

    Args:
        kind: `Kind` of each value.
        names: Tuple of strings.
    """

    kind: Kind
    names: tuple

    def read(self, value):
        parts = value
        if isinstance(value, str):
            parts = [part.partition(":")[::2] for part in value.split("+")]
            parts = [(name.strip(), number) for name, number in parts]
        found = dict(parts)
        if len(found) < len(parts) or not set(found) <= set(self.names):
            raise ValueError(f"be written {self}")
        return {name: self.kind.read(number) for name, number in found.items()}

    def __str__(self):
        forms = "+".join(f"{name}:X" for name in self.names[:2])
        return f"{forms}, any of {', '.join(self.names)}, each a {self.kind}"


class Limits(ListOf):
    """One or two rising whole numbers, such as `20,100`."""

    def __init__(self):
        super().__init__(Int(1))

    def read(self, value):
        whole = not isinstance(value, bool) and isinstance(value, int)
        found = super().read([value] if whole else value)
        if not 1 <= len(found) <= 2 or found != sorted(set(found)):
            raise ValueError("be one or two rising whole numbers")
        return found

    def __str__(self):
        return "LIMIT or LOW,HIGH"


class Globs(Kind):
    """Globs of files, written `a,b`; brackets belong to a glob."""

    def read(self, value):
        if isinstance(value, str):
            value = value.split(",") if value.strip() else []
        if not isinstance(value, (list, tuple)):
            raise ValueError("be globs with commas between them")
        globs = [glob.strip() for glob in value if isinstance(glob, str)]
        if len(globs) < len(value) or not all(globs):
            raise ValueError("be globs with commas between them, none empty")
        return globs

    def __str__(self):
        return "GLOB,GLOB"


@dataclasses.dataclass(frozen=True)
class OneOf(Kind):
    """What the first of several kinds takes.

    Args:
        kinds: Tuple of `Kind`.
    """

    kinds: tuple

    def read(self, value):
        rules = []
        for kind in self.kinds:
            try:
                return kind.read(value)
            except ValueError as error:
                rules.append(str(error))
        raise ValueError(" or ".join(dict.fromkeys(rules)))

    def __str__(self):
        return "; or ".join(str(kind) for kind in self.kinds)
