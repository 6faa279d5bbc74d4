"""Tests for fgkeras.losses.checked."""

import inspect

import numpy as np
import pytest
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.ops.hyperparameter import Number

ROWS = np.array([[1.0, 2.0], [3.0, 4.0]], "float32")


@checked()
def own(labels, embeddings, *, scale=1.0):
    """Doc."""
    return scale * ops.sum(embeddings, axis=1) + ops.cast(labels, "float32")


@checked(classes=True)
def of_classes(labels, logits):
    return ops.sum(logits, axis=1)


def test_the_function_keeps_its_face():
    assert own.__name__ == "own"
    assert own.__doc__ == "Doc."
    assert list(inspect.signature(own).parameters) == [
        "labels", "embeddings", "scale",
    ]  # fmt: skip


def test_arguments_come_by_place_and_by_name():
    expected = [6.0, 15.0]
    labels = [[0.0], [1.0]]
    np.testing.assert_array_equal(own(labels, ROWS, scale=2.0), expected)
    found = own(embeddings=ROWS.tolist(), labels=labels, scale=2.0)
    np.testing.assert_array_equal(found, expected)


def test_labels_must_fit_the_rows():
    with pytest.raises(ValueError, match=r"embeddings of shape \(2, 2\) for 1"):
        own([0], ROWS)


def test_classes_are_counted_along_the_second_axis():
    own([0, 2], ROWS)
    with pytest.raises(ValueError, match=r"labels\[1\]=2"):
        of_classes([0, 2], ROWS)


def test_rules_hold_at_the_call_and_are_kept():
    rule = Number(above=0)

    @checked(per_row=("scale",), scale=rule)
    def scaled(labels, embeddings, *, scale=1.0):
        return scale * ops.sum(embeddings, axis=1)

    assert scaled.rules == {"scale": rule}
    with pytest.raises(ValueError, match="`scale` .* Received: scale=0"):
        scaled([0, 1], ROWS, scale=0)
    of_each = np.array([-1.0, 2.0], "float32")
    found = scaled([0, 1], ROWS, scale=of_each)
    np.testing.assert_array_equal(found, [-3.0, 14.0])
