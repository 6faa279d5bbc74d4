"""Every entrance of labels into the library, on labels that are wrong.

Where there are values a wrong label is refused and shown. A compiled graph has
none: there its type is refused all the same, and a loss of it is NaN.
"""

import inspect

import keras
import numpy as np
import pytest

from fgkeras import layers
from fgkeras import losses
from fgkeras import mining
from fgkeras import training
from fgkeras.data.batches.samplers import make_sampler
from fgkeras.data.cuts.long_tail import long_tail_cut
from fgkeras.losses.tuples import n_pair_of_tuples
from fgkeras.mining.batch_tuples import batch_pairs
from fgkeras.mining.batch_tuples import batch_triplets
from fgkeras.models import anchor_classifier
from fgkeras.models import dvml
from fgkeras.models import embedder
from fgkeras.models import hdml
from fgkeras.models import start_anchors
from fgkeras.ops import negative_pairs
from fgkeras.ops import positive_pairs
from fgkeras.ops import same_label
from fgkeras.ops.class_centers import class_centers
from fgkeras.training.logistic_head import fit_logistic_head
from tests import harness
from tests.losses.metric_losses import LOSSES
from tests.losses.metric_losses import MINERS

GOOD = np.array([0, 1, 2, 0, 1, 3], "int32")
ROWS = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")
UNIT = ROWS / np.linalg.norm(ROWS, axis=1, keepdims=True)
COUNTS = [9, 4, 2, 1]


def cross_entropy():
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def whole(loss):
    return lambda labels, rows: loss(labels, rows)


# A function of labels and rows each. Rows are embeddings, any number of
# classes will do, and -1 marks an absent row.
PAIRS = {
    name: whole(getattr(losses, name))
    for name in (
        "angular",
        "contrastive",
        "distance_weighted_triplet",
        "generalized_lifted_structure",
        "histogram",
        "info_nce",
        "lifted_structure",
        "margin",
        "multi_similarity",
        "n_pair",
        "recall_at_k",
        "sup_con",
        "triplet",
        "triplet_hard",
        "triplet_semi_hard",
    )
}
PAIRS |= {
    name: c.loss
    for name, c in LOSSES.items()
    if c.head is None and "," not in name
}
PAIRS |= {
    "cascaded_contrastive": lambda y, x: losses.cascaded_contrastive(
        y, x, num_levels=1
    ),
    "n_pair_of_tuples": lambda y, x: n_pair_of_tuples(y, y, x, x),
    "candidates": lambda y, x: n_pair_of_tuples(GOOD, y, x, x),
    "GlobalBatchLoss": training.GlobalBatchLoss(
        losses.Contrastive(), reduction=None
    ),
    "OfAnchors": losses.OfAnchors(losses.Contrastive(), reduction=None),
}
# Rows are similarities or logits of four classes.
PROXIES = {
    name: whole(getattr(losses, name))
    for name in ("proxy_anchor", "proxy_nca", "soft_triple")
}
PROXIES |= {n: c.loss for n, c in LOSSES.items() if c.loss.has_classes}
CLASSES = {name: getattr(losses, name) for name in ("focal", "sigmoid")}
CLASSES |= {
    "softmax": losses.softmax,
    "ClassBalanced": losses.ClassBalanced(
        cross_entropy(), COUNTS, reduction=None
    ),
    "ClassBalancedFocal": losses.ClassBalancedFocal(COUNTS, reduction=None),
    "ClassBalancedSigmoid": losses.ClassBalancedSigmoid(COUNTS, reduction=None),
    "ClassBalancedSoftmax": losses.ClassBalancedSoftmax(COUNTS, reduction=None),
    "BalancedSoftmax": losses.BalancedSoftmax(COUNTS, reduction=None),
    "LDAM": losses.LDAM(COUNTS, reduction=None),
    "LogitAdjusted": losses.LogitAdjusted(COUNTS, reduction=None),
    "balanced_softmax": lambda y, x: losses.balanced_softmax(
        y, x, class_counts=COUNTS
    ),
    "ldam": lambda y, x: losses.ldam(y, x, class_counts=COUNTS),
    "logit_adjusted": lambda y, x: losses.logit_adjusted(
        y, x, class_counts=COUNTS
    ),
    "GlobalBatchLoss of classes": training.GlobalBatchLoss(
        cross_entropy(), reduction=None
    ),
    "OfAnchors of classes": losses.OfAnchors(
        losses.ClassBalancedSoftmax(COUNTS), reduction=None
    ),
    "OfAnchors of Keras": losses.OfAnchors(cross_entropy(), reduction=None),
}
LOSS_LIKE = {**PAIRS, **PROXIES, **CLASSES}

