"""Imports between packages point one way, and TensorFlow stays in its place.

The table is the architecture. Where a row proves wrong, the row and the code
change together, and the commit says why.
"""

import ast
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1] / "fgkeras"

# A row with a dot allows that one module of a package.
LIBRARY = {
    "storage": set(),
    "ops": set(),
    "layers": {"ops"},
    "mining": {"ops"},
    "evaluation": {"ops"},
    "transfer": {"ops"},
    "data": {"storage"},
    "losses": {"ops", "mining"},
    "granularity": {"ops", "evaluation"},
    "config": {"storage", "registry", "data.spec"},
    "models": {"storage", "ops", "layers", "losses", "mining"},
    "report": {"storage", "evaluation", "granularity"},
    "export": {"storage", "models", "data"},
    "training": {
        "storage", "ops", "layers", "losses", "mining", "models", "data",
        "evaluation",
    },
    "bootstrap": {"ops", "mining", "evaluation"},
}  # fmt: skip
TUNING = {**LIBRARY, "tuning": LIBRARY["training"] | {"training"}}
JOBS = {**TUNING, "jobs": {*TUNING, "registry"}}
# The command line calls jobs; a cheap verb may go straight to its package.
MAY_IMPORT = {**JOBS, "cli": set(JOBS)}

USES_TENSORFLOW = {"data", "training", "tuning", "export", "jobs", "cli"}
# Importing these packages must stay cheap: `--help` and listings use them.
CHEAP = ("cli", "config", "data", "models", "storage")


def modules():
    return sorted(p for p in ROOT.rglob("*.py") if p.parent != ROOT)


def package_of(path):
    return path.relative_to(ROOT).parts[0]


def imports_of(path):
    """Yields `(dotted name, whether it stands inside a function)`."""
    stack = [(ast.parse(path.read_text(encoding="utf-8")), False)]
    while stack:
        node, inside = stack.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, inside
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", inside
        is_function = isinstance(node, (ast.FunctionDef, ast.Lambda))
        for child in ast.iter_child_nodes(node):
            stack.append((child, inside or is_function))


def test_every_package_stands_in_the_table():
    unknown = {package_of(p) for p in modules()} - set(MAY_IMPORT)
    assert not unknown, f"add {sorted(unknown)} to the table"


def test_the_table_has_no_cycle():
    placed = {"registry", "data.spec"}
    for _ in MAY_IMPORT:
        placed |= {p for p, uses in MAY_IMPORT.items() if uses <= placed}
    assert placed == {*MAY_IMPORT, "registry", "data.spec"}


@pytest.mark.parametrize(
    "path", modules(), ids=lambda p: str(p.relative_to(ROOT))
)
def test_imports_follow_the_table(path):
    package = package_of(path)
    allowed = MAY_IMPORT[package] | {package}
    for name, inside in imports_of(path):
        parts = name.split(".")
        if parts[0] == "fgkeras" and len(parts) > 1:
            named = parts[1] in allowed or ".".join(parts[1:3]) in allowed
            assert named or parts[1].startswith("__"), (
                f"{path} imports {name}; fgkeras.{package} may import only "
                f"{sorted(allowed)}"
            )
        if parts[0] in ("tensorflow", "tensorflow_datasets"):
            assert package in USES_TENSORFLOW, f"{path} imports {name}"
            assert inside or package != "cli", (
                f"{path} imports {name} outside of the verb"
            )


def test_cheap_packages_load_no_framework():
    code = "import sys\n"
    code += "".join(f"import fgkeras.{p}\n" for p in CHEAP)
    code += "print([m for m in ('tensorflow', 'keras') if m in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "[]"
