"""Tests for fgkeras.ops.labels."""

import numpy as np
import pytest
from keras.backend import standardize_dtype

from fgkeras.ops import integer_labels
from fgkeras.ops import weight_of_labels


@pytest.mark.parametrize("dtype", ["int64", "float32", "uint8"])
@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_labels_become_int32(dtype, shape):
    labels = integer_labels(np.array([2, 0, 7], dtype).reshape(shape))
    assert standardize_dtype(labels.dtype) == "int32"
    np.testing.assert_array_equal(labels, [2, 0, 7])


def test_one_hot_rows_are_refused():
    with pytest.raises(ValueError, match=r"\(4, 4\)\. Turn one-hot"):
        integer_labels(np.eye(4))


def test_weight_of_impossible_labels_is_nan():
    found = weight_of_labels(
        integer_labels([2, -1, 0, 3]), np.array([0.5, 1.0, 1.5]), "float32"
    )
    np.testing.assert_array_equal(found, [1.5, np.nan, 0.5, np.nan])
