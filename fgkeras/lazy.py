"""Packages whose names are imported when they are first asked for."""

import importlib
import sys
import types


def make_lazy(package, places):
    """Lets a package import its public names one by one, on demand.

    Use it in an `__init__.py` where importing all of it at once is slow, and
    what uses a part should not wait for the rest. A name may be that of the
    module it stands in: the package goes on to show the object.

    Args:
        package: String, `__name__` of the package.
        places: Dict of public name to the module that has it.

    Example:

    >>> module = types.ModuleType("shapes")
    >>> sys.modules["shapes"] = module
    >>> make_lazy("shapes", {"pi": "math"})
    >>> module.pi > 3, dir(module)[-1]
    (True, 'pi')
    """

    class Package(types.ModuleType):
        def __getattr__(self, name):
            if name not in places:
                raise AttributeError(f"module {package!r} has no {name!r}")
            found = getattr(importlib.import_module(places[name]), name)
            self.__dict__[name] = found
            return found

        def __setattr__(self, name, value):
            # A module of a public name's own does not take its place.
            if not (name in places and isinstance(value, types.ModuleType)):
                super().__setattr__(name, value)

        def __dir__(self):
            return sorted({*super().__dir__(), *places})

    sys.modules[package].__class__ = Package
