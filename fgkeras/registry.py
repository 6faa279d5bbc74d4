"""Names to things that are imported when they are asked for."""

import dataclasses
import difflib
import importlib


@dataclasses.dataclass(frozen=True)
class Entry:
    """One line of a registry.

    Args:
        target: String, `"package.module:Name"`, or the thing itself.
        options: Tuple of strings, the names of what it can be given.
        facts: Dict of what else is known without importing it.
    """

    target: object
    options: tuple = ()
    facts: dict = dataclasses.field(default_factory=dict)


class Registry:
    """What there is of one kind, by name; listing imports nothing.

    Args:
        what: String, one of the kind, such as `"backbone"`.
        entries: Dict of name to `Entry`.

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

    def __init__(self, what, entries):
        self.what = what
        self._entries = dict(entries)

    def names(self):
        """Returns all names, a tuple, in the order they were listed."""
        return tuple(self._entries)

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

    def load(self, name):
        """Imports what a name stands for, its one module, and returns it.

        Raises:
            ValueError: If there is no such name.
        """
        return imported(self[name].target)

    def register(self, name, target, **facts):
        """Adds a name for as long as the process lives.

        Args:
            name: String.
            target: `"package.module:Name"`, or the thing itself.
            **facts: What else is known of it.

        Raises:
            ValueError: If the name is taken.
        """
        if name in self._entries:
            raise ValueError(
                f"A {self.what} has a name of its own. Received: {name!r}, "
                "which is taken. Choose another."
            )
        self._entries[name] = Entry(target, facts=facts)


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
