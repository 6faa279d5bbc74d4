"""Tensors as JSON values, as TensorFlow Serving's REST interface has them."""

import binascii
import json

import numpy as np

from fgkeras.web.refusal import Refusal

_RANK = 16


def json_object(body):
    """Returns the JSON object of a request; NaN and Infinity are numbers.

    Args:
        body: Bytes.

    Raises:
        Refusal: With 400 if it is none.

    Example:

    >>> json_object(b'{"instances": [1]}')
    {'instances': [1]}
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "A request is JSON in UTF-8.") from error
    if not isinstance(found, dict):
        raise Refusal(400, "A request is a JSON object.")
    return found


def bytes_of(value, where):
    """Returns the bytes of a JSON string, or of `{"b64": ...}`.

    Args:
        value: JSON value.
        where: String, named in errors.

    Raises:
        Refusal: With 400 if it is neither, or no base64.

    Example:

    >>> bytes_of({"b64": "aGk="}, "instance 0"), bytes_of("hi", "instance 0")
    (b'hi', b'hi')
    """
    if isinstance(value, str):
        try:
            return value.encode()
        except UnicodeEncodeError as error:
            raise Refusal(400, f"Half a character in {where}.") from error
    if isinstance(value, dict) and set(value) == {"b64"}:
        return base64_bytes(value["b64"], where)
    raise Refusal(
        400,
        f'A picture is {{"b64": its bytes in base64}}; {where} is something '
        "else.",
    )


def base64_bytes(text, where):
    """Returns the bytes that base64 stands for.

    As with TensorFlow Serving, white space in it counts for nothing, and the
    `=` at its end may be missing.

    Args:
        text: JSON value.
        where: String, named in errors.

    Raises:
        Refusal: With 400 if it is none.

    Example:

    >>> base64_bytes("aGk=", "instance 0")
    b'hi'
    """
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except (TypeError, ValueError):
        pass  # Most are as they should be, and long.
    try:
        text = "".join(text.split())
        text += "=" * (-len(text) % 4)
        return binascii.a2b_base64(text, strict_mode=True)
    except (AttributeError, ValueError) as error:
        raise Refusal(400, f"No base64 in {where}.") from error


def tensor_of(value, spec, where="input"):
    """Returns a JSON value as the array that a signature takes.

    Args:
        value: JSON value: nested lists of numbers, or a list of strings or of
            `{"b64": ...}`.
        spec: `TensorSpec`.
        where: String, named in errors. Defaults to `"input"`.

    Raises:
        Refusal: With 400 if it is of another type or shape.

    Example:

    >>> from fgkeras.export.runner import TensorSpec
    >>> tensor_of([[1, 2]], TensorSpec("x", "float32", (None, 2))).shape
    (1, 2)
    """
    if spec.dtype == "string":
        if not isinstance(value, list):
            raise Refusal(400, f"`{where}` is a list of pictures.")
        rows = np.empty(len(value), object)
        rows[:] = [
            bytes_of(one, f"`{where}`, row {i}") for i, one in enumerate(value)
        ]
        return rows
    try:
        found = np.asarray(value)
    except (ValueError, OverflowError, RecursionError) as error:
        raise Refusal(
            400, f"`{where}` has rows of different shapes."
        ) from error
    return numbers_of(found, spec, where)


def numbers_of(found, spec, where):
    """Returns an array as a signature takes it, or refuses it.

    Args:
        found: NumPy array.
        spec: `TensorSpec`.
        where: String, named in errors.

    Raises:
        Refusal: With 400 if its type or shape is another.

    Example:

    >>> from fgkeras.export.runner import TensorSpec
    >>> numbers_of(np.array([[1]]), TensorSpec("x", "uint8", (None, 1)), "x")
    array([[1]], dtype=uint8)
    """
    wanted = spec.numpy_dtype
    allowed = {"f": "iuf", "i": "iu", "u": "iu", "b": "b"}.get(wanted.kind, "")
    if found.dtype.kind not in allowed:
        raise Refusal(400, f"`{where}` is an array of {spec.dtype}.")
    fits = found.ndim == len(spec.shape) and all(
        want in (None, have)
        for want, have in zip(spec.shape, found.shape, strict=True)
    )
    if not fits:
        shape = [-1 if size is None else size for size in spec.shape]
        raise Refusal(
            400,
            f"`{where}` has shape {shape} (-1 is open), and not "
            f"{list(found.shape)[:_RANK]}.",
        )
    if wanted.kind in "iu" and found.size:
        bounds = np.iinfo(wanted)
        if found.min() < bounds.min or found.max() > bounds.max:
            raise Refusal(
                400, f"`{where}` has values from {bounds.min} to {bounds.max}."
            )
    return np.ascontiguousarray(found, wanted)


def json_of(name, values):
    """Returns an array as nested lists.

    Args:
        name: String, the output: one that ends in `_bytes` is of binary
            strings, which become `{"b64": ...}`.
        values: NumPy array.

    Example:

    >>> json_of("classes", np.array([[b"elm"]], object))
    [['elm']]
    >>> json_of("png_bytes", np.array([b"hi"], object))
    [{'b64': 'aGk='}]
    """
    if values.dtype.kind != "O":
        return values.tolist()
    if name.endswith("_bytes"):
        return _each(
            values.tolist(),
            lambda one: {
                "b64": binascii.b2a_base64(one, newline=False).decode()
            },
        )
    return _each(values.tolist(), lambda one: one.decode("utf-8", "replace"))


def _each(value, change):
    if isinstance(value, list):
        return [_each(one, change) for one in value]
    return change(value)
