"""`fgkeras cache` shows what is kept, and makes room."""

import json
import os

import pytest

from fgkeras.cli.main import main


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Two features and a flora, used one after the other."""
    root = tmp_path / "cache"
    (root / "features").mkdir(parents=True)
    monkeypatch.setenv("FGKERAS_CACHE", str(root))
    files = [
        root / "features" / f"{1:064x}.npy",
        root / "features" / f"{2:064x}.npy",
        root / f"flora-{3:020x}.bin",
    ]
    for i, path in enumerate(files):
        path.write_bytes(b"x" * 1500)
        os.utime(path, (86400 * (i + 1), 86400 * (i + 1)))
    return files


def test_it_shows_kinds_and_deletes_nothing(cache, capsys):
    assert main(["cache"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"cache: {cache[2].parent}"
    assert lines[1].split()[:5] == ["features", "2", "files", "3.0", "kB"]
    assert lines[1].split()[-2].startswith("1970-01-0")
    assert lines[2].split()[:5] == ["flora", "1", "files", "1.5", "kB"]
    assert lines[3] == "in all 4.5 kB"
    assert all(path.exists() for path in cache)


def test_trim(cache, capsys):
    assert main(["cache", "--trim", "3kB"]) == 0
    assert "deleted: 1 of features, 1.5 kB" in capsys.readouterr().out
    assert [path.exists() for path in cache] == [False, True, True]


def test_clear_as_json(cache, capsys):
    assert main(["cache", "--clear", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["folder"] == str(cache[2].parent)
    assert found["kinds"] == {}
    assert {k: v["files"] for k, v in found["deleted"].items()} == {
        "features": 2,
        "flora": 1,
    }
    assert found["deleted"]["features"]["bytes"] == 3000
    assert not any(path.exists() for path in cache)
    assert main(["cache"]) == 0
    assert capsys.readouterr().out.endswith("it is empty\n")


def test_a_wrong_size_deletes_nothing(cache, capsys):
    assert main(["cache", "--trim", "lots"]) == 1
    assert "such as 2GB" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["cache", "--trim", "1GB", "--clear"])
    assert all(path.exists() for path in cache)


def test_what_could_not_be_deleted_fails(cache, capsys, monkeypatch):
    def refuse(path, missing_ok=False):
        raise PermissionError(13, "in use")

    monkeypatch.setattr(type(cache[0]), "unlink", refuse)
    assert main(["cache", "--clear"]) == 1
    assert f"could not be deleted: {cache[0]}" in capsys.readouterr().out


def test_help_lists_it(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "cache" in capsys.readouterr().out
