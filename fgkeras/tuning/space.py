"""What a sweep goes over: options of a run, and the values of each."""

import itertools
import json
import math

from fgkeras.config import OPTIONS
from fgkeras.config import Config
from fgkeras.config.kinds import Float
from fgkeras.config.kinds import Int
from fgkeras.config.kinds import OneOf
from fgkeras.config.stages import is_staged
from fgkeras.tuning.interval import Interval

# Cui, 2019, chapter 5: the losses, and what they are weighted and focused by.
THESIS = (
    "loss=softmax,sigmoid,focal",
    "beta=0,0.9,0.99,0.999,0.9999",
    "gamma=0.5,1,2",
)
# As many trials are looked at before the first one starts.
MOST = 10_000
# What would make trials answer for other images, or be repeats of another.
_SAME = {
    "seed": "Repeat every trial with --seeds instead.",
    "evaluation.folds": "Repeat every trial with --folds instead.",
    **dict.fromkeys(
        (
            "data.source",
            "data.label_column",
            "data.train_split",
            "data.test_split",
            "data.holdout",
            "data.cut",
            "data.val_share",
            "data.val_fold",
            "data.skip_bad",
            "data.ignore",
            "data.classes",
            "data.test_source",
            "data.test_classes",
        ),
        "Sweep each set of images in a folder of its own.",
    ),
}


class Space:
    """Options and the values that a sweep tries of each.

    Use it to turn what was typed after `--over` into the trials of a sweep.
    An option that a trial's other options leave without use is dropped, so
    that trials which differ in it alone are one trial.

    Args:
        config: `Config` that all trials share.
        over: Dict of dotted name to a list of values, or an `Interval`.

    Attributes:
        over: The same, read.

    Raises:
        ValueError: If a name or a value is none, options do not go together
            in a trial, or no trial uses one of them.

    Example:

    >>> config = Config.read(changes={"data.source": "flora:"})
    >>> space = Space.read(config, ["loss=softmax,focal", "gamma=1,2"])
    >>> [space.changes(values) for values in space.grid()]
    [{'loss.name': 'softmax'}, {'loss.name': 'focal', 'loss.gamma': 1.0}, \
{'loss.name': 'focal', 'loss.gamma': 2.0}]
    """

    def __init__(self, config, over):
        self.config, self.over = config, dict(over)
        if not self.over:
            raise ValueError(
                "A sweep goes over at least one option. Received: none. Write "
                "for example --over beta=0,0.9,0.99."
            )
        self.first = {
            name: values.low if isinstance(values, Interval) else values[0]
            for name, values in self.over.items()
        }
        for name in self.over:
            if name in config.asked:
                raise ValueError(
                    "An option is set for all trials or gone over. Received: "
                    f"{name}={config.asked[name]!r} and --over {name}. Leave "
                    "one out."
                )
        self._known = {}
        self._check()

    @classmethod
    def read(cls, config, texts=THESIS):
        """Reads texts such as `"beta=0,0.9"`, flags or dotted names.

        Args:
            config: `Config` that all trials share.
            texts: Sequence of strings, NAME=VALUE,VALUE or NAME=LOW..HIGH,
                with `:log` behind it to draw orders of magnitude. Defaults to
                the space of the thesis.
        """
        over = {}
        for text in texts:
            name, equals, values = text.partition("=")
            name = _dotted(name.strip())
            if not equals or not values.strip():
                raise ValueError(
                    "What a sweep goes over is written NAME=VALUE,VALUE. "
                    f"Received: {text!r}. Write for example beta=0,0.9,0.99."
                )
            if name in over:
                raise ValueError(
                    "A sweep names each option once. Received: "
                    f"{name} twice. Write all of its values together."
                )
            over[name] = _values(name, values)
        return cls(config, over)

    @property
    def size(self):
        """How many trials there are; infinite with an interval."""
        return math.inf if self._trials is None else len(self._trials)

    def grid(self):
        """Returns the values of all trials, a list of dicts.

        Raises:
            ValueError: If there are too many, or infinitely many.
        """
        if self._trials is None:
            raise ValueError(
                "A grid goes over lists of values, and at most "
                f"{MOST:,} trials. Received: {self._raw()}. Take "
                "--search random or fewer values."
            )
        return [dict(values) for values in self._trials]

    def canonical(self, values):
        """Returns the values of the trial that these values come to.

        Args:
            values: Dict of dotted name to value.

        Returns:
            Dict with the first value of each option that is not used.
        """
        used = self.changes(values)
        return {name: used.get(name, self.first[name]) for name in self.over}

    def changes(self, values):
        """Returns what a trial sets, a dict of the options that it uses.

        Args:
            values: Dict of dotted name to value, one for each option.
        """
        values = {name: values[name] for name in self.over}
        key = json.dumps(list(values.values()))
        if key not in self._known:
            self._known[key] = self._unused(values)
        left = self._known[key]
        return {n: v for n, v in values.items() if n not in left}

    def trial_config(self, values):
        """Returns the `Config` of a trial.

        Args:
            values: Dict of dotted name to value, one for each option.

        Raises:
            ValueError: If its options do not go together.
        """
        changes = self.changes(values)
        key = json.dumps([values[name] for name in self.over])
        left = self._known[key]
        asked = {n: v for n, v in self.config.asked.items() if n not in left}
        return Config({**asked, **changes})

    def describe(self, values):
        """Returns the trial in words, such as `"loss.name=focal"`."""
        return _words(self.changes(values))

    def as_json(self):
        """Returns what a sweep stores of its space, a dict."""
        return {
            name: str(v) if isinstance(v, Interval) else list(v)
            for name, v in self.over.items()
        }

    def _unused(self, values):
        """Names of what was asked or is swept and a trial does not use."""
        asked = {**self.config.asked, **values}
        names = [name for name in asked if not is_staged(name)]
        try:
            used = Config(asked).resolved(also=names).used()
        except ValueError as error:
            raise _refused(values, error) from error
        return {name for name in names if name not in used}

    def _raw(self):
        counts = [
            str(v) if isinstance(v, Interval) else f"{len(v)} values"
            for v in self.over.values()
        ]
        return ", ".join(
            f"{name}: {count}"
            for name, count in zip(self.over, counts, strict=True)
        )

    def _check(self):
        """Makes every trial's config once, before the first one starts."""
        lists = [
            [v.low, v.high] if isinstance(v, Interval) else list(v)
            for v in self.over.values()
        ]
        finite = not any(isinstance(v, Interval) for v in self.over.values())
        count = math.prod(len(values) for values in lists)
        if count <= MOST:
            rows = itertools.product(*lists)
        else:
            finite = False
            # One option after the other, the others at their first value.
            firsts = [values[0] for values in lists]
            rows = (
                [*firsts[:i], value, *firsts[i + 1 :]]
                for i, values in enumerate(lists)
                for value in values
            )
        trials, used = {}, set()
        for row in rows:
            values = self.canonical(dict(zip(self.over, row, strict=True)))
            key = json.dumps(list(values.values()))
            if key in trials:
                continue
            trials[key] = values
            config = self.trial_config(values)
            used.update(config.asked)
            try:
                config.resolved()
            except ValueError as error:
                raise _refused(self.changes(values), error) from error
        self._trials = list(trials.values()) if finite else None
        for name in (*self.over, *self.config.asked):
            if name not in used:
                raise ValueError(
                    f"`{name}` does nothing in any trial of this sweep. "
                    f"Received: {name}={self._said(name)}. Leave it out."
                )

    def _said(self, name):
        return self.as_json().get(name, self.config.asked.get(name))


