"""The classification part of a joint loss looks at anchors alone."""

import keras
import numpy as np
import pytest

from fgkeras.losses.of_anchors import OfAnchors
from tests import harness


def test_other_rows_are_not_read():
    inner = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    loss = OfAnchors(inner, reduction=None)
    rng = np.random.default_rng(0)
    logits = rng.standard_normal((6, 4)).astype("float32")
    labels = np.array([1, 2, -1, 0, 0, 3])
    expected = inner.call(labels[::3], logits[::3])
    values = harness.to_numpy(loss(labels, logits))
    np.testing.assert_allclose(values, harness.to_numpy(expected), rtol=1e-6)
    _, gradient = harness.value_and_gradient(lambda z: loss(labels, z), logits)
    assert gradient[::3].any()
    assert not gradient[1::3].any()
    assert not gradient[2::3].any()
    harness.check_config(loss)
    with pytest.raises(ValueError, match="dtype=float16"):
        OfAnchors(inner, dtype="float16")