# What gives masks, row numbers, a list or a state, not a loss.
CHOICES = dict(MINERS)
CHOICES |= {
    "batch_pairs": lambda y, x: batch_pairs(y),
    "batch_triplets": lambda y, x: batch_triplets(y),
    "positive_pairs": lambda y, x: positive_pairs(y),
    "negative_pairs": lambda y, x: negative_pairs(y),
    "same_label": lambda y, x: same_label(GOOD, y),
    "CrossBatchMemory": lambda y, x: mining.CrossBatchMemory(8)(y, x),
    "class_centers": lambda y, x: class_centers(x, y, np.zeros((9, 1, 4))),
}


def head(units=9):
    layer = keras.layers.Dense(units)
    layer.build((None, 4))
    return layer


def of_sampler(kind):
    return lambda y, x: make_sampler(
        kind, y, 2, num_epochs=2, images_per_class=1, parents=[0] * 9
    )


# Whole sets, in which no image is absent.
SETS = {
    "nearest_positives": lambda y, x: mining.nearest_positives(y, x, [0]),
    "violating_negatives": lambda y, x: mining.violating_negatives(
        y, x, [0], [3]
    ),
    "quasi_online_triplets": lambda y, x: mining.quasi_online_triplets(y, x, 2),
    "rejected_negatives": lambda y, x: mining.rejected_negatives(
        y, x, [0], [1]
    ),
    "rejected_labels": lambda y, x: mining.quasi_online_triplets(
        GOOD, x, 2, rejected_features=x, rejected_labels=y
    ),
    "fit_logistic_head": lambda y, x: fit_logistic_head(head(), x, y),
    "long_tail_cut": lambda y, x: long_tail_cut(
        y, [1] * 9, 0, allow_fewer=True
    ),
}
SETS |= {
    kind: of_sampler(kind)
    for kind in (
        "uniform",
        "class_balanced",
        "square_root",
        "progressive",
        "pk",
        "pk_parents",
    )
}

EVERYTHING = {**LOSS_LIKE, **CHOICES, **SETS}


def with_bad(value, dtype):
    """Row 3 is wrong: a row that `OfAnchors` reads."""
    labels = GOOD.astype(dtype)
    labels[3] = value
    return labels


