"""The Open Inference Protocol, version 2, over HTTP."""

import json
import math

import numpy as np

from fgkeras.serving.json_tensors import base64_bytes
from fgkeras.serving.json_tensors import bytes_of
from fgkeras.serving.json_tensors import json_object
from fgkeras.serving.json_tensors import json_of
from fgkeras.serving.json_tensors import numbers_of
from fgkeras.web.refusal import Refusal

HEADER = "inference-header-content-length"
EXTENSIONS = ("binary_tensor_data",)
_DEFAULT = "serving_default"
_DATATYPES = {
    "string": "BYTES",
    "float32": "FP32",
    "float64": "FP64",
    "uint8": "UINT8",
    "bool": "BOOL",
    "int32": "INT32",
    "int64": "INT64",
}
_LENGTH = 4  # Bytes before each string that say how long it is.


def model_metadata(name, version, numbers):
    """Returns what a model takes and gives.

    Args:
        name: String, the model.
        version: `ServedVersion`, whose default signature is described.
        numbers: Sequence of ints, versions that answer.

    Example:

    >>> model_metadata("birds", version, [1])["inputs"]  # doctest: +SKIP
    [{'name': 'image_bytes', 'datatype': 'BYTES', 'shape': [-1]}]
    """
    runner = version.signatures[_DEFAULT]
    return {
        "name": name,
        "versions": [str(number) for number in numbers],
        "platform": "tensorflow_savedmodel",
        "inputs": [_described(runner.input)],
        "outputs": [_described(one) for one in runner.outputs],
    }


def read_infer(body, header_length, version):
    """Reads a request of `/infer`.

    The one input is that of `serving_default`, or of the signature that the
    parameter `signature_name` names. In JSON, pictures are texts of base64;
    of the extension for binary tensors they are the bytes themselves.

    Args:
        body: Bytes.
        header_length: Int, length of the JSON before binary tensors, or `None`
            where all is JSON.
        version: `ServedVersion`.

    Returns:
        Tuple of a `SignatureRunner`, the array that it takes, and `Asked`.

    Raises:
        Refusal: With 400 if it is no such request.

    Example:

    >>> runner, rows, asked = read_infer(body, None, version)  # doctest: +SKIP

    Reference:

    - [KServe, Open Inference Protocol](https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol)
    - [Triton, binary tensor data extension](https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md)
    """
    if header_length is not None and not 0 < header_length <= len(body):
        raise Refusal(400, f"{HEADER} is the length of the JSON.")
    content = json_object(
        body if header_length is None else body[:header_length]
    )
    parameters = _parameters(content, "The request")
    name = parameters.get("signature_name", _DEFAULT)
    if not isinstance(name, str) or name not in version.signatures:
        known = ", ".join(version.signatures)
        raise Refusal(400, f"`signature_name` is one of {known}.")
    runner = version.signatures[name]
    inputs = content.get("inputs")
    if (
        not isinstance(inputs, list)
        or len(inputs) != 1
        or not isinstance(inputs[0], dict)
        or inputs[0].get("name") != runner.input.name
    ):
        raise Refusal(
            400, f"`inputs` of {name} are one tensor, {runner.input.name}."
        )
    binary = b"" if header_length is None else body[header_length:]
    rows = _tensor(inputs[0], runner.input, binary, header_length is not None)
    if not len(rows):
        raise Refusal(400, "A request has one row or more.")
    return runner, rows, Asked(content, parameters, runner)


class Asked:
    """What a request wants of the answer.

    Args:
        content: Dict, the JSON of the request.
        parameters: Dict, its parameters.
        runner: `SignatureRunner`.

    Attributes:
        id: String or `None`, given back as it came.
        outputs: List of tuples of a name and whether it is wanted in binary.

    Raises:
        Refusal: With 400 if there is no such output.

    Example:

    >>> Asked({"id": "7"}, {}, runner).id  # doctest: +SKIP
    '7'
    """

    def __init__(self, content, parameters, runner):
        self.id = content.get("id")
        if self.id is not None and not isinstance(self.id, str):
            raise Refusal(400, "`id` is a string.")
        everything = bool(parameters.get("binary_data_output", False))
        known = [one.name for one in runner.outputs]
        wanted = content.get("outputs") or [{"name": name} for name in known]
        self.outputs = []
        for one in wanted if isinstance(wanted, list) else [None]:
            if not isinstance(one, dict) or one.get("name") not in known:
                raise Refusal(400, f"`outputs` are some of {', '.join(known)}.")
            found = _parameters(one, "An output")
            if found.get("classification"):
                raise Refusal(
                    400, "The classification extension is not spoken here."
                )
            in_binary = bool(found.get("binary_data", everything))
            self.outputs.append((one["name"], in_binary))


