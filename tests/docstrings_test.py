"""Examples in docstrings are typed by users: they do what they say."""

import ast
import doctest
import importlib
import inspect
import pathlib
import re

import numpy as np
import pytest

PACKAGE = pathlib.Path(__file__).parents[1] / "fgkeras"
PACKAGES = sorted(p.parent.name for p in PACKAGE.glob("*/__init__.py"))


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_examples(package, tmp_path, monkeypatch):
    # Examples of one package share a folder: where one has trained, the same
    # training of another has ended.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    attempted, failed = 0, []
    for path in sorted((PACKAGE / package).rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        module = importlib.import_module(
            ".".join(parts).removesuffix(".__init__")
        )
        result = doctest.testmod(
            module,
            extraglobs={"np": np},
            optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS,
        )
        attempted += result.attempted
        if result.failed:
            failed.append(module.__name__)
    assert not failed
    if package != "cli":
        assert attempted > 0


def shown(module):
    """Yields `(name, thing)` of the functions and classes a module shows."""
    usual = [name for name in dir(module) if not name.startswith("_")]
    for name in getattr(module, "__all__", usual):
        thing = getattr(module, name)
        ours = str(getattr(thing, "__module__", "")).startswith("fgkeras")
        if ours and (inspect.isclass(thing) or inspect.isfunction(thing)):
            yield name, thing


def test_all_that_is_public_has_an_example():
    examples = doctest.DocTestParser().get_examples
    without, seen = [], 0
    for package in ("fgkeras", *(f"fgkeras.{name}" for name in PACKAGES)):
        for name, thing in shown(importlib.import_module(package)):
            seen += 1
            # Its own text: a class inherits that of its base.
            if not examples(thing.__doc__ or ""):
                without.append(f"{package}.{name}")
    assert not without, "\n".join(without)
    assert seen > 250


SAID_ONE_WAY = (
    "evaluation",
    "granularity",
    "layers",
    "losses",
    "mining",
    "suspects",
    "transfer",
)
# A word of type in its own form, or what else an argument may be.
TYPE = re.compile(
    r"(`|Int\b|Integer |Float\b|Bool\b|Boolean |String\b|Sequence |Tuple |List "
    r"|Dict |Tensor\b|Array|Callable |Function |NumPy |Initializer |One "
    r"|Base layer |Features |Matrix |The same|As in|What |Anything "
    r"|Embeddings |Logits |Cosines )"
)
LOOSE = re.compile(
    r"\b(int|real|bool) array\b|\b(int|float|ints) ?[<>]=?|\d\.\.\d|"
    r"Defaults to [\d\"]|\(the default\)|\bor None\b|\bNone or\b"
)


def described(package):
    """Yields `(where, object, {argument: text})` of all that has arguments."""
    for path in sorted((PACKAGE / package).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                continue
            text = ast.get_docstring(node) or ""
            found = re.search(r"^Args:\n((?:    .*\n|\n)*)", text + "\n", re.M)
            if found:
                entries = re.findall(
                    r"^    ([*\w, ]+): ((?:.|\n(?=     ))*)", found[1], re.M
                )
                yield f"{path.stem}.{node.name}", node, dict(entries)


def signature(node):
    """Names of the arguments, and which of them have a default to be said."""
    if isinstance(node, ast.ClassDef):
        node = next(
            (n for n in node.body if getattr(n, "name", "") == "__init__"), None
        )
    if node is None:
        return set(), set()
    given = node.args
    by_place = [*given.posonlyargs, *given.args]
    late = by_place[len(by_place) - len(given.defaults) :]
    pairs = [
        *zip(late, given.defaults, strict=True),
        *zip(given.kwonlyargs, given.kw_defaults, strict=True),
    ]
    said = {
        a.arg
        for a, default in pairs
        if default is not None and ast.unparse(default) != "None"
    }
    names = {a.arg for a in (*by_place, *given.kwonlyargs)} - {"self"}
    return names, said - {"reduction", "name"}


@pytest.mark.parametrize("package", SAID_ONE_WAY)
def test_arguments_are_said_one_way(package):
    wrong, seen = [], 0
    for where, node, entries in described(package):
        names, with_default = signature(node)
        seen += len(entries)
        wrong += [f"{where}: {n} is not said" for n in names - set(entries)]
        for name, text in entries.items():
            text = " ".join(text.split())
            if not TYPE.match(text) or LOOSE.search(text):
                wrong.append(f"{where}: {name}: {text}")
            if name in with_default and "Defaults to `" not in text:
                wrong.append(f"{where}: {name} has a default: {text}")
    assert not wrong, "\n".join(wrong)
    assert seen > 20