def _words(values):
    return " ".join(f"{name}={value}" for name, value in values.items())


def _refused(values, error):
    return ValueError(f"A trial cannot be trained, {_words(values)}: {error}")


def _dotted(name):
    """The dotted name of an option by its flag, or as it is."""
    name = name.removeprefix("--")
    flags = {o.flag.removeprefix("--"): n for n, o in OPTIONS.items() if o.flag}
    return flags.get(name, name)


def _values(name, text):
    if name in _SAME or name.startswith("evaluation."):
        raise ValueError(
            "All trials of a sweep answer for the same images. Received: "
            f"--over {name}={text}. {_SAME.get(name, 'Leave it out.')}"
        )
    if ".." in text and not is_staged(name) and _is_number(name):
        interval = Interval.read(name, text)
        for end in (interval.low, interval.high):
            Config().with_options({name: end})
        return interval
    out = []
    for part in _parts(text):
        asked = Config().with_options({name: part}).asked
        (value,) = asked.values()
        if value in out:
            raise ValueError(
                "A sweep tries each value once. Received: "
                f"--over {name}={text}, with {part} twice."
            )
        out.append(value)
    return out


def _is_number(name):
    kind = OPTIONS[name].kind if name in OPTIONS else None
    kinds = kind.kinds if isinstance(kind, OneOf) else (kind,)
    return any(isinstance(k, (Int, Float)) for k in kinds)


def _parts(text):
    """Cuts at commas that stand in no brackets.

    >>> _parts("[10,20],[15]")
    ['[10,20]', '[15]']
    """
    out, depth, start = [], 0, 0
    for i, sign in enumerate(text):
        depth += (sign == "[") - (sign == "]")
        if sign == "," and depth <= 0:
            out.append(text[start:i].strip())
            start = i + 1
    return [*out, text[start:].strip()]
