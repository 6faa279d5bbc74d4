"""What `import fgkeras` shows: every package, and nothing heavy loaded."""

import pathlib
import subprocess
import sys

import pytest

import fgkeras

ROOT = pathlib.Path(fgkeras.__file__).parent
FOLDERS = {p.parent.name for p in ROOT.glob("*/__init__.py")}


def run(code):
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.split()


def test_every_package_but_the_command_line_is_public():
    assert set(fgkeras.__all__) == {"__version__", "load_model", *FOLDERS} - {
        "cli"
    }
    assert set(fgkeras.__all__) <= set(dir(fgkeras))
    assert dir(fgkeras) == sorted(dir(fgkeras))


@pytest.mark.parametrize("name", sorted(FOLDERS - {"cli"}))
def test_package_is_reached_by_its_name(name):
    assert getattr(fgkeras, name).__name__ == f"fgkeras.{name}"
    package = getattr(fgkeras, name)
    names = getattr(package, "__all__", ())
    missing = [n for n in names if not hasattr(package, n)]
    assert not missing
    assert set(names) <= set(dir(package))


@pytest.mark.slow
def test_import_and_dir_load_nothing():
    code = (
        "import sys, fgkeras\n"
        "names = dir(fgkeras)\n"
        "fgkeras.config, fgkeras.storage\n"
        "print(*(m for m in ('keras', 'tensorflow', 'numpy', 'fgkeras.losses')"
        " if m in sys.modules))\n"
        "print(len(names), fgkeras.mining.batch_hard.__name__)"
    )
    first, *rest = run(code)
    assert int(first) >= len(fgkeras.__all__)
    assert rest == ["batch_hard"]


def test_unknown_name_is_said():
    with pytest.raises(AttributeError, match="no attribute 'minning'"):
        fgkeras.minning  # noqa: B018


@pytest.mark.slow
def test_kmeans_is_reached_from_evaluation_which_does_without_keras():
    code = (
        "import sys, fgkeras\n"
        "names = dir(fgkeras.evaluation)\n"
        "print('kmeans' in names, 'keras' in sys.modules)\n"
        "print(fgkeras.evaluation.kmeans is fgkeras.ops.kmeans)"
    )
    assert run(code) == ["True", "False", "True"]
    with pytest.raises(AttributeError, match="has no 'kmean'"):
        fgkeras.evaluation.kmean  # noqa: B018
