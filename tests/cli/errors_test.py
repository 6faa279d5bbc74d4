"""A sentence for every error."""

import errno
import os

import pytest

from fgkeras.cli import main as cli
from fgkeras.cli.endings.errors import in_words


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (KeyError("head"), "KeyError 'head'"),
        (ValueError(), "ValueError"),
        (RecursionError("too deep"), "RecursionError too deep"),
        (MemoryError(), "--batch-size"),
        (ModuleNotFoundError("No", name="torch"), "pip install torch"),
        (OSError(errno.EACCES, "Permission denied", "a.txt"), "a.txt"),
        (OSError(errno.ENOTDIR, "Not a directory", "a/b"), "is a file"),
        (OSError(errno.ENOSPC, os.strerror(28), "a.npz"), "a.npz, for which"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (RuntimeError("x" * 5000), "xxx ..."),
    ],
)
def test_every_error_says_what_and_what_to_do(error, part):
    text = in_words(error)
    assert part in text
    assert "Received: " in text
    assert text.endswith((".", "came from."))
    assert len(text) < 1000


def test_no_traceback_unless_asked_for(monkeypatch, capsys):
    def fails(arguments):
        raise AttributeError("'list' object has no attribute 'items'")

    monkeypatch.setattr("fgkeras.cli.cache.run", fails)
    assert cli.main(["cache"]) == 1
    printed = capsys.readouterr().err
    assert printed.startswith("fgkeras: This command ended in an error")
    assert "no attribute 'items'" in printed
    with pytest.raises(AttributeError):
        cli.main(["--debug", "cache"])


def test_an_error_that_ends_in_a_stop_has_one():
    error = OSError("The weights could not be fetched. Give a path.")
    assert "Give a path. `fgkeras --debug" in in_words(error)
