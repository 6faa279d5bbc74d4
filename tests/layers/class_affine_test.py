"""A factor and an offset per class."""

import numpy as np
import pytest

from fgkeras.layers import ClassAffine
from tests import harness


def test_values_and_config():
    layer = ClassAffine(np.array([2.0, 0.5]), np.array([0.0, -1.0]))
    z = np.array([[3.0, 4.0], [-1.0, 0.0]], "float32")
    found = np.asarray(layer(z))
    np.testing.assert_array_equal(found, [[6.0, 1.0], [-2.0, -1.0]])
    harness.check_config(layer, lambda twin: np.asarray(twin(z)))
    assert not layer.weights


@pytest.mark.parametrize(
    ("scale", "offset"), [([1, 2], [0]), ([1], [np.inf]), (1, 2)]
)
def test_what_is_no_number_per_class_is_refused(scale, offset):
    with pytest.raises(ValueError, match="one finite number per class"):
        ClassAffine(scale, offset)
