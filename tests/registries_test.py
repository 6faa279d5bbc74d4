"""Every line of every registry: it loads, and says what its target takes."""

import dataclasses
import importlib
import inspect
import pathlib
import pkgutil
import subprocess
import sys

import numpy as np
import pytest

from fgkeras import losses
from fgkeras import registries
from fgkeras.config.model_options import LOSS
from fgkeras.config.model_options import POOLING
from fgkeras.layers import ClassProxies
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.mining import quasi_online_triplets
from fgkeras.registry import Registry

REGISTRIES = {
    name: getattr(registries, name)
    for name in registries.__all__
    if isinstance(getattr(registries, name), Registry)
}
LINES = [
    pytest.param(kind, name, id=f"{kind}-{name}")
    for kind, registry in REGISTRIES.items()
    for name in registry
]
# What every layer and loss of Keras takes.
OF_KERAS = {"name", "dtype", "reduction", "trainable"}
# What a target takes that no option of a run gives it.
NOT_OFFERED = {
    ("POOLINGS", "fully_connected"): {"dropout"},
    ("POOLINGS", "average"): {"data_format", "keepdims"},
    ("POOLINGS", "max"): {"data_format", "keepdims"},
}
# What of each kind is given what no option decides.
GIVEN = {
    "EXPORTS": {"served", "directory", "overwrite"},
    "LOSSES": {"class_names", "label_mode"},
    "METHODS": {
        # Of `method.positives`.
        "positives",
        "embedder",
        "num_classes",
        "num_levels",
        "num_lots",
        "loss",
    },
    "POOLINGS": set(),
    "SAMPLERS": {"labels", "batch_size", "seed", "steps_per_epoch"},
}


def taken(target):
    """Names of what a target takes, with their defaults."""
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return {
        p.name: p.default
        for p in inspect.signature(target).parameters.values()
        if p.kind not in kinds
    }


def check_names(kind, name, entry, target):
    """The options that a line lists are those that its target takes."""
    own = set(taken(target)) - OF_KERAS - GIVEN[kind]
    own -= NOT_OFFERED.get((kind, name), set())
    words = entry.facts.get("arguments", {})
    assert {words.get(o, o) for o in entry.options} == own


def check_pooling(name, entry, target):
    check_names("POOLINGS", name, entry, target)
    defaults = taken(target)
    words = entry.facts.get("arguments", {})
    for option in set(entry.options) - {"seed", "coefficients"}:
        default = POOLING[option].default
        if option == "dim":
            known = registries.POOLINGS.facts["dim"].default
            default = entry.facts.get("dim", known)
        assert default == defaults[words.get(option, option)], option


def check_loss(name, entry, target):
    own = taken(target)
    counts = own.pop("class_counts", None) is not None
    assert entry.facts.get("counts", False) == counts
    names = set(own) - OF_KERAS - GIVEN["LOSSES"]
    assert set(entry.options) == names
    if "gamma" in entry.options:
        assert LOSS["gamma"].default == own["gamma"]


def check_method(name, entry, target):
    kind = entry.facts.get("kind", "batch")
    assert set(entry.facts.get("defaults", ())) <= set(entry.options)
    if kind == "classes":
        assert not entry.options
        return
    found = taken(target)
    skip = OF_KERAS | GIVEN["METHODS"]
    if kind == "nearest":
        skip |= {"units", "num_images", "learn_scale", "kernel_initializer"}
    if kind in ("hdml", "dvml"):
        # Those of the metric losses that are not taken would do nothing.
        used = {"triplet": "margin", "npair": "l2"}
        skip |= {"margin", "l2"} - {used.get(entry.facts["loss"])}
    if kind in ("batch", "proxy"):
        kinds = {None: "none", False: "mask", True: "graded"}
        grades = kinds[target()._fn.graded]
        assert entry.facts.get("positives", "none") == grades
    found = {k: v for k, v in found.items() if k not in skip}
    if kind == "proxy" and "per_class" in entry.options:
        layer = taken(ClassProxies)
        found |= {k: layer[k] for k in ("per_class", "merging")}
    if kind in ("listed", "joint"):
        # Those of how triplets are drawn; every method says which negatives.
        drawn = taken(quasi_online_triplets)
        assert drawn["margin"] == found["margin"]
        found |= {"nearest": drawn["nearest"], "negatives": ""}
        found |= {"rejected": drawn["rejected"]}
        assert "negatives" in entry.facts["defaults"]
    assert dict(entry.options) == found


def check_backbone(name, entry, target):
    own = entry.facts.get("family", "own") == "own"
    if own:
        assert len(taken(target)) == 1
        return
    needed = {"include_top", "weights", "input_shape", "input_tensor"}
    assert needed <= set(taken(target))
    assert entry.target.startswith("keras.applications:")


