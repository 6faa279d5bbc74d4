"""TensorFlow Serving's REST interface: predict, status, metadata."""

import json

from fgkeras.serving.json_tensors import json_object
from fgkeras.serving.json_tensors import json_of
from fgkeras.serving.json_tensors import tensor_of
from fgkeras.web.refusal import Refusal

_DTYPES = {
    "string": "DT_STRING",
    "float32": "DT_FLOAT",
    "uint8": "DT_UINT8",
    "bool": "DT_BOOL",
    "int32": "DT_INT32",
    "int64": "DT_INT64",
}
_DEFAULT = "serving_default"
_REFUSED = "Its files are not whole or were changed; the log says which."


def read_predict(body, version):
    """Reads a request of `:predict`.

    Args:
        body: Bytes.
        version: `ServedVersion`.

    Returns:
        Tuple of a `SignatureRunner`, the array that it takes, and whether the
        request is in rows (`"instances"`) or else in columns (`"inputs"`).

    Raises:
        Refusal: With 400 if it is no such request.

    Example:

    >>> runner, rows, in_rows = read_predict(body, version)  # doctest: +SKIP

    Reference:

    - [TensorFlow Serving, RESTful API](https://www.tensorflow.org/tfx/serving/api_rest)
    """
    content = json_object(body)
    strange = set(content) - {"instances", "inputs", "signature_name"}
    if strange or ("instances" in content) == ("inputs" in content):
        raise Refusal(
            400,
            "A request has either `instances` or `inputs`, and may have "
            "`signature_name`.",
        )
    name = content.get("signature_name", _DEFAULT) or _DEFAULT
    if not isinstance(name, str) or name not in version.signatures:
        known = ", ".join(version.signatures)
        raise Refusal(400, f"`signature_name` is one of {known}.")
    runner = version.signatures[name]
    key = runner.input.name
    if "instances" in content:
        value = content["instances"]
        if not isinstance(value, list) or not value:
            raise Refusal(400, "`instances` is a list of one row or more.")
        # Rows may name their one input.
        if all(isinstance(row, dict) and set(row) == {key} for row in value):
            value = [row[key] for row in value]
        return runner, tensor_of(value, runner.input, "instances"), True
    value = content["inputs"]
    if isinstance(value, dict) and set(value) != {"b64"}:
        if set(value) != {key}:
            raise Refusal(400, f"`inputs` of {name} are: {key}.")
        value = value[key]
    rows = tensor_of(value, runner.input, "inputs")
    if not len(rows):
        raise Refusal(400, "`inputs` have one row or more.")
    return runner, rows, False


def predict_answer(outputs, in_rows):
    """Returns the body that answers `:predict`.

    Args:
        outputs: Dict of output name to an array with a row per row.
        in_rows: Bool, whether the request was in rows.

    Returns:
        Bytes. Of one output the name is left out.

    Example:

    >>> import numpy as np
    >>> outputs = {"score": np.array([0.5, 1.0])}
    >>> predict_answer(outputs, True)
    b'{"predictions": [0.5, 1.0]}'
    >>> predict_answer({**outputs, "valid": np.array([True, False])}, True)
    b'{"predictions": [{"score": 0.5, "valid": true},
    {"score": 1.0, "valid": false}]}'
    """
    values = {name: json_of(name, array) for name, array in outputs.items()}
    if len(values) == 1:
        (found,) = values.values()
    elif in_rows:
        found = [
            dict(zip(values, row, strict=True))
            for row in zip(*values.values(), strict=True)
        ]
    else:
        found = values
    key = "predictions" if in_rows else "outputs"
    return json.dumps({key: found}, ensure_ascii=False).encode()


def status_answer(numbers, refused):
    """Returns what is known of versions.

    Args:
        numbers: Sequence of ints, versions that answer.
        refused: Dict of other versions to why they do not, which the log says.

    Example:

    >>> status_answer([2], {})["model_version_status"][0]["state"]
    'AVAILABLE'
    """
    rows = [(number, "AVAILABLE", "OK", "") for number in numbers] + [
        (number, "END", "FAILED_PRECONDITION", _REFUSED) for number in refused
    ]
    return {
        "model_version_status": [
            {
                "version": str(number),
                "state": state,
                "status": {"error_code": code, "error_message": words},
            }
            for number, state, code, words in sorted(rows, reverse=True)
        ]
    }


def metadata_answer(name, version):
    """Returns the signatures of a version.

    Args:
        name: String, the model.
        version: `ServedVersion`.

    Example:

    >>> metadata_answer("birds", version)["model_spec"]  # doctest: +SKIP
    {'name': 'birds', 'signature_name': '', 'version': '1'}
    """
    signatures = {
        key: {
            "inputs": {runner.input.name: _info(runner, runner.input)},
            "outputs": {one.name: _info(runner, one) for one in runner.outputs},
            "method_name": "tensorflow/serving/predict",
        }
        for key, runner in version.signatures.items()
    }
    return {
        "model_spec": {
            "name": name,
            "signature_name": "",
            "version": str(version.number),
        },
        "metadata": {"signature_def": {"signature_def": signatures}},
    }


def _info(runner, spec):
    sizes = ("-1" if size is None else str(size) for size in spec.shape)
    return {
        "dtype": _DTYPES.get(spec.dtype, "DT_INVALID"),
        "tensor_shape": {
            "dim": [{"size": size, "name": ""} for size in sizes],
            "unknown_rank": False,
        },
        "name": runner.tensor_names[spec.name],
    }
