"""Losses and miners against PyTorch Metric Learning 2.9.0, as recorded.

Equal are the value and the gradient of the batch mean, on a batch with even
classes and on one with uneven classes and singletons, with these exceptions:

- Reducers: PML averages triplet and pair losses over terms above 0, so the
  value is compared, not the terms. Batch-hard averages over violating anchors
  there, over all anchors here (as in TensorFlow Addons).
- Anchors that lack positives or negatives give 0 here. PML gives them half of
  multi-similarity and of generalized lifted (the side that exists), divides
  lifted by all positive pairs, and leaves negatives of singletons out of the
  histogram. These losses are compared on even classes.
- N-pair: PML takes one pair per class, and by default dot products of unit
  vectors. Compared with `n_pair_of_tuples`, on embeddings as they are.
- Histogram: PML computes shares of bins in float32, hence the tolerance.
- Margin: PML takes all triplets, so that a pair counts as often as its anchor
  has partners of the other kind; here positives count once and negatives share
  that weight. The same where classes are even.
- Distance-weighted: PML subtracts one maximum for the batch, here each row has
  its own: the same where PML does not underflow.
- Angular: PML does not normalize negatives, so the recorded embeddings are
  normalized, and gradients are compared tangentially to the sphere. It
  averages over pairs, here each anchor averages over its own: compared on even
  classes.
"""

import json
import pathlib

import keras
import numpy as np
import pytest

from fgkeras import losses
from fgkeras import mining
from fgkeras import ops
from fgkeras.losses.tuples import n_pair_of_tuples
from tests import harness

GOLDEN = json.loads(
    pathlib.Path(__file__).with_name("pml.json").read_text(encoding="utf-8")
)
RAW = np.array(GOLDEN["embeddings"])
BOTH, EVEN = ("even", "uneven"), ("even",)


def on_sphere(fn, **kwargs):
    return lambda y, x: fn(y, ops.unit_normalize(x), **kwargs)


def per_term(fn, **kwargs):
    """The mean over values above 0, as PML reduces."""

    def mean(y, x):
        values = fn(y, ops.unit_normalize(x), **kwargs)
        active = keras.ops.cast(values > 0, values.dtype)
        return values * (active.shape[0] / keras.ops.sum(active))

    return mean


def semi_hard_band(y, x):
    d = ops.pairwise_distances(ops.unit_normalize(x))
    positive, negative = mining.semi_hard_band(y, d, margin=0.2)
    total = keras.ops.sum(positive * (d + 0.2) - negative * d, axis=-1)
    return total * (d.shape[0] / keras.ops.sum(positive))


LOSSES = {
    "angular": (losses.angular, EVEN),
    "contrastive": (
        on_sphere(losses.contrastive, margin=1.2, squared=False),
        BOTH,
    ),
    "generalized_lifted": (
        on_sphere(losses.generalized_lifted_structure),
        EVEN,
    ),
    "histogram": (
        lambda y, x: losses.histogram(y, x, num_bins=50),
        EVEN,
    ),
    "lifted": (on_sphere(losses.lifted_structure), BOTH),
    "lifted_raw": (losses.lifted_structure, BOTH),
    "margin_uniform": (
        lambda y, x: losses.margin(y, x, negatives="uniform"),
        EVEN,
    ),
    "multi_similarity": (
        lambda y, x: losses.multi_similarity(y, x, epsilon=None),
        EVEN,
    ),
    "multi_similarity_mined": (losses.multi_similarity, BOTH),
    "triplet": (on_sphere(losses.triplet, squared=False), BOTH),
    "triplet_squared": (on_sphere(losses.triplet), BOTH),
    "triplet_soft": (
        on_sphere(losses.triplet, variant="soft", squared=False),
        BOTH,
    ),
    "triplet_semi_hard_band": (semi_hard_band, BOTH),
    "triplet_hard": (per_term(losses.triplet_hard), BOTH),
}
PROXY_LOSSES = {
    "proxy_anchor": losses.proxy_anchor,
    "proxy_nca": lambda y, s: losses.proxy_nca(y, s, scale=3.0),
    "soft_triple": losses.soft_triple,
}


