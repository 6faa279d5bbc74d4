"""A relation of pairs in place of labels, for every loss over pairs."""

import inspect

import keras
import numpy as np
import pytest
from keras import ops

from fgkeras import losses
from fgkeras import mining
from fgkeras.training import GlobalBatchLoss
from tests import harness
from tests.losses import graded_definitions as definitions
from tests.losses.metric_losses import LOSSES

LABELS = np.array([0, 1, 0, 2, 1, 0, 3, 1, 2], "int32")
POINTS = np.random.default_rng(0).normal(size=(9, 4))
SAME = LABELS[:, None] == LABELS[None, :]
ABSENT = np.where(np.isin(np.arange(9), [2, 4]), -1, LABELS)
# What each row of classes 0 to 3 has above it.
TREE = {"genus": list("aabc"), "family": list("xxxy")}
# Losses that choose one positive, of which none has a grade.
CHOOSES = ("TripletHard",)


def takes_pairs(name):
    return LOSSES[name].head is None


PAIRS = [name for name in LOSSES if takes_pairs(name)]
by_loss = pytest.mark.parametrize("name", PAIRS)
GRADED = [n for n in PAIRS if not n.startswith(CHOOSES)]
by_graded = pytest.mark.parametrize("name", GRADED)
# How a name of `metric_losses` is called here, and what of its definition is
# given.
DEFINED = {
    "Angular": (losses.angular, definitions.angular, {}),
    "CascadedContrastive": (
        losses.cascaded_contrastive,
        definitions.cascaded_contrastive,
        {"num_levels": 1},
    ),
    "Contrastive": (losses.contrastive, definitions.contrastive, {}),
    "DistanceWeightedTriplet": (
        losses.distance_weighted_triplet,
        definitions.distance_weighted_triplet,
        {},
    ),
    "InfoNCE": (losses.info_nce, definitions.info_nce, {}),
    "RecallAtK": (losses.recall_at_k, definitions.recall_at_k, {}),
    "SupCon": (losses.sup_con, definitions.sup_con, {}),
    "GeneralizedLiftedStructure": (
        losses.generalized_lifted_structure,
        definitions.generalized_lifted_structure,
        {},
    ),
    "Histogram": (losses.histogram, definitions.histogram, {}),
    "LiftedStructure": (
        losses.lifted_structure,
        definitions.lifted_structure,
        {},
    ),
    "Margin": (losses.margin, definitions.margin, {"negatives": "uniform"}),
    "MultiSimilarity": (
        losses.multi_similarity,
        definitions.multi_similarity,
        {"epsilon": None},
    ),
    "NPair": (losses.n_pair, definitions.n_pair, {}),
    "Triplet": (losses.triplet, definitions.triplet, {}),
    "Triplet, two sided": (
        losses.triplet,
        definitions.triplet_two_sided,
        {"variant": "two_sided", "squared": False},
    ),
    "TripletSemiHard": (
        losses.triplet_semi_hard,
        definitions.triplet_semi_hard,
        {},
    ),
}


@keras.saving.register_keras_serializable(package="tests")
def same_class(y_true):
    """A relation as somebody writes one."""
    y_true = ops.cast(ops.reshape(y_true, (-1,)), "int32")
    return y_true[:, None] == y_true[None, :]


@keras.saving.register_keras_serializable(package="tests")
def same_rows(y_true):
    """A relation of rows of any length, absent ones among them."""
    y_true = ops.reshape(y_true, (9, -1))
    return ops.all(y_true[:, None] == y_true[None, :], axis=-1)


def twin(name, positives):
    """The loss of a name with another relation."""
    config = {**LOSSES[name].loss.get_config(), "positives": positives}
    return type(LOSSES[name].loss)(**config)


def random_grades(seed, size=9):
    """Grades of half of the pairs, not the same in both directions."""
    rng = np.random.default_rng(seed)
    grades = rng.uniform(0.2, 1.0, (size, size))
    grades *= rng.random((size, size)) < 0.4
    # Anchors of one kind of pairs alone.
    grades[1], grades[4] = 0.0, 0.5
    return grades


@by_loss
@pytest.mark.parametrize("labels", [LABELS, ABSENT], ids=["all", "absent"])
def test_same_label_as_a_relation_is_the_loss_of_labels(name, labels):
    same = labels[:, None] == labels[None, :]
    x = POINTS.astype("float32")
    loss = LOSSES[name].loss
    chosen = {key: getattr(loss, key) for key in loss._names}
    expected = harness.value_and_gradient(
        harness.kept(lambda z: loss.call(labels, z)), x
    )
    kinds = [same, same.astype("int32"), np.array(same, "float32")]
    for positives in kinds[: 3 if name in GRADED else 2]:
        found = harness.value_and_gradient(
            harness.kept(
                lambda z, p=positives: loss._fn(
                    labels, z, positives=p, **chosen
                )
            ),
            x,
        )
        for f, e in zip(found, expected, strict=True):
            np.testing.assert_allclose(f, e, rtol=1e-4, atol=1e-5)


@by_loss
def test_class_takes_a_function_of_labels(name):
    loss = twin(name, same_class)
    harness.check_config(loss)
    x = POINTS.astype("float32")
    np.testing.assert_allclose(
        loss(LABELS, x), LOSSES[name].loss(LABELS, x), rtol=1e-5, atol=1e-6
    )


