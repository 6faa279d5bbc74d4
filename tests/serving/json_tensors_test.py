import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgkeras.export.runner import TensorSpec
from fgkeras.serving.json_tensors import base64_bytes
from fgkeras.serving.json_tensors import json_of
from fgkeras.serving.json_tensors import numbers_of
from fgkeras.serving.json_tensors import tensor_of
from fgkeras.web.refusal import Refusal

PICTURES = TensorSpec("image_bytes", "string", (None,))
PIXELS = TensorSpec("images", "uint8", (None, 2))


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_bytes_go_in_and_out_as_they_are(rows):
    encoded = [{"b64": base64.b64encode(one).decode()} for one in rows]
    array = tensor_of(encoded, PICTURES)
    assert array.tolist() == rows
    assert json_of("x_bytes", array) == encoded


@pytest.mark.parametrize("text", ["*", "a", "aGk*", "=", "a=k=", 3, None, "é"])
def test_what_is_no_base64_is_refused(text):
    with pytest.raises(Refusal):
        base64_bytes(text, "row 0")


def test_numbers_have_their_type_and_shape():
    found = tensor_of([[0, 255]], PIXELS)
    assert (found.dtype, found.tolist()) == ("uint8", [[0, 255]])
    real = TensorSpec("images", "float32", (None, 2))
    assert tensor_of([[1, 2.5]], real).dtype == "float32"
    for value in (
        [[0, 256]], [[-1, 0]], [[0.5, 1]], [["1", "2"]], [[True, False]],
        [[1]], [1, 2], [[1, 2], [3]], [[None, 1]], {"a": 1}, [[10**30, 1]],
    ):  # fmt: skip
        with pytest.raises(Refusal) as error:
            tensor_of(value, PIXELS)
        assert error.value.status == 400
    with pytest.raises(Refusal):
        numbers_of(np.zeros((1, 2), bool), real, "x")


@pytest.mark.parametrize("data", [b"", b"a", b"ab", b"abc" * 40])
def test_lines_and_a_missing_end_count_for_nothing(data):
    text = base64.encodebytes(data).decode()
    for form in (text, text.replace("\n", "\r\n "), text.rstrip("=\n")):
        assert base64_bytes(form, "row 0") == data
