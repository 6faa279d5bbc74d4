"""Tests for fgkeras.losses.triplet."""

import numpy as np
import pytest
from scipy.special import expit

from fgkeras.losses import Triplet
from fgkeras.losses import triplet
from fgkeras.losses import triplet_hard
from fgkeras.losses import triplet_semi_hard
from tests import harness
from tests.losses import graded_definitions as definitions
from tests.losses.embedding_cases import LABELS
from tests.losses.embedding_cases import batch
from tests.losses.embedding_cases import partners
from tests.losses.embedding_cases import unit

MARGIN = 0.7
TERMS = {
    "hinge": lambda gap: gap + MARGIN,
    "squared_hinge": lambda gap: (gap + MARGIN) ** 2,
    "soft": lambda gap: np.log(1.0 + np.exp(gap + MARGIN)),
    "ratio": lambda gap: 2.0 * expit(gap),
    "squared_ratio": lambda gap: 2.0 * expit(gap) ** 2,
}


@pytest.mark.parametrize("squared", [True, False])
@pytest.mark.parametrize("variant", TERMS)
def test_matches_definition(variant, squared):
    labels, x = batch()
    sums, count = np.zeros(len(labels)), 0
    for a in range(len(labels)):
        positives, negatives = partners(a)
        for p in positives:
            for n in negatives:
                near, far = (np.linalg.norm(x[a] - x[j]) for j in (p, n))
                gap = near**2 - far**2 if squared else near - far
                if variant == "soft" or gap + MARGIN > 0:
                    sums[a] += TERMS[variant](gap)
                    count += 1
    with harness.float64():
        loss = triplet(
            labels, x, margin=MARGIN, variant=variant, squared=squared
        )
        np.testing.assert_allclose(loss, sums * len(labels) / count, rtol=1e-9)


@pytest.mark.parametrize("squared", [True, False])
def test_two_sided_matches_definition(squared):
    labels, x = batch()
    power = 2 if squared else 1
    sums, count = np.zeros(len(labels)), 0
    for a in range(len(labels)):
        positives, negatives = partners(a)
        for p in positives:
            for n in negatives:
                ap, an, pn = (
                    np.linalg.norm(x[i] - x[j]) ** power
                    for i, j in ((a, p), (a, n), (p, n))
                )
                if ap - an + MARGIN > 0:
                    sides = np.exp(MARGIN - an) + np.exp(MARGIN - pn)
                    sums[a] += ap + np.log(sides)
                    count += 1
    with harness.float64():
        loss = triplet(
            labels, x, margin=MARGIN, variant="two_sided", squared=squared
        )
        np.testing.assert_allclose(loss, sums * len(labels) / count, rtol=1e-9)


def test_largest_class_is_visited_to_its_end():
    # One class of all but one row: as many visits as rows.
    labels = np.array([0] * 8 + [1])
    x = np.linspace(0.0, 1.0, 9)[:, None]
    gaps = [
        (x[a] - x[p]) ** 2 - (x[a] - x[8]) ** 2 + 0.2
        for a in range(8)
        for p in range(8)
        if a != p
    ]
    active = [float(g[0]) for g in gaps if g > 0]
    with harness.float64():
        loss = np.mean(harness.to_numpy(triplet(labels, x)))
    assert loss == pytest.approx(np.mean(active), rel=1e-9)


def test_satisfied_triplets_have_no_gradient():
    labels = np.array([0, 0, 1, 1])
    x = np.array([[0.0], [0.1], [5.0], [5.1]], "float32")
    for variant in ("hinge", "squared_hinge", "ratio"):
        value, gradient = harness.value_and_gradient(
            lambda z, v=variant: triplet(labels, z, variant=v), x
        )
        np.testing.assert_array_equal(value, 0.0)
        np.testing.assert_array_equal(gradient, 0.0)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"margin": 0.0}, "Received: margin=0.0"),
        ({"variant": "hard"}, "Received: variant='hard'"),
        ({"dtype": "bfloat16"}, "dtype=bfloat16"),
    ],
)
def test_bad_arguments(kwargs, message):
    with pytest.raises(ValueError, match=message):
        Triplet(**kwargs)


def test_wrong_shapes():
    with pytest.raises(ValueError, match=r"y_pred of shape \(8, 4\)"):
        Triplet()(LABELS, np.zeros((8, 4)))


def test_slope_of_the_squared_ratio():
    labels, x = batch()
    harness.check_gradient(
        lambda z: triplet(
            labels, z, margin=9.0, variant="squared_ratio", squared=False
        ),
        x,
        np.random.default_rng(3),
        directions=2,
        rtol=1e-5,
    )


def test_unknown_variant():
    with pytest.raises(ValueError, match="variant='ratios'"):
        triplet([0, 0, 1], np.eye(3), variant="ratios")


@pytest.mark.parametrize("shape", [(3,), (3, 2, 2), (3, 2, 2, 4)])
def test_feature_maps_are_refused(shape):
    with pytest.raises(ValueError, match="y_pred of shape"):
        Triplet()(np.array([0, 0, 1]), np.ones(shape, "float32"))


@pytest.mark.parametrize(
    ("fn", "definition", "options"),
    [
        (triplet, definitions.triplet, {}),
        (
            triplet,
            definitions.triplet_two_sided,
            {"variant": "two_sided", "squared": False},
        ),
        (triplet_semi_hard, definitions.triplet_semi_hard, {}),
    ],
)
def test_nearest_positives_alone_are_pulled(fn, definition, options):
    labels, x = batch()
    x = unit(x)
    grades = (labels[:, None] == labels).astype(float)
    # Other positives are neither pulled nor pushed.
    near = definitions.nearest_grades(x, grades, 0.6)
    others = (grades > 0) & (near == 0)
    assert others.sum() > 3
    anchors = definitions.anchors

    def of_some(g):
        for a, mates, rivals in anchors(g):
            yield a, mates, [n for n in rivals if not others[a, n]]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(definitions, "anchors", of_some)
        expected = definition(x, near)
    with harness.float64():
        found = fn(labels, x, nearest=0.6, **options)
        np.testing.assert_allclose(found, expected, rtol=1e-7)


def test_hardest_of_the_nearest_positives():
    labels, x = batch()
    d = np.linalg.norm(x[:, None] - x[None], axis=-1)
    expected = np.zeros(len(labels))
    for a in range(len(labels)):
        positives, negatives = partners(a)
        near = sorted(d[a, positives])[: int(np.ceil(0.6 * len(positives)))]
        if near:
            expected[a] = max(near[-1] - d[a, negatives].min() + 1.0, 0)
    with harness.float64():
        found = triplet_hard(labels, x, nearest=0.6)
        np.testing.assert_allclose(found, expected, rtol=1e-9)
