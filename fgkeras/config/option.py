"""One option of a run: the one place where it is declared."""

import dataclasses
import difflib
import typing

from fgkeras.config.kinds import Kind

AUTO = "auto"


def always(config):
    """Every run uses the option."""
    del config
    return True


@dataclasses.dataclass(frozen=True)
class Used:
    """When a run uses an option.

    Args:
        when: Function of a resolved `Config`, that returns a bool.
        words: String that says when, as in "with --mode finetune".
    """

    when: typing.Any
    words: str
    also: "Used | None" = None

    def __call__(self, config):
        return self.unmet(config) is None

    def __and__(self, other):
        """Returns the condition that both are met."""
        if self.also is not None:
            other = self.also & other
        return Used(self.when, self.words, other)

    @property
    def all_words(self):
        """All conditions in words."""
        more = f", {self.also.all_words}" if self.also else ""
        return self.words + more

    def unmet(self, config):
        """Returns the words of the first condition not met, or `None`."""
        if not self.when(config):
            return self.words
        return self.also and self.also.unmet(config)


@dataclasses.dataclass(frozen=True)
class Option:
    """What there is to know of one option of a run.

    Lists, `--help`, checks and the reference are made of it.

    Args:
        kind: `Kind` of its values.
        default: The value, or `AUTO`: the rest of the config decides.
        meaning: String, a few words.
        unit: String. Defaults to none.
        flag: String, such as `"--beta"`, where it has one.
        used: `Used`, or `always`.

    Example:

    >>> from fgkeras.config import OPTIONS
    >>> beta = OPTIONS["loss.beta"]
    >>> beta.flag, beta.read("loss.beta", "0.99")
    ('--beta', 0.99)
    >>> OPTIONS["train.epochs"].read("train.epochs", 0)
    Traceback (most recent call last):
    ...
    ValueError: `train.epochs` must be at least 1. Received: train.epochs=0.
    """

    kind: Kind
    default: object
    meaning: str
    unit: str = ""
    flag: str = ""
    used: typing.Any = always

    def read(self, name, value):
        """Returns a value in its own type.

        Args:
            name: String, the option's dotted name, for the message.
            value: What was asked.

        Raises:
            ValueError: With the rule that it breaks.
        """
        if self.default == AUTO and value == AUTO:
            return AUTO
        try:
            return self.kind.read(value)
        except ValueError as error:
            raise ValueError(
                f"`{name}` must {error}. Received: {name}={value!r}."
            ) from None


def unknown_option(name, value, options):
    """Says which options a wrong name may have meant.

    Args:
        name: String, the dotted name that was asked for.
        value: What was asked.
        options: Dict of dotted name to `Option`.
    """
    last = name.split(".")[-1]
    near = [n for n in options if n.split(".")[-1] == last]
    near = near or difflib.get_close_matches(name, list(options), 3, 0.7)
    section = name.split(".")[0] + "."
    inside = [n for n in options if n.startswith(section)]
    way = f"Options: {', '.join(inside or options)}."
    if near:
        way = f"Did you mean {' or '.join(near)}?"
    return f"Unknown option. Received: {name}={value!r}. {way}"
