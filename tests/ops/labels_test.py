"""Tests for fgkeras.ops.labels."""

import keras
import numpy as np
import pytest
from keras import ops
from keras.backend import standardize_dtype

from fgkeras.ops import integer_labels
from fgkeras.ops import weight_of_labels
from fgkeras.ops.labels import check_label_type
from fgkeras.ops.labels import nan_where_wrong
from fgkeras.ops.labels import whole_labels
from tests import harness

TYPES = (
    "int8",
    "uint8",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "int64",
    "uint64",
    "float32",
    "float64",
)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_labels_become_int32(dtype, shape):
    given = np.array([2, 0, 7], dtype).reshape(shape)
    for labels in (integer_labels(given), integer_labels(given.tolist())):
        assert standardize_dtype(labels.dtype) == "int32"
        np.testing.assert_array_equal(labels, [2, 0, 7])
    tensor = ops.convert_to_tensor(given)
    np.testing.assert_array_equal(integer_labels(tensor), [2, 0, 7])
    np.testing.assert_array_equal(
        harness.in_graph(integer_labels, given), [2, 0, 7]
    )
    assert whole_labels(given).tolist() == [2, 0, 7]


def test_one_hot_rows_are_refused():
    with pytest.raises(ValueError, match=r"\(4, 4\)\. Turn one-hot"):
        integer_labels(np.eye(4))
    with pytest.raises(ValueError, match=r"\(4, 4\)\. Turn one-hot"):
        whole_labels(np.eye(4))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (np.float32([0, 1.5]), "labels[1]=1.5 of dtype float32"),
        ([0.0, np.nan], "labels[1]=nan"),
        ([0, -2], "labels[1]=-2"),
        (np.float32([0, 2**24]), "labels[1]=16777216.0"),
        ([0, 2**31], "labels[1]=2147483648"),
        (np.uint32([0, 2**32 - 1]), "labels[1]=4294967295"),
    ],
)
def test_value_that_is_no_label(given, shown):
    for fn in (integer_labels, whole_labels):
        with pytest.raises(ValueError) as caught:
            fn(given)
        assert shown in str(caught.value)


@pytest.mark.parametrize(
    ("dtype", "last"), [("int8", 127), ("uint8", 255), ("int16", 32767)]
)
def test_type_must_hold_every_class(dtype, last):
    check_label_type(np.zeros(1, dtype), last + 1)
    message = f"dtype {dtype} for {last + 2} classes"
    with pytest.raises(ValueError, match=message):
        check_label_type(np.zeros(1, dtype), last + 2)
    symbolic = keras.KerasTensor((1,), dtype=dtype)
    with pytest.raises(ValueError, match=message):
        check_label_type(symbolic, last + 2)


def test_whether_a_row_may_be_absent():
    np.testing.assert_array_equal(integer_labels([0, -1]), [0, -1])
    assert whole_labels([0, -1], absent=True).tolist() == [0, -1]
    with pytest.raises(ValueError, match=r"from 0 to 2\. .*labels\[1\]=-1"):
        integer_labels([0, -1], 3, absent=False)
    with pytest.raises(ValueError, match=r"labels\[1\]=-1"):
        whole_labels([0, -1])


@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_wrong_labels_are_seen_behind_a_graph(dtype):
    given = np.array([-2, -1, 0, 2, 3], dtype)
    if dtype == "float32":
        given = np.append(given, np.float32([0.5, np.nan, np.inf, 2**24]))

    def mark(y):
        return nan_where_wrong(integer_labels(y), ops.zeros(len(given)), 3)

    found = np.isnan(harness.in_graph(mark, given))
    expected = [True, False, False, False] + [True] * (len(given) - 4)
    np.testing.assert_array_equal(found, expected)


def test_wide_integers_do_not_wrap_in_a_graph():
    def mark(y):
        return nan_where_wrong(integer_labels(y), ops.zeros(2))

    for dtype in ("int64", "uint32", "uint64"):
        given = np.array([5, 2**31], dtype)
        found = np.isnan(harness.in_graph(mark, given))
        if keras.backend.backend() == "tensorflow" or dtype == "uint32":
            np.testing.assert_array_equal(found, [False, True])


def test_rows_that_are_not_finite():
    rows = ops.convert_to_tensor([[1.0, 2.0], [float("inf"), 0.0]])
    labels = integer_labels([0, 1])
    found = nan_where_wrong(labels, ops.zeros(2), rows=rows)
    np.testing.assert_array_equal(np.isnan(found), [False, True])


def test_weight_of_impossible_labels_is_nan():
    found = weight_of_labels(
        integer_labels([2, -1, 0, 3]), np.array([0.5, 1.0, 1.5]), "float32"
    )
    np.testing.assert_array_equal(found, [1.5, np.nan, 0.5, np.nan])