def check_verb(name, entry, target):
    assert list(taken(target)) == ["parser"]
    assert entry.facts["help"]
    assert sys.modules[target.__module__].__doc__


CHECKS = {
    "BACKBONES": check_backbone,
    "LOSSES": check_loss,
    "METHODS": check_method,
    "POOLINGS": check_pooling,
    "VERBS": check_verb,
}


def check(kind, name, entry, target):
    if kind in CHECKS:
        CHECKS[kind](name, entry, target)
    elif kind in GIVEN:
        check_names(kind, name, entry, target)


@pytest.mark.parametrize(("kind", "name"), LINES)
def test_every_line_loads_and_lists_what_its_target_takes(kind, name):
    registry = REGISTRIES[kind]
    target = registry.load(name)
    assert callable(target)
    check(kind, name, registry[name], target)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        line
        for line in LINES
        if line.values[0] in GIVEN
        and REGISTRIES[line.values[0]][line.values[1]].options
    ],
)
def test_a_line_that_lists_something_else_is_seen(kind, name):
    registry = REGISTRIES[kind]
    entry, target = registry[name], registry.load(name)
    first, *rest = entry.options
    fewer = tuple(rest)
    more = (*entry.options, "of_nobody")
    if isinstance(entry.options, dict):
        fewer = {k: entry.options[k] for k in rest}
        more = {**entry.options, "of_nobody": 1}
    for options in (fewer, more):
        wrong = dataclasses.replace(entry, options=options)
        with pytest.raises((AssertionError, KeyError)):
            check(kind, name, wrong, target)


def test_a_default_that_is_another_is_seen():
    entry = registries.METHODS["margin"]
    options = {**entry.options, "cutoff": 0.6}
    wrong = dataclasses.replace(entry, options=options)
    with pytest.raises(AssertionError):
        check("METHODS", "margin", wrong, losses.Margin)


@pytest.mark.parametrize("name", registries.LOSSES)
def test_activation_is_what_the_loss_is_of(name):
    loss = registries.LOSSES.load(name)([2, 1, 1])
    logits = np.array([[0.5, -1.0, 2.0], [1.0, 0.0, 0.0]], "float32")
    # A softmax sees differences alone, one sigmoid per class each number.
    moved = float(loss([1, 0], logits + 1)) - float(loss([1, 0], logits))
    kind = registries.LOSSES.fact(name, "activation")
    assert (abs(moved) < 1e-5) == (kind == "softmax")


@pytest.mark.parametrize("learn", [True, False])
@pytest.mark.parametrize("name", registries.POOLINGS)
def test_a_pooling_is_learned_where_it_has_weights(name, learn):
    small = {"dim": 8, "units": 4, "order": 2, "learn": learn, "seed": 1}
    words = registries.POOLINGS.fact(name, "arguments")
    options = set(small) & set(registries.POOLINGS[name].options)
    layer = registries.POOLINGS.load(name)(
        **{words.get(o, o): small[o] for o in options}
    )
    layer(np.ones((2, 3, 3, 5), "float32"))
    learned = registries.POOLINGS.fact(name, "learned")
    expected = learn if learned == "learn" else learned
    assert bool(layer.trainable_weights) == expected


def test_reading_the_lists_imports_nothing():
    code = (
        "import sys\n"
        "from fgkeras import registries as r\n"
        "for kind in r.__all__:\n"
        "    registry = getattr(r, kind)\n"
        "    for name in getattr(registry, 'names', tuple)():\n"
        "        registry[name]\n"
        "        [registry.fact(name, f) for f in registry.facts or ()]\n"
        "print(*sorted(m for m in sys.modules if m.startswith('fgkeras')))\n"
        "print([m for m in ('keras', 'numpy', 'PIL') if m in sys.modules])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=pathlib.Path(registries.__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    ours, heavy = ran.stdout.splitlines()
    assert heavy == "[]"
    for module in ours.split():
        parts = module.split(".")
        assert parts[1:2] in ([], ["registry"], ["registries"]), module


def test_options_of_a_kind_are_those_of_its_section():
    assert set(registries.LOSSES.options) == set(LOSS) - {"name"}
    around = {"projection", "square_root"}
    own = {*POOLING, "seed"} - around
    assert set(registries.POOLINGS.options) == own
    # Each of them is given to something.
    for registry in (registries.LOSSES, registries.POOLINGS):
        for option in registry.options:
            assert registry.taking(option), option


def test_every_metric_loss_has_a_line():
    named = {registries.METHODS.load(n) for n in registries.METHODS.names()}
    for found in pkgutil.iter_modules(losses.__path__):
        module = importlib.import_module(f"fgkeras.losses.{found.name}")
        for thing in vars(module).values():
            own = getattr(thing, "__module__", "") == module.__name__
            if own and inspect.isclass(thing) and issubclass(thing, MetricLoss):
                abstract = thing is MetricLoss
                assert abstract or thing in named, f"no method is {thing}"
