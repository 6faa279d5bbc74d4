"""Tests for fgkeras.losses.sup_con."""

import numpy as np
import pytest

from fgkeras.losses import SupCon
from fgkeras.losses import sup_con
from tests import harness
from tests.losses import graded_definitions as definitions
from tests.losses.embedding_cases import batch
from tests.losses.embedding_cases import unit


@pytest.mark.parametrize("form", ["out", "in"])
@pytest.mark.parametrize("graded", [False, True])
def test_matches_definition(form, graded):
    labels, x = batch()
    grades = (labels[:, None] == labels).astype(float)
    if graded:
        grades *= np.random.default_rng(1).uniform(0.2, 1.0, grades.shape)
    expected = definitions.sup_con(unit(x), grades, 0.2, form)
    given = {"positives": grades} if graded else {}
    with harness.float64():
        found = sup_con(labels, x, temperature=0.2, form=form, **given)
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_the_forms_order_as_jensen_says():
    labels, x = batch()
    out, inside = (sup_con(labels, x, form=f) for f in ("out", "in"))
    out, inside = harness.to_numpy(out), harness.to_numpy(inside)
    assert (out >= inside - 1e-6).all()
    several = np.bincount(labels)[labels] > 2
    assert (out[several] > inside[several] + 1e-3).all()
    # One positive: nothing is meaned.
    pair = np.bincount(labels)[labels] == 2
    np.testing.assert_allclose(out[pair], inside[pair], rtol=1e-5)


def test_small_temperatures_are_finite():
    labels, x = batch()
    value, gradient = harness.value_and_gradient(
        lambda z: sup_con(labels, z, temperature=1e-4), x.astype("float32")
    )
    assert np.isfinite(value).all()
    assert np.isfinite(gradient).all()


def test_bad_form():
    with pytest.raises(ValueError, match="Received: form='both'"):
        SupCon(form="both")
