"""Hyperparameters of every loss: by name only, one default, checked at once."""

import inspect
import re

import keras
import numpy as np
import pytest

from fgkeras import losses
from fgkeras.losses.tuples import n_pair_of_tuples
from fgkeras.losses.tuples import triplet_of_tuples
from tests import harness

CLASSES = {
    name: getattr(losses, name) for name in losses.__all__ if name[0].isupper()
}
FUNCTIONS = {
    name: getattr(losses, name) for name in losses.__all__ if name[0].islower()
}
# What is no hyperparameter: the loss inside, the counts of the data, and what
# every loss of Keras has.
COUNTS = {"class_counts": [3, 2]}
DATA = {
    "ClassBalanced": {
        "loss": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        **COUNTS,
    },
    "ClassBalancedFocal": COUNTS,
    "ClassBalancedSigmoid": COUNTS,
    "ClassBalancedSoftmax": COUNTS,
    "BalancedSoftmax": COUNTS,
    "LDAM": COUNTS,
    "LogitAdjusted": COUNTS,
    "MultiLabelClassBalancedFocal": COUNTS,
    "MultiLabelClassBalancedSigmoid": COUNTS,
    "OfAnchors": {"loss": keras.losses.MeanSquaredError()},
}
# Classes that are not named as the function that they wrap.
WRAPPED = {
    "ClassBalancedFocal": losses.focal,
    "ClassBalancedSoftmax": losses.softmax,
    "MultiLabelClassBalancedFocal": losses.multi_label_focal,
}
# What makes the weights that the function is given.
WEIGHTS = ("beta", "weighting")
OF_KERAS = ("reduction", "name", "dtype")
# In the function a matrix, in the class what makes it of labels.
RELATION = "positives"

# Numbers out of range, for each number that a loss takes.
OUTSIDE = {
    "Angular": {"alpha": (0, -1.0, 60.1)},
    "BalancedSoftmax": {"smoothing": (-0.1, 1.0)},
    "CascadedContrastive": {
        "num_levels": (0, -1, 2.5),
        "margin": (0, -1.0),
        "fraction": (0.0, -1, 1.1),
    },
    "ClassBalanced": {"beta": (-0.1, 1.1)},
    "ClassBalancedFocal": {"beta": (-0.1, 1.1), "gamma": (-0.1,)},
    "ClassBalancedSigmoid": {"beta": (-0.1, 1.1)},
    "ClassBalancedSoftmax": {"beta": (-0.1, 1.1), "smoothing": (-0.1, 1.0)},
    "Contrastive": {"margin": (0, -1.0), "positive_margin": (-0.1,)},
    "DistanceWeightedTriplet": {
        "margin": (0.0, -1),
        "cutoff": (0.0, 2.0, 3),
        "limit": (0.0, 2.0, -1),
        "nearest": (0.0, 1.1),
        "num_lots": (-1, 0.5, 1, 3),
    },
    "GeneralizedLiftedStructure": {"margin": (0.0, -1.0)},
    "Histogram": {"num_bins": (0, -1, 2.5)},
    "InfoNCE": {"temperature": (0.0, -1)},
    "LiftedStructure": {"margin": (0.0, -1.0)},
    "LDAM": {
        "max_margin": (-0.1,),
        "scale": (0.0, -1),
        "smoothing": (-0.1, 1.0),
    },
    "ListedTriplets": {"margin": (0.0, -1.0)},
    "LogitAdjusted": {"tau": (-0.1,), "smoothing": (-0.1, 1.0)},
    "Margin": {
        "boundary": (0.0, -1.0),
        "alpha": (-0.1,),
        "nu": (-0.1,),
        "cutoff": (0.0, 2.0, 3),
        "limit": (0.0, 2.0, -1),
        "num_boundaries": (-1, 1.5),
    },
    "MultiLabelClassBalancedFocal": {"beta": (-0.1, 1.1), "gamma": (-0.1,)},
    "MultiLabelClassBalancedSigmoid": {"beta": (-0.1, 1.1)},
    "MultiSimilarity": {
        "alpha": (0.0, -1),
        "beta": (0.0, -1),
        "base": (),
        "epsilon": (-1, -0.1),
    },
    "NPair": {"l2": (-0.1,)},
    "OfAnchors": {},
    "ProxyAnchor": {"alpha": (0.0, -1), "margin": ()},
    "ProxyNCA": {"scale": (0.0, -1)},
    "RecallAtK": {
        "largest_k": (0, 2.5),
        "rank_temperature": (0.0, -1),
        "recall_temperature": (0.0, -1),
    },
    "SupCon": {"temperature": (0.0, -1)},
    "SoftTriple": {"scale": (0.0, -1), "gamma": (0.0, -1), "margin": ()},
    "Triplet": {"margin": (0.0, -1), "nearest": (0.0, 1.1)},
    "TripletHard": {"margin": (0.0, -1), "nearest": (0.0, 1.1)},
    "TripletSemiHard": {"margin": (0.0, -1), "nearest": (0.0, 1.1)},
}
# `None` means something.
OPTIONAL = {("MultiSimilarity", "epsilon"), ("multi_similarity", "epsilon")}
NO_NUMBER = (None, "0.5", np.nan, np.inf, -np.inf, True, [0.5], 1j)