def compare(fn, x, case, key="gradient", rtol=1e-7):
    with harness.float64():
        value, gradient = harness.value_and_gradient(
            fn, keras.ops.convert_to_tensor(np.asarray(x, "float64"))
        )
    assert value.dtype == np.float64
    np.testing.assert_allclose(value.mean(), case["value"], rtol=rtol)
    np.testing.assert_allclose(
        gradient / len(value), case[key], rtol=10 * rtol, atol=rtol / 5
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, kind) for name, (_, kinds) in LOSSES.items() for kind in kinds],
)
def test_loss(name, kind):
    labels = np.array(GOLDEN["labels"][kind])
    case = dict(GOLDEN["losses"][kind][name])
    x = RAW
    if name == "angular":
        x = RAW / np.linalg.norm(RAW, axis=-1, keepdims=True)
        gradient = np.array(case["gradient"])
        along = np.sum(gradient * x, axis=-1, keepdims=True)
        case["gradient"] = gradient - along * x
    rtol = 1e-6 if name == "histogram" else 1e-7
    compare(lambda z: LOSSES[name][0](labels, z), x, case, rtol=rtol)


def test_n_pair():
    case = GOLDEN["n_pair"]
    labels = np.array(case["labels"])
    rows = np.array(case["rows"])
    compare(lambda z: n_pair_of_pairs(labels, z), RAW[rows], case)


def n_pair_of_pairs(labels, x):
    return n_pair_of_tuples(labels, labels, x[::2], x[1::2])


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("name", PROXY_LOSSES)
def test_proxy_loss(name, kind):
    labels = np.array(GOLDEN["labels"][kind])
    case = GOLDEN["proxy_losses"][kind][name]
    proxies = np.array(case["proxies"])
    columns = name == "soft_triple"

    def cosines(x, p):
        p = keras.ops.transpose(p) if columns else p
        s = keras.ops.matmul(
            ops.unit_normalize(x), keras.ops.transpose(ops.unit_normalize(p))
        )
        return keras.ops.reshape(s, (12, 5, 2)) if columns else s

    fn = PROXY_LOSSES[name]
    compare(lambda x: fn(labels, cosines(x, proxies)), RAW, case)
    compare(
        lambda p: fn(labels, cosines(RAW, p)), proxies, case, "proxies_gradient"
    )


@pytest.mark.parametrize("kind", BOTH)
def test_miners(kind):
    labels = np.array(GOLDEN["labels"][kind])
    chosen = GOLDEN["miners"][kind]
    with harness.float64():
        x = ops.unit_normalize(keras.ops.convert_to_tensor(RAW))
        d = ops.pairwise_distances(x)
        s = ops.pairwise_similarities(x)
        hard = mining.batch_hard(labels, d)
        a, p, n = chosen["batch_hard"]
        assert same_pairs(hard[0], a, p)
        assert same_pairs(hard[1], a, n)
        kept = mining.multi_similarity_pairs(labels, s)
        a, p, b, n = chosen["multi_similarity"]
        assert same_pairs(kept[0], a, p)
        assert same_pairs(kept[1], b, n)
        _, kept = mining.hard_aware_cascade(labels, [d, d])
        a, p, b, n = chosen["hard_aware"]
        # The last pair's mirror image stays with it here.
        for mask, i, j in ((kept[0], a, p), (kept[1], b, n)):
            both = {*zip(i, j, strict=True), *zip(j, i, strict=True)}
            assert same_pairs(mask, *zip(*both, strict=True))
        for name, semi_hard in (("violating", False), ("semi_hard_band", True)):
            counts = mining.violating_counts(labels, d, semi_hard=semi_hard)
            a, p, n = chosen[name]
            expected = np.zeros((2, 12, 12))
            np.add.at(expected[0], (a, p), 1)
            np.add.at(expected[1], (a, n), 1)
            np.testing.assert_array_equal(counts[0], expected[0])
            np.testing.assert_array_equal(counts[1], expected[1])
        weights = mining.distance_weights(labels, d, 6)
    np.testing.assert_allclose(
        weights, GOLDEN["distance_weights"][kind], rtol=1e-6, atol=2e-9
    )


def same_pairs(mask, rows, columns):
    found = {tuple(t) for t in np.argwhere(np.asarray(mask)).tolist()}
    return found == set(zip(rows, columns, strict=True))
