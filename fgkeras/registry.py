"""Names to things that are imported when they are asked for."""

import dataclasses
import difflib
import importlib


@dataclasses.dataclass(frozen=True)
class Entry:
    """One line of a registry.

    Args:
        target: String, `"package.module:Name"`, or the thing itself.
        options: Names of what it can be given: a tuple of strings, or a dict
            of name to default where defaults count before it is imported.
        facts: Dict of what else is known without importing it.
    """

    target: object
    options: tuple | dict = ()
    facts: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Fact:
    """What is known of every entry of a registry.

    Args:
        default: What holds where an entry does not say.
        choices: Tuple of the values there are; empty: any.
    """

    default: object
    choices: tuple = ()


class Registry:
    """What there is of one kind, by name; listing imports nothing.

    Args:
        what: String, one of the kind, such as `"backbone"`.
        entries: Dict of name to `Entry`.
        options: Tuple of strings, the options that an entry may list; `None`
            (default) for any.
        facts: Dict of name to `Fact`, what an entry may say; `None` (default)
            for anything.

    Raises:
        ValueError: If an entry says or lists what there is not.

    Example:

    >>> shapes = Registry("shape", {"circle": Entry("math:pi")})
    >>> shapes.names()
    ('circle',)
    >>> round(shapes.load("circle"), 3)
    3.142
    >>> shapes.load("circel")
    Traceback (most recent call last):
    ...
    ValueError: A shape is one of circle. Received: 'circel'. Did you mean \
circle?
    """

    def __init__(self, what, entries, *, options=None, facts=None):
        self.what = what
        self.options, self.facts = options, facts
        self._entries = dict(entries)
        for name, entry in self._entries.items():
            self._check(name, entry)

    def names(self):
        """Returns all names, a tuple, in the order they were listed."""
        return tuple(self._entries)

    def __repr__(self):
        return f"<Registry of {len(self)} kinds of {self.what}>"

    def __len__(self):
        return len(self._entries)

    def __iter__(self):
        return iter(self._entries)

    def __contains__(self, name):
        return name in self._entries

    def __getitem__(self, name):
        """Returns the `Entry` of a name, or says which ones there are."""
        if name not in self._entries:
            near = difflib.get_close_matches(str(name), self.names(), 3, 0.6)
            way = f" Did you mean {' or '.join(near)}?" if near else ""
            raise ValueError(
                f"A {self.what} is one of {', '.join(self.names())}. "
                f"Received: {name!r}.{way}"
            )
        return self._entries[name]

    def fact(self, name, fact):
        """Returns what is known of a name, without importing it.

        Raises:
            ValueError: If there is no such name.
        """
        return self[name].facts.get(fact, self.facts[fact].default)

    def taking(self, option):
        """Returns the names that can be given an option, a tuple."""
        return tuple(n for n, e in self._entries.items() if option in e.options)

    def load(self, name):
        """Imports what a name stands for, its one module, and returns it.

        Raises:
            ValueError: If there is no such name.
        """
        return imported(self[name].target)

    def register(self, name, target, options=(), **facts):
        """Adds a name for as long as the process lives.

        Args:
            name: String.
            target: `"package.module:Name"`, or the thing itself.
            options: Names of what it can be given, as in `Entry`.
            **facts: What else is known of it.

        Raises:
            ValueError: If the name is taken or no plain word, or there is no
                such option or fact.
        """
        if (
            not isinstance(name, str)
            or not name.replace("-", "_").isidentifier()
        ):
            raise ValueError(
                f"The name of a {self.what} is one word of letters, digits, _ "
                f"and -. Received: name={name!r}."
            )
        if name in self._entries:
            raise ValueError(
                f"A {self.what} has a name of its own. Received: {name!r}, "
                "which is taken. Choose another."
            )
        entry = Entry(target, options, facts)
        self._check(name, entry)
        self._entries[name] = entry

    def _check(self, name, entry):
        start = f"The {self.what} {name!r}"
        if self.options is not None:
            unknown = sorted({*entry.options} - {*self.options})
            if unknown:
                raise ValueError(
                    f"{start} may take some of {', '.join(self.options)}. "
                    f"Received: options {', '.join(unknown)}."
                )
        for key, value in entry.facts.items() if self.facts is not None else ():
            known = self.facts.get(key)
            if known is None:
                raise ValueError(
                    f"{start} may say {', '.join(self.facts) or 'nothing'} of "
                    f"itself. Received: {key}={value!r}."
                )
            if known.choices and value not in known.choices:
                raise ValueError(
                    f"`{key}` of {start[4:]} must be one of "
                    f"{', '.join(map(repr, known.choices))}. Received: "
                    f"{key}={value!r}."
                )


def public_names(package, *registries):
    """Imports what registries name in a package.

    Args:
        package: String, such as `"fgkeras.losses"`.
        *registries: Each a `Registry`.

    Returns:
        Dict of name to thing: of each module that is named the class, and the
        function that is called as the module.
    """
    out = {}
    for registry in registries:
        for name in registry.names():
            target = registry[name].target
            if not str(target).startswith(f"{package}."):
                continue
            place, _, thing = target.partition(":")
            module = importlib.import_module(place)
            stem = place.rpartition(".")[2]
            for public in (thing, stem):
                if hasattr(module, public):
                    out[public] = getattr(module, public)
    return out


def imported(target):
    """Returns what `"package.module:Name"` names; anything else as it is.

    Raises:
        ValueError: If there is no such module or name.
    """
    if not isinstance(target, str):
        return target
    module, colon, name = target.partition(":")
    if not colon or not module or not name:
        raise ValueError(
            "What to import is written MODULE:NAME. Received: "
            f"{target!r}. Write for example mymodels:make_body."
        )
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name and not f"{module}.".startswith(f"{error.name}."):
            raise  # The module is there; something that it imports is not.
        raise ValueError(
            f"The module of {target!r} must be importable. Received: "
            f"{module!r}, which is not found. Run where it lies, or set "
            "PYTHONPATH."
        ) from error
    if not hasattr(found, name):
        raise ValueError(
            f"The module must have the name that is asked for. Received: "
            f"{target!r}; {module} has no {name!r}."
        )
    return getattr(found, name)