SHOWN = r"labels\[[13]\]="
WRONG = {
    "fraction": (with_bad(1.5, "float32"), SHOWN + "1.5"),
    "fraction in float64": (with_bad(1.5, "float64"), SHOWN + "1.5"),
    "nan": (with_bad(np.nan, "float32"), SHOWN + "nan"),
    "infinite": (with_bad(np.inf, "float32"), SHOWN + "inf"),
    "below -1": (with_bad(-2, "int8"), SHOWN + "-2|minimum -2|labels -2"),
}
TYPES = {
    "bool": (GOOD > 0, "dtype bool"),
    "float16": (GOOD.astype("float16"), "dtype float16"),
    "strings": (np.array(list("abcabc")), "dtype (str|<U)"),
    "objects": (np.array([*"abcab", None], object), "dtype object"),
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_wrong_label_is_refused(name):
    for labels, message in (*WRONG.values(), *TYPES.values()):
        with pytest.raises(ValueError, match=message):
            EVERYTHING[name](labels, UNIT)


@pytest.mark.parametrize("name", [*LOSS_LIKE, *CHOICES])
def test_label_too_large_for_the_computation_is_refused(name):
    # As float32, to which Keras casts, it would meet its neighbours; as int32
    # it would be another class.
    with pytest.raises(ValueError, match=SHOWN):
        EVERYTHING[name](with_bad(2**32 + 1, "int64"), UNIT)


@pytest.mark.parametrize("name", [*CLASSES, *SETS])
def test_no_row_is_absent(name):
    with pytest.raises(ValueError, match=SHOWN + "-1|minimum -1|labels -1"):
        EVERYTHING[name](with_bad(-1, "int32"), UNIT)


@pytest.mark.parametrize("name", [*PAIRS, *PROXIES, *CHOICES])
def test_absent_rows_stay_legal(name):
    found = EVERYTHING[name](with_bad(-1, "int32"), UNIT)
    if name in LOSS_LIKE:
        assert np.isfinite(harness.to_numpy(found)).all()


@pytest.mark.parametrize("name", [*PROXIES, *CLASSES])
def test_label_beyond_the_classes_is_refused(name):
    for label in (4, 200):
        with pytest.raises(ValueError, match=rf"{SHOWN}{label}"):
            EVERYTHING[name](with_bad(label, "int32"), UNIT)


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
@pytest.mark.parametrize("name", [*PROXIES, "softmax", "sigmoid", "focal"])
def test_type_too_short_for_the_classes_is_refused(name, dtype):
    # Label 256 has become 0 in uint8: nobody can see it any more.
    with pytest.raises(ValueError, match=f"dtype {dtype} for 300 classes"):
        EVERYTHING[name](GOOD.astype(dtype), np.zeros((6, 300), "float32"))


@pytest.mark.parametrize("name", EVERYTHING)
def test_ordinary_types_stay_legal(name):
    # Others go the same way: tests/ops/labels_test.py.
    as_bytes = EVERYTHING[name](GOOD.astype("uint8"), UNIT)
    as_floats = EVERYTHING[name](GOOD.astype("float32"), UNIT)
    if name in LOSS_LIKE:
        np.testing.assert_array_equal(as_bytes, as_floats)


@pytest.mark.parametrize("name", LOSS_LIKE)
def test_row_that_is_not_finite_is_refused(name):
    if name in ("candidates", "n_pair_of_tuples"):
        pytest.skip("for models that generate rows, inside of their step")
    if "of classes" in name or "Keras" in name or name == "ClassBalanced":
        pytest.skip("what a loss of Keras takes is its own")
    rows = UNIT.copy()
    for value in (np.nan, np.inf, -np.inf):
        rows[3, 2] = value
        with pytest.raises(ValueError, match=rf"\[[13], 2\]={value}\. A mod"):
            LOSS_LIKE[name](GOOD, rows)


@pytest.mark.parametrize(
    "name", [*LOSS_LIKE, *(k for k in CHOICES if k != "class_centers")]
)
def test_type_is_refused_in_a_graph(name):
    for wrong in ("bool", "float16", "bfloat16"):
        labels = keras.ops.cast(keras.ops.convert_to_tensor(GOOD), wrong)
        with pytest.raises(ValueError, match=f"dtype {wrong}"):
            harness.in_graph(EVERYTHING[name], labels, UNIT)


# One of a kind; tracing all of them takes a minute.
TRACED = (
    "contrastive",
    "n_pair_of_tuples",
    "OfAnchors",
    "proxy_nca",
    "softmax",
    "ClassBalanced",
    "GlobalBatchLoss of classes",
)


@pytest.mark.parametrize(
    "name",
    [
        name if name in TRACED else pytest.param(name, marks=pytest.mark.slow)
        for name in LOSS_LIKE
        if name != "candidates"
    ],
)
def test_wrong_label_is_nan_in_a_graph(name):
    case = LOSS_LIKE[name]
    if "of classes" in name or "Keras" in name or name == "ClassBalanced":
        # TensorFlow's cross-entropy raises by itself for a label of no class.
        wrong = [1.5]
    else:
        wrong = [1.5, -2.0, np.nan] + [-1.0, 4.0] * (name in CLASSES)
    for value in wrong:
        labels = with_bad(value, "float32")
        found = harness.in_graph(case, labels, UNIT)
        row = 1 if name.startswith("OfAnchors") else 3
        assert np.isnan(found[row]), value
        if name in CLASSES:
            assert np.isfinite(np.delete(found, row)).all()


@pytest.mark.parametrize("name", ["contrastive", "angular", "proxy_nca"])
def test_row_that_is_not_finite_is_nan_in_a_graph(name):
    rows = UNIT.copy()
    rows[3, 2] = np.nan
    assert np.isnan(harness.in_graph(LOSS_LIKE[name], GOOD, rows)[3])


def test_nothing_that_takes_labels_is_left_out():
    known = {name.split(",")[0] for name in EVERYTHING}
    # Rows are triplets already, or pairs are given.
    known |= {"ListedTriplets", "listed_triplets"}
    known |= {"draw_negatives", "hardest_pairs"}
    # Of what is no pair yet: tests/mining/pair_relations_test.py.
    known |= {"RememberingModel"}
    known |= {"PairRelation", "SameParent", "SharedAncestors", "SharedLabels"}
    # Labels are rows of 0 and 1.
    known |= {"MultiLabelClassBalancedFocal", "multi_label_focal"}
    known |= {"MultiLabelClassBalancedSigmoid", "multi_label_sigmoid"}
    assert set(losses.__all__) <= known
    assert set(mining.__all__) <= known
    for name in layers.__all__:
        taken = inspect.signature(getattr(layers, name).call).parameters
        assert not any("label" in p or "count" in p for p in taken)


def inner():
    return embedder(4, 3, unit_norm=False, batch_norm=True)


@pytest.mark.parametrize("make", [hdml, dvml])
def test_generating_models_refuse_wrong_labels(make):
    model = make(inner(), 4) if make is hdml else make(inner())
    outputs = {"embedding": UNIT[:, :3], "features": UNIT}
    for labels, message in (*WRONG.values(), TYPES["bool"], TYPES["float16"]):
        with pytest.raises(ValueError, match=message):
            model.compute_loss(y=labels, y_pred=outputs)


def test_hdml_counts_its_classes_in_training_only():
    model = hdml(inner(), 3)
    outputs = {"embedding": UNIT[:, :3], "features": UNIT}
    with pytest.raises(ValueError, match=r"labels\[5\]=3"):
        model.compute_loss(y=GOOD, y_pred=outputs)
    value = model.compute_loss(y=GOOD, y_pred=UNIT[:, :3], training=False)
    assert np.isfinite(float(value))


def test_start_anchors_refuses_a_label_of_no_class():
    model = anchor_classifier(embedder(4, 4), 3, num_anchors=1)
    with pytest.raises(ValueError, match=r"labels\[5\]=3"):
        start_anchors(model, UNIT, GOOD)


@pytest.fixture
def classifier():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)])
    model.compile("sgd", losses.ClassBalancedSoftmax(COUNTS))
    return model


def test_fit_takes_ordinary_types(classifier):
    for dtype in ("int64", "uint8", "float32"):
        history = classifier.fit(UNIT, GOOD.astype(dtype), verbose=0).history
        assert np.isfinite(history["loss"]).all()


def test_fit_refuses_booleans(classifier):
    with pytest.raises(ValueError, match="dtype bool"):
        classifier.fit(UNIT, GOOD > 0, verbose=0)


def test_fit_of_a_label_beyond_the_classes_is_nan(classifier):
    history = classifier.fit(UNIT, with_bad(4, "int32"), verbose=0).history
    assert np.isnan(history["loss"]).all()
