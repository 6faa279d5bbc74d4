"""Values that no option may have, tried on every one."""

import json
import math

import numpy as np
import pytest

from fgkeras.config import OPTIONS
from fgkeras.config import Config
from fgkeras.config.amounts import check_amounts
from fgkeras.config.amounts import check_anchors
from fgkeras.config.methods import known_options
from fgkeras.config.methods import method_options
from fgkeras.registries import METHODS

EXTREME = ("nan", "inf", "-inf", "-1", "0", "1e308", str(10**30), "1e-320")


def numbers(value):
    """All numbers in a value."""
    if isinstance(value, (list, tuple)):
        return [number for part in value for number in numbers(part)]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [value]
    return []


def tried(call, *arguments):
    """What a call returns, and what it refuses."""
    try:
        return call(*arguments), None
    except ValueError as error:
        return None, str(error)


def checked(changes):
    """A config with changes as a run would write it."""
    config = Config.read(changes=changes).resolved()
    check_amounts(config)
    return json.dumps(config.as_json(), allow_nan=False)


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("text", EXTREME)
def test_an_extreme_value_is_refused_by_name_or_is_a_number(name, text):
    as_number = float(text)
    for value in (text, as_number, [as_number], int(10**30)):
        read, refused = tried(OPTIONS[name].read, name, value)
        if refused:
            assert f"`{name}` must" in refused
            assert "Received: " in refused
            continue
        json.dumps(read, allow_nan=False)
        for number in numbers(read):
            assert abs(number) <= 3.4e38
            assert math.isfinite(np.float32(number))
            if isinstance(number, int):
                assert number < 2**32


@pytest.mark.parametrize("name", OPTIONS)
def test_a_config_of_an_extreme_value_is_refused_or_written(name):
    for text in EXTREME:
        written, refused = tried(checked, {name: text})
        assert written or "Received: " in refused


@pytest.mark.parametrize("name", METHODS.names())
def test_options_of_methods(name):
    for key in known_options(name):
        for text in ("nan", "inf", "-inf", "1e308"):
            asked = f"{key}={text}"
            read, refused = tried(method_options, name, asked)
            if refused:
                assert asked in refused
            else:
                # The names of forms and of losses are words.
                assert isinstance(read[key], str)


EMBEDDED = {"method.name": "triplet-a", "train.mode": "frozen"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({**EMBEDDED, "method.triplets": 100_000_000}, "method.triplets="),
        ({**EMBEDDED, "method.resample_steps": 1_000_000}, "at most 200,000"),
        ({"data.batch_size": 10**8}, "data.batch_size=100000000"),
        ({"data.size": 10**6}, "data.size=1000000"),
        ({"model.embedding": str(10**9)}, "model.embedding="),
        ({"evaluation.resamples": 10**9}, "evaluation.resamples="),
    ],
)
def test_amounts_that_no_machine_has(changes, message):
    with pytest.raises(ValueError, match=message):
        check_amounts(Config.read(changes=changes).resolved())


def test_anchors_are_bounded_by_the_images_of_a_class():
    config = Config.read(changes={**EMBEDDED, "method.anchors": 41}).resolved()
    check_anchors(config, np.array([10, 41]))
    with pytest.raises(ValueError, match=r"anchors` must be at most 40 .*=41"):
        check_anchors(config, np.array([10, 40]))
    # What nobody asked for is never refused.
    usual = Config.read(changes=EMBEDDED).resolved()
    check_anchors(usual, np.array([1, 1]))
    check_anchors(Config.read().resolved(), np.array([]))
