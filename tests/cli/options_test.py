"""Every verb that opens a source takes what is to be left out."""

import pytest

from fgkeras.cli.main import parser

CALLS = {
    "data info": ["x"],
    "data convert": ["x", "out"],
    "audit": ["x"],
    "granularity": ["x", "--weights", "imagenet"],
    "similarity": ["x", "y"],
    "train": ["--data", "x"],
    "evaluate": ["run"],
    "retrieve": ["run", "--query", "a.jpg"],
    "reality-check": ["--data", "x", "--out", "out"],
}


@pytest.mark.parametrize("verb", CALLS)
def test_skip_bad_and_ignore(verb):
    given = parser().parse_args(
        [*verb.split(), *CALLS[verb], "--skip-bad", "--ignore", "[ab]*.mov,old"]
    )
    given = vars(given)
    if "data.skip_bad" in given:
        assert given["data.skip_bad"] is True
        assert given["data.ignore"] == "[ab]*.mov,old"
        return
    assert given["skip_bad"] is True
    assert given["ignore"] == ["[ab]*.mov", "old"]


def test_the_list_of_options_has_those_of_the_method(capsys):
    given = parser().parse_args(["train", "--method", "hdc", "--list-options"])
    assert given.run(given) == 0
    shown = capsys.readouterr().out
    assert "hdc: margin=1.0 (number, above 0)" in shown
    assert "hdc: fraction=0.5 (number in (0, 1]; or list of " in shown
    assert "method.levels = []" in shown