@by_loss
@pytest.mark.parametrize("columns", [0, 1, 4])
def test_a_function_need_not_know_of_absent_rows(name, columns):
    y = ABSENT
    if columns > 1:
        y = np.where(ABSENT[:, None] < 0, -1, np.eye(columns)[ABSENT])
    elif columns:
        y = ABSENT[:, None]
    x = POINTS.astype("float32")
    loss, expected = twin(name, same_rows), LOSSES[name].loss(ABSENT, x)
    np.testing.assert_allclose(loss(y, x), expected, rtol=1e-5, atol=1e-6)


def test_a_memory_that_fills_is_empty_to_a_function_too():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8, 4)).astype("float32")
    y = np.repeat(np.arange(4), 2)

    def first_step(positives, size):
        keras.utils.set_random_seed(0)
        body = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
        model = mining.RememberingModel(body, size)
        model.compile("sgd", losses.Contrastive(positives=positives))
        return model.train_on_batch(x, y)

    expected = first_step(None, 8)
    for size in (8, 64):
        found = first_step(same_class, size)
        np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("name", DEFINED)
def test_grades_match_the_definition(name):
    fn, definition, options = DEFINED[name]
    x = POINTS / np.linalg.norm(POINTS, axis=1, keepdims=True)
    for seed in range(3):
        grades = random_grades(seed)
        with harness.float64():
            found = harness.to_numpy(fn(None, x, positives=grades, **options))
        np.testing.assert_allclose(found, definition(x, grades), rtol=1e-6)


def test_every_loss_with_grades_is_defined():
    assert {n.split(",")[0] for n in GRADED} == {
        n.split(",")[0] for n in DEFINED
    }


def test_which_losses_take_a_relation():
    taking = {
        name
        for name in losses.__all__
        if "positives" in inspect.signature(getattr(losses, name)).parameters
    }
    classes = {type(LOSSES[name].loss).__name__ for name in PAIRS}
    assert {n for n in taking if n[0].isupper()} == classes
    functions = {LOSSES[name].loss._fn.__name__ for name in PAIRS}
    assert {n for n in taking if n[0].islower()} == functions


@by_graded
def test_grades_of_a_graph_that_are_none_are_nan(name):
    loss = LOSSES[name].loss
    grades = random_grades(0).astype("float32")
    grades[3, 5] = 1.5
    x = POINTS.astype("float32")
    chosen = {key: getattr(loss, key) for key in loss._names}
    found = harness.in_graph(
        lambda p, z: loss._fn(None, z, positives=p, **chosen), grades, x
    )
    assert np.isnan(found[3])
    with pytest.raises(ValueError, match=r"positives\[3, 5\]=1.5"):
        loss._fn(None, x, positives=grades, **chosen)


@by_loss
def test_wrong_relation_is_refused(name):
    fn, x = LOSSES[name].loss._fn, POINTS.astype("float32")
    for wrong in (SAME[:3, :3], LABELS, SAME[None], SAME.astype("complex64")):
        with pytest.raises(ValueError, match="`positives` must say of each"):
            fn(LABELS, x, positives=wrong)
    with pytest.raises(ValueError, match="Received: positives='parent'"):
        twin(name, "parent")
    with pytest.raises(ValueError, match="Received: labels of dtype object"):
        fn(None, x)


@pytest.mark.parametrize("name", CHOOSES)
def test_a_loss_that_chooses_refuses_grades(name):
    x = POINTS.astype("float32")
    with pytest.raises(ValueError, match="dtype float32"):
        LOSSES[name].loss._fn(LABELS, x, positives=SAME.astype("float32"))
    with pytest.raises(ValueError, match=f"`{name}` chooses its positives"):
        twin(name, mining.SharedLabels(graded=True))


@pytest.mark.parametrize("name", ["Contrastive", "NPair", "TripletHard"])
def test_fit_of_images_that_show_several_classes(name, tmp_path):
    rng = np.random.default_rng(0)
    shown = (rng.random((32, 5)) < 0.4).astype("int32")
    shown[7] = -1  # An absent row.
    x = rng.normal(size=(32, 4)).astype("float32")
    loss = twin(name, mining.SharedLabels())
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("sgd", GlobalBatchLoss(loss), jit_compile=True)
    first = model.evaluate(x, shown, verbose=0)
    history = model.fit(x, shown, batch_size=32, epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert history["loss"][0] == pytest.approx(first, rel=1e-5)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(loaded.loss.loss.positives, mining.SharedLabels)
    wrong = shown.copy()
    wrong[3, 2] = 2
    with pytest.raises(ValueError, match=r"Received: labels\[3\]"):
        loss(wrong, x)
    found = harness.in_graph(
        lambda y, z: loss.call(y, z), wrong.astype("float32"), x
    )
    assert np.isnan(found[3])


def test_boundaries_of_classes_need_classes():
    with pytest.raises(ValueError, match="num_boundaries=5 with positives="):
        losses.Margin(num_boundaries=5, positives=mining.SharedLabels())
    relation = mining.SameParent(TREE["genus"])
    loss = losses.Margin(num_boundaries=4, positives=relation, reduction=None)
    rows = np.concatenate([POINTS, np.full((9, 4), 1.2)], axis=1)
    expected = losses.margin(
        LABELS, POINTS.astype("float32"), positives=relation(LABELS)
    )
    np.testing.assert_allclose(
        loss(LABELS, rows.astype("float32")), expected, rtol=1e-5
    )


@pytest.mark.parametrize("name", ["Histogram", "Triplet", "TripletSemiHard"])
def test_gradient_of_grades(name):
    grades = random_grades(0)
    fn = harness.kept(
        lambda z: LOSSES[name].loss._fn(None, z, positives=grades)
    )
    harness.check_gradient(
        fn, POINTS, np.random.default_rng(2), directions=2, rtol=1e-5
    )
