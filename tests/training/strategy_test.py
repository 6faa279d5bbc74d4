"""Strategies by name."""

import contextlib

import pytest

from fgkeras.training import strategy_scope


def test_one_device_needs_nothing():
    assert isinstance(strategy_scope("none"), contextlib.nullcontext)


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="strategy='parameter_server'"):
        strategy_scope("parameter_server")