LABELS = np.array([0, 0, 1], "int32")
ROWS = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], "float32")

by_class = pytest.mark.parametrize("name", CLASSES)
by_function = pytest.mark.parametrize("name", FUNCTIONS)


def parameters(fn):
    return {
        key: parameter
        for key, parameter in inspect.signature(fn).parameters.items()
        if key != "self"
    }


def hyperparameters(name):
    """Default of each hyperparameter of a class."""
    found = parameters(CLASSES[name].__init__)
    data = {*DATA.get(name, ()), *OF_KERAS, RELATION, "class_names"}
    return {k: p.default for k, p in found.items() if k not in data}


def function_of(name):
    """The function that a class wraps, or `None`."""
    if name in WRAPPED:
        return WRAPPED[name]
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=N)(?=Pair)", "_", name).lower()
    return FUNCTIONS.get(words)


def is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


def call(name, **chosen):
    rows = (ROWS,) if name == "listed_triplets" else (LABELS, ROWS)
    if name.startswith("multi_label"):
        rows = (np.eye(2)[LABELS], ROWS)
    return FUNCTIONS[name](*rows, **counts(name), **chosen)


def counts(name):
    """The counts that a function takes, if it does."""
    return COUNTS if "class_counts" in parameters(FUNCTIONS[name]) else {}


def refused(name, value):
    """Context in which an error must name the argument and show the value."""
    shown = value.item() if isinstance(value, np.generic) else value
    start = f"`{name}` must be .*Received: {name}={re.escape(repr(shown))}"
    return pytest.raises(ValueError, match=start)


@by_class
def test_class_takes_hyperparameters_by_name(name):
    for key, parameter in parameters(CLASSES[name].__init__).items():
        data = key in DATA.get(name, ())
        assert parameter.kind == (
            parameter.POSITIONAL_OR_KEYWORD if data else parameter.KEYWORD_ONLY
        ), key
        assert (parameter.default is parameter.empty) == data, key


@by_class
def test_class_says_its_name_last(name):
    found = parameters(CLASSES[name].__init__)
    assert tuple(found)[-3:] == OF_KERAS
    assert found["reduction"].default == "sum_over_batch_size"
    assert isinstance(found["name"].default, str)
    assert CLASSES[name](**DATA.get(name, {})).name == found["name"].default


@by_function
def test_function_takes_hyperparameters_by_name(name):
    first, *rest = parameters(FUNCTIONS[name]).values()
    if name == "listed_triplets":  # The rows say who belongs to whom.
        assert first.name == "embeddings"
    else:
        assert first.name == "labels"
        assert rest.pop(0).name in ("embeddings", "similarities", "logits")
    assert {p.kind for p in rest} <= {inspect.Parameter.KEYWORD_ONLY}


def test_functions_were_found():
    alone = {n for n in CLASSES if function_of(n) is None}
    assert alone == {
        "ClassBalanced",
        "ClassBalancedSigmoid",
        "MultiLabelClassBalancedSigmoid",
        "OfAnchors",
    }
    wrapped = {function_of(n) for n in {*CLASSES} - alone}
    assert {n for n, f in FUNCTIONS.items() if f not in wrapped} == {
        "multi_label_sigmoid",
        "sigmoid",
    }


