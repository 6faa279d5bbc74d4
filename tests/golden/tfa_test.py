"""Losses against TensorFlow Addons 0.23.0, values and gradients as recorded.

Exceptions, each with its reason:

- Nothing to compare: Addons gives NaN where no pair is positive, and the bare
  margin or a distance where no pair is negative; here both are 0.
- `TripletHard` of a batch with singletons: Addons counts an anchor without
  positive as if its positive lay at distance 0; here it is worth 0.
- `TripletHard` with `soft`, embeddings of length 1000: Addons overflows.
- `LiftedStructure`, embeddings of length 1000: Addons underflows to log(0).
"""

import json
import pathlib

import keras
import numpy as np
import pytest

from fgkeras import losses
from fgkeras.losses.tuples import n_pair_of_tuples
from tests import harness

GOLDEN = json.loads(
    pathlib.Path(__file__).with_name("tfa.json").read_text(encoding="utf-8")
)
LOSSES = {
    "TripletSemiHard": losses.TripletSemiHard(),
    "TripletSemiHard, squared": losses.TripletSemiHard(
        margin=0.5, squared=True
    ),
    "TripletHard": losses.TripletHard(),
    "TripletHard, squared": losses.TripletHard(margin=0.5, squared=True),
    "TripletHard, soft": losses.TripletHard(soft=True),
    "LiftedStructure": losses.LiftedStructure(),
    "LiftedStructure, margin": losses.LiftedStructure(margin=0.5),
}
FUNCTIONS = {name: harness.kept(loss) for name, loss in LOSSES.items()}
NOTHING = ("all_singletons", "one_class")
BATCH = [c for c in GOLDEN["cases"] if c["loss"] in LOSSES]


def name(case):
    return "-".join(str(case[k]) for k in ("loss", "batch", "scale"))


def reason(case):
    """Why a case is not compared, or `None`."""
    loss = case["loss"].split(",")[0]
    if case["batch"] in NOTHING:
        return f"nothing to compare, {case['loss']}"
    if loss == "TripletHard" and case["batch"] == "some_singletons":
        return f"anchors without positive, {case['loss']}"
    if case["scale"] == "huge" and case["loss"] == "TripletHard, soft":
        return "overflow"
    if case["scale"] == "huge" and loss == "LiftedStructure":
        return "underflow"
    return None


def measured(fn, x):
    value, gradient = harness.value_and_gradient(fn, np.float32(x))
    return float(value), gradient


@pytest.mark.parametrize(
    "case", [c for c in BATCH if reason(c) is None], ids=name
)
def test_equal(case):
    x = np.float32(GOLDEN["embeddings"]) * GOLDEN["scales"][case["scale"]]
    labels = np.array(GOLDEN["labels"][case["batch"]])
    value, gradient = measured(lambda z: FUNCTIONS[case["loss"]](labels, z), x)
    assert value == pytest.approx(case["value"], rel=2e-5)
    expected = np.array(case["gradient"])
    np.testing.assert_allclose(
        gradient, expected, rtol=1e-4, atol=2e-5 * abs(expected).max()
    )


@pytest.mark.parametrize("why", sorted({reason(c) or "" for c in BATCH} - {""}))
def test_exceptions(why):
    differs = False
    for case in [c for c in BATCH if reason(c) == why]:
        x = np.float32(GOLDEN["embeddings"]) * GOLDEN["scales"][case["scale"]]
        labels = np.array(GOLDEN["labels"][case["batch"]])
        value, gradient = measured(
            lambda z, c=case, y=labels: FUNCTIONS[c["loss"]](y, z), x
        )
        assert np.isfinite(value)
        assert np.isfinite(gradient).all()
        differs |= value != pytest.approx(case["value"], rel=2e-5)
        if case["batch"] in NOTHING:
            assert value == 0.0
    assert differs, "no longer an exception"


@pytest.mark.parametrize(
    "case", [c for c in GOLDEN["cases"] if c["loss"] == "Contrastive"]
)
def test_contrastive_pairs(case):
    # Two rows, one pair: on a line, at the recorded distance.
    total = 0.0
    labels = np.array([0, 1 - case["label"]])
    loss = losses.Contrastive(margin=1.0)
    for i, d in enumerate(GOLDEN["distances"]):
        value, gradient = measured(
            lambda z: loss(labels, z), np.array([[0.0], [d]])
        )
        total += value
        if d:
            assert gradient[1, 0] == pytest.approx(
                case["gradient"][i], abs=1e-6
            )
    assert total == pytest.approx(case["value"], rel=1e-6)


@pytest.mark.parametrize(
    "case", [c for c in GOLDEN["cases"] if c["loss"] == "Npairs"]
)
def test_n_pairs(case):
    anchors = np.float32(GOLDEN["embeddings"])
    labels = np.array(GOLDEN["labels"][case["batch"]])
    value, gradient = measured(
        lambda z: keras.ops.mean(
            n_pair_of_tuples(labels, labels, z, anchors[::-1])
        ),
        anchors,
    )
    assert value == pytest.approx(case["value"], rel=1e-5)
    np.testing.assert_allclose(gradient, case["gradient"], atol=1e-6)