def infer_answer(name, number, outputs, asked):
    """Returns the answer to `/infer`.

    Args:
        name: String, the model.
        number: Int, the version that gave it.
        outputs: Dict of output name to an array with a row per row.
        asked: `Asked`.

    Returns:
        Tuple of the body and the length of its JSON, `None` if all is JSON.

    Example:

    >>> import types
    >>> asked = types.SimpleNamespace(id=None, outputs=[("valid", False)])
    >>> body, _ = infer_answer("birds", 3, {"valid": np.array([True])}, asked)
    >>> json.loads(body)["outputs"]
    [{'name': 'valid', 'datatype': 'BOOL', 'shape': [1], 'data': [True]}]
    """
    tensors, parts = [], []
    for key, in_binary in asked.outputs:
        values = outputs[key]
        tensor = {
            "name": key,
            "datatype": _datatype_of(values),
            "shape": list(values.shape),
        }
        if in_binary:
            part = packed(values)
            parts.append(part)
            tensor["parameters"] = {"binary_data_size": len(part)}
        else:
            tensor["data"] = json_of(key, values.reshape(-1))
        tensors.append(tensor)
    answer = {"model_name": name, "model_version": str(number)}
    if asked.id is not None:
        answer["id"] = asked.id
    answer["outputs"] = tensors
    try:
        head = json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        raise Refusal(
            400,
            "The answer holds what is no number, which JSON cannot say. Send "
            "numbers that are some, or ask for binary data.",
        ) from error
    if not parts:
        return head, None
    return b"".join([head, *parts]), len(head)


def packed(values):
    """Returns an array as the bytes of a binary tensor.

    Args:
        values: NumPy array; of strings each has its length before it.

    Example:

    >>> packed(np.array([b"elm"], object))
    b'\\x03\\x00\\x00\\x00elm'
    """
    if values.dtype.kind != "O":
        return values.astype(values.dtype.newbyteorder("<")).tobytes()
    return b"".join(
        len(one).to_bytes(_LENGTH, "little") + one for one in values.reshape(-1)
    )


def unpacked(data, count):
    """Returns the strings of a binary tensor.

    Args:
        data: Bytes.
        count: Int, how many they are.

    Raises:
        Refusal: With 400 if they are not so many.

    Example:

    >>> unpacked(b"\\x03\\x00\\x00\\x00elm", 1)
    [b'elm']
    """
    found, at = [], 0
    while at < len(data) and len(found) <= count:
        stop = at + _LENGTH + int.from_bytes(data[at : at + _LENGTH], "little")
        if at + _LENGTH > len(data) or stop > len(data):
            raise Refusal(400, "A binary tensor of BYTES is cut.")
        found.append(bytes(data[at + _LENGTH : stop]))
        at = stop
    if len(found) != count:
        raise Refusal(400, "A binary tensor has as many values as its shape.")
    return found


def _tensor(tensor, spec, binary, may_be_binary):
    """Returns the array of an input."""
    wanted = _DATATYPES.get(spec.dtype)
    if tensor.get("datatype") != wanted:
        raise Refusal(400, f"The datatype of {spec.name} is {wanted}.")
    shape = tensor.get("shape")
    if (
        not isinstance(shape, list)
        or len(shape) > 8
        or not all(type(size) is int and 0 <= size < 2**31 for size in shape)
    ):
        raise Refusal(400, "`shape` is a list of whole numbers.")
    count = math.prod(shape)
    size = _parameters(tensor, "An input").get("binary_data_size")
    if size is not None:
        if not may_be_binary or size != len(binary) or "data" in tensor:
            raise Refusal(
                400,
                f"A binary tensor follows the JSON, whose length {HEADER} "
                "says, and is as long as its binary_data_size.",
            )
        values = _from_binary(binary, spec, count)
    else:
        if binary:
            raise Refusal(400, "What follows the JSON is in no tensor.")
        values = _from_json(tensor.get("data"), spec, count)
    if spec.dtype == "string":
        # Some clients batch by an axis of their own.
        if shape not in ([count], [count, 1]):
            raise Refusal(400, f"The shape of {spec.name} is [-1].")
        return values
    return numbers_of(values.reshape(shape), spec, spec.name)


def _from_binary(binary, spec, count):
    if spec.dtype == "string":
        found = unpacked(binary, count)
        rows = np.empty(len(found), object)
        rows[:] = found
        return rows
    kind = spec.numpy_dtype.newbyteorder("<")
    if len(binary) != count * kind.itemsize:
        raise Refusal(400, "A binary tensor has as many values as its shape.")
    return np.frombuffer(binary, kind).astype(spec.numpy_dtype)


def _from_json(data, spec, count):
    if not isinstance(data, list):
        raise Refusal(400, "An input has `data`, a list.")
    if spec.dtype == "string":
        flat = [one for row in data for one in row] if _nested(data) else data
        if len(flat) != count:
            raise Refusal(400, "`data` has as many values as its shape.")
        rows = np.empty(count, object)
        rows[:] = [
            base64_bytes(one, f"`data`, row {i}")
            if isinstance(one, str)
            else bytes_of(one, f"`data`, row {i}")
            for i, one in enumerate(flat)
        ]
        return rows
    try:
        found = np.asarray(data)
    except (ValueError, OverflowError, RecursionError) as error:
        raise Refusal(400, "`data` has rows of different shapes.") from error
    if found.size != count:
        raise Refusal(400, "`data` has as many values as its shape.")
    return found


def _nested(data):
    return bool(data) and all(isinstance(row, list) for row in data)


def _parameters(content, what):
    found = content.get("parameters", {})
    if not isinstance(found, dict):
        raise Refusal(400, f"{what} has `parameters`, an object, or none.")
    return found


def _datatype_of(values):
    name = "string" if values.dtype.kind == "O" else values.dtype.name
    return _DATATYPES[name]


def _described(spec):
    return {
        "name": spec.name,
        "datatype": _DATATYPES.get(spec.dtype, spec.dtype),
        "shape": [-1 if size is None else size for size in spec.shape],
    }
