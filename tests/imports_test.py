"""Imports between packages point one way, and TensorFlow stays in its place.

ARCHITECTURE.md holds the tables. Where a row proves wrong, the row and the code
change together, and the commit says why.
"""

import ast
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1] / "fgkeras"


def table(heading):
    """Reads a table of ARCHITECTURE.md: what each row may import."""
    text = (ROOT.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    part = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1:-1] for line in part.splitlines() if "|" in line]
    return {
        row[0].strip(" `"): {n.strip() for n in row[-1].split(",")} - {""}
        for row in rows[2:]
    }


# A row with a dot allows that one module of a package.
MAY_IMPORT = table("Packages")
ROOMS = table("Rooms of `data`")

# What every package may use that names it, and that uses no package itself.
ROOTS = ("lazy", "registry", "registries", "data.spec")
USES_TENSORFLOW = {"data", "training", "export", "runs", "jobs", "cli"}
# Importing these packages must stay cheap: `--help` and listings use them.
CHEAP = (
    *("cli", "config", "data", "jobs", "models", "storage"),
    # A page is served, and a link printed, without a framework.
    *("bootstrap.page", "jobs.bootstrapping.label"),
    *(
        f"jobs.bootstrapping.{verb}"
        for verb in ("init", "settle", "apply", "status", "report", "export")
    ),
    "jobs.bootstrapping.import_",
)


def modules():
    return sorted(p for p in ROOT.rglob("*.py") if p.parent != ROOT)


def package_of(path):
    return path.relative_to(ROOT).parts[0]


def imports_of(path):
    """Yields `(dotted name, whether it stands inside a function)`.

    Names of modules in strings are imports too: somebody imports them.
    """
    stack = [(ast.parse(path.read_text(encoding="utf-8")), False)]
    while stack:
        node, inside = stack.pop()
        # A list of names imports nothing; who loads one is in the package.
        named = ROOT / "registries" not in path.parents
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if named and is_text:
            found = re.fullmatch(r"(fgkeras(?:\.\w+)+)(?::\w+)?", node.value)
            if found and module_file(found[1]):
                yield found[1], True
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


def module_file(name):
    """Returns the file of a module or package of ours, or `None`."""
    path = ROOT.parent.joinpath(*name.split("."))
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((f for f in files if f.is_file()), None)


def test_every_package_stands_in_the_table():
    unknown = {package_of(p) for p in modules()} - set(MAY_IMPORT)
    assert not unknown, f"add {sorted(unknown)} to the table"


def test_the_table_has_no_cycle():
    placed = set(ROOTS)
    for _ in MAY_IMPORT:
        placed |= {p for p, uses in MAY_IMPORT.items() if uses <= placed}
    assert placed == {*MAY_IMPORT, *ROOTS}


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


def room_of(name):
    """Returns the room, or the module of no room, of a name in `data`."""
    parts = name.split(".")
    return parts[2] if len(parts) > 2 and parts[1] == "data" else None


@pytest.mark.parametrize(
    "path", (ROOT / "data").rglob("*.py"), ids=lambda p: p.stem
)
def test_rooms_of_data_are_entered_in_their_order(path):
    inside = path.relative_to(ROOT / "data").parts
    if inside == ("__init__.py",):
        return  # Its public names, imported when they are first used.
    room = inside[0].removesuffix(".py")
    for name, _ in imports_of(path):
        other = room_of(name)
        if other is not None:
            allowed = {*ROOMS[room], room}
            assert other in allowed, f"{path} imports {name}"


def test_no_circle_of_files():
    """Whatever imports what, in a function or at the top, none is circular."""
    files = [p for p in ROOT.rglob("*.py") if p.name != "__init__.py"]
    uses = {}
    for path in files:
        names = [name for name, _ in imports_of(path)]
        # `from package import module` names a file, or what is in one.
        found = {
            module_file(name) or module_file(name.rpartition(".")[0])
            for name in names
            if name.startswith("fgkeras.")
        }
        uses[path] = (found & set(files)) - {path}
    left = dict(uses)
    while free := [p for p, found in left.items() if not found & set(left)]:
        for path in free:
            del left[path]
    # What only leads to a circle is none of it.
    while ends := [p for p in left if not any(p in f for f in left.values())]:
        for path in ends:
            del left[path]
    assert not left, sorted(str(p.relative_to(ROOT)) for p in left)


def test_files_are_short_and_folders_are_no_lists():
    for path in ROOT.rglob("*.py"):
        lines = path.read_text(encoding="utf-8").count("\n")
        assert lines <= 400, f"{path} has {lines} lines"
    for folder in (ROOT, *(p for p in ROOT.rglob("*") if p.is_dir())):
        count = len([p for p in folder.glob("*.py") if p.name[0] != "_"])
        assert count <= 20 or folder.name == "losses", f"{folder}: {count}"