@pytest.mark.parametrize("name", [n for n in CLASSES if function_of(n)])
def test_defaults_of_class_and_function_are_equal(name):
    own = hyperparameters(name)
    if name in WRAPPED:
        own = {k: v for k, v in own.items() if k not in WEIGHTS}
    if name == "Margin":  # Where boundaries are learned, of the class alone.
        assert own.pop("num_boundaries") == 0
    if name == "DistanceWeightedTriplet":
        assert own.pop("num_lots") == 0
    taken = list(parameters(function_of(name)).values())
    by_name = {
        p.name: p.default
        for p in taken
        if p.kind == p.KEYWORD_ONLY
        and p.name not in ("class_weights", "lots", RELATION, *COUNTS)
    }
    assert own == by_name
    assert [type(v) for v in own.values()] == [
        type(by_name[key]) for key in own
    ]


def test_every_number_has_its_range():
    for name, ranges in OUTSIDE.items():
        own = hyperparameters(name)
        assert set(ranges) == {k for k, v in own.items() if is_number(v)}
    assert set(OUTSIDE) == set(CLASSES)


@by_class
def test_wrong_number_is_refused_at_construction(name):
    for key, outside in OUTSIDE[name].items():
        for value in (*NO_NUMBER, *outside):
            if value is None and (name, key) in OPTIONAL:
                continue
            with refused(key, value):
                CLASSES[name](**DATA.get(name, {}), **{key: value})


@pytest.mark.parametrize("name", [n for n in CLASSES if function_of(n)])
def test_function_refuses_what_the_class_does(name):
    fn = function_of(name).__name__
    known = parameters(function_of(name))
    for key, outside in OUTSIDE[name].items():
        for value in (*NO_NUMBER, *outside):
            if key not in known or (value is None and (fn, key) in OPTIONAL):
                continue
            with refused(key, value):
                call(fn, **{key: value})


@by_class
def test_wrong_word_or_flag_is_refused(name):
    for key, default in hyperparameters(name).items():
        if is_number(default):
            continue
        assert isinstance(default, str | bool)
        for value in (None, 1, "neither", 0.5):
            with refused(key, value):
                CLASSES[name](**DATA.get(name, {}), **{key: value})
            fn = function_of(name)
            if fn is not None and key not in WEIGHTS:
                with refused(key, value):
                    call(fn.__name__, **{key: value})


@by_class
def test_numbers_of_numpy_are_kept_as_numbers(name):
    chosen = {
        key: np.float32(value) if isinstance(value, float) else np.int64(value)
        for key, value in hyperparameters(name).items()
        if is_number(value)
    }
    loss = CLASSES[name](**DATA.get(name, {}), **chosen)
    for key in chosen:
        assert type(getattr(loss, key)) in (int, float)
    harness.check_config(loss)


@pytest.mark.parametrize("name", ["ClassBalanced", "OfAnchors"])
def test_loss_inside_is_a_loss(name):
    for value in (None, len, "no_such_loss", 3, "mean_squared_error"):
        with refused("loss", value):
            CLASSES[name](**{**DATA[name], "loss": value})
    by_name = CLASSES[name](**{**DATA[name], "loss": "MeanSquaredError"})
    assert isinstance(by_name.loss, keras.losses.MeanSquaredError)


def test_boundary_of_each_row_is_no_hyperparameter():
    boundary = np.array([0.5, -0.1, 1.0], "float32")
    assert losses.margin(LABELS, ROWS, boundary=boundary).shape == (3,)
    with pytest.raises(ValueError, match="`boundary` must be"):
        losses.Margin(boundary=boundary)


def test_losses_of_tuples():
    x = ROWS[:1]
    with refused("margin", None):
        triplet_of_tuples(x, x, x, margin=None)
    with refused("l2", -0.5):
        n_pair_of_tuples([0], [0], x, x, l2=-0.5)


@by_function
def test_swapped_labels_and_rows_are_refused(name):
    if name == "listed_triplets":
        pytest.skip("takes no labels")
    with pytest.raises(ValueError, match=r"Labels must be .* swap two"):
        FUNCTIONS[name](ROWS, LABELS, **counts(name))


@by_function
def test_rows_without_a_second_axis_are_refused(name):
    if name == "listed_triplets":
        pytest.skip("takes no labels")
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        FUNCTIONS[name](LABELS, ROWS[:, 0], **counts(name))


@by_class
def test_swapped_truth_and_rows_are_refused(name):
    if name == "ListedTriplets" or name in DATA and "loss" in DATA[name]:
        pytest.skip("takes what the loss inside does, or no labels")
    with pytest.raises(ValueError, match=r"Labels must be|y_pred"):
        CLASSES[name](**DATA.get(name, {}))(ROWS, LABELS)
