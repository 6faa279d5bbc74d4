"""A page for each package: its public names, signatures and docstrings."""

import importlib
import inspect

from docstrings import markdown

import fgkeras

_KINDS = {
    classmethod: "classmethod",
    property: "property",
    staticmethod: "staticmethod",
}


def packages():
    """Names of fgkeras and of its packages that offer something."""
    found = ["fgkeras"]
    for name in fgkeras.__all__:
        if inspect.ismodule(getattr(fgkeras, name)):
            found.append(f"fgkeras.{name}")
    return [name for name in found if public_names(name)]


def public_names(package):
    """Names that a package offers, small and capital letters together.

    Those of fgkeras itself that are packages have pages of their own.
    """
    module = importlib.import_module(package)
    names = sorted(getattr(module, "__all__", ()), key=str.lower)
    return [
        name
        for name in names
        if not name.startswith("__")
        and not inspect.ismodule(getattr(module, name))
    ]


def page(package):
    """Returns the page of a package."""
    module = importlib.import_module(package)
    head = [f"# {package}", markdown(module.__doc__)]
    return "\n\n".join(
        [*head, *(entry(package, name) for name in public_names(package))]
    )


def entry(package, name):
    """One public name: what it is, or the package where it is described."""
    path = f"{package}.{name}"
    value = getattr(importlib.import_module(package), name)
    module = str(getattr(value, "__module__", ""))
    if not callable(value) or not module.startswith("fgkeras."):
        return directive("data", path, constant(value))
    home = ".".join(module.split(".")[:2])
    if home != package and name in public_names(home):
        text = f"The same as {{py:obj}}`{home}.{name}`."
        return directive("data", path, text)
    if inspect.isclass(value):
        return class_entry(path, value)
    return directive(
        "function", path + signature(value), markdown(value.__doc__)
    )


def class_entry(path, value):
    """A class, with those of its methods that say something."""
    parts = [markdown(value.__doc__)]
    fields = getattr(value, "_fields", ())
    fields = getattr(value, "__dataclass_fields__", fields)
    for name, member in vars(value).items():
        of = getattr(member, "__func__", member)
        kind = _KINDS.get(type(member), "method")
        plain = isinstance(of, property) or inspect.isfunction(of)
        if name.startswith("_") or name in fields or not plain:
            continue
        if not of.__doc__:
            continue
        bound = kind != "staticmethod"
        shown = "" if kind == "property" else signature(of, bound=bound)
        parts.append(directive(kind, name + shown, markdown(of.__doc__)))
    return directive(
        "class", path + signature(value), "\n\n".join(parts), "````"
    )


def signature(value, *, bound=False):
    """Returns `(a, b=1)`, without annotations, as a user calls it."""
    own = inspect.isclass(value) and not hasattr(value, "_fields")
    called = inspect.signature(value.__init__ if own else value)
    parameters = [
        p.replace(annotation=p.empty, default=_shown(p.default))
        for p in called.parameters.values()
    ][own or bound :]
    return str(inspect.Signature(parameters))


class _Text:
    """A default that is shown by a name."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text


def _shown(default):
    """A default as text; a function or an object by its name."""
    if default is inspect.Parameter.empty or not repr(default).startswith("<"):
        return default
    return _Text(getattr(default, "__name__", type(default).__name__))


def constant(value):
    """What there is to say of a constant."""
    if isinstance(value, str):
        return f"The constant `{value!r}`."
    if not hasattr(value, "__iter__"):
        return f"A `{type(value).__name__}`. {markdown(inspect.getdoc(value))}"
    names = ", ".join(f"`{key}`" for key in value)
    return f"A `{type(value).__name__}` of {len(value)}: {names}."


def directive(kind, title, text, fence="```"):
    """Returns an entry that other pages can point to."""
    # A fence is longer than those inside of it.
    while f"\n{fence}" in text:
        fence += "`"
    return f"{fence}{{py:{kind}}} {title}\n\n{text}\n{fence}"
