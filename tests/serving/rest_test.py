"""TensorFlow Serving's REST contract, as its documentation says it."""

import json

import numpy as np
import pytest

from fgkeras.export import load_exported
from fgkeras.serving import rest
from tests.export.conftest import picture
from tests.serving.conftest import b64

PREDICT = "/v1/models/birds:predict"


@pytest.fixture(scope="module")
def expected(gallery_export):
    """What the export answers of two pictures and of no picture."""
    pictures = [picture(0), b"no picture", picture(1)]
    loaded = load_exported(gallery_export)
    return pictures, loaded.run("serving_default", pictures)


def test_rows_in_rows_out(client, expected):
    pictures, outputs = expected
    answer = client.post(PREDICT, json={"instances": [*map(b64, pictures)]})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["fgkeras-model-version"] == "1"
    assert set(answer.json()) == {"predictions"}
    rows = answer.json()["predictions"]
    assert [row["valid"] for row in rows] == [True, False, True]
    for i, row in enumerate(rows):
        assert set(row) == set(outputs)
        names = [name.decode() for name in outputs["classes"][i]]
        assert row["classes"] == names
        np.testing.assert_allclose(row["scores"], outputs["scores"][i], 1e-5)


def test_rows_may_name_their_input(client, expected):
    pictures, _ = expected
    plain = client.post(PREDICT, json={"instances": [b64(pictures[0])]})
    named = client.post(
        PREDICT, json={"instances": [{"image_bytes": b64(pictures[0])}]}
    )
    assert named.json() == plain.json()


@pytest.mark.parametrize("is_named", [False, True])
def test_columns_in_columns_out(client, expected, is_named):
    pictures, outputs = expected
    value = [*map(b64, pictures)]
    if is_named:
        value = {"image_bytes": value}
    answer = client.post(PREDICT, json={"inputs": value}).json()
    assert set(answer) == {"outputs"}
    assert answer["outputs"]["valid"] == outputs["valid"].tolist()
    np.testing.assert_allclose(
        answer["outputs"]["embedding"], outputs["embedding"], 1e-5
    )


def test_a_signature_is_chosen_and_one_output_has_no_name(client):
    pixels = np.full((2, 24, 24, 3), 7).tolist()
    answer = client.post(
        PREDICT,
        json={"instances": pixels, "signature_name": "serve_tensor"},
    ).json()
    assert set(answer["predictions"][1]) == {
        "logits",
        "probabilities",
        "embedding",
    }
    outputs = {"embedding": np.eye(2, dtype="float32")}
    assert json.loads(rest.predict_answer(outputs, True)) == {
        "predictions": [[1, 0], [0, 1]]
    }
    assert json.loads(rest.predict_answer(outputs, False)) == {
        "outputs": [[1, 0], [0, 1]]
    }


def test_only_names_that_end_in_bytes_are_base64():
    outputs = {
        "classes": np.array([b"elm"], object),
        "png_bytes": np.array([b"\xff\x00"], object),
    }
    assert json.loads(rest.predict_answer(outputs, True)) == {
        "predictions": [{"classes": "elm", "png_bytes": {"b64": "/wA="}}]
    }


def test_numbers_that_json_has_not_are_tokens(client):
    outputs = {"score": np.array([np.nan, np.inf, -np.inf], "float32")}
    text = rest.predict_answer(outputs, True)
    assert text == b'{"predictions": [NaN, Infinity, -Infinity]}'
    pixels = [[[[float("nan")] * 3] * 24] * 24]
    body = json.dumps({"instances": pixels, "signature_name": "serve_tensor"})
    headers = {"content-type": "application/json"}
    answer = client.post(PREDICT, content=body, headers=headers)
    assert answer.status_code == 200


GOOD = b64(b"x")
WRONG = [
    {},
    {"instances": [GOOD], "inputs": [GOOD]},
    {"instances": []},
    {"instances": GOOD},
    {"instances": [1]},
    {"instances": [[GOOD]]},
    {"instances": [{"b64": "***"}]},
    {"instances": [{"b64": 1}]},
    {"instances": [{"b64": "aGk=", "a": 1}]},
    {"instances": [{"other": GOOD}]},
    {"instances": ["\ud800"]},
    {"inputs": {"other": [GOOD]}},
    {"inputs": []},
    {"inputs": GOOD},
    {"instances": [GOOD], "signature_name": "none"},
    {"instances": [GOOD], "signature_name": ["embed"]},
    {"instances": [GOOD], "more": 1},
    {"instances": [[[[1]]]], "signature_name": "serve_tensor"},
    {"instances": [[1], [1, 2]], "signature_name": "serve_tensor"},
    {"instances": ["a"], "signature_name": "serve_tensor"},
    [],
    3,
]


@pytest.mark.parametrize("content", WRONG, ids=lambda c: repr(c)[:60])
def test_what_breaks_the_form_is_refused(client, content):
    headers = {"content-type": "application/json"}
    body = json.dumps(content)
    answer = client.post(PREDICT, content=body, headers=headers)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}
    assert isinstance(answer.json()["error"], str)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(client, body):
    headers = {"content-type": "application/json"}
    answer = client.post(PREDICT, content=body, headers=headers)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}


def test_status_of_all_versions_and_of_one(client):
    row = {
        "version": "1",
        "state": "AVAILABLE",
        "status": {"error_code": "OK", "error_message": ""},
    }
    for path in ("/v1/models/birds", "/v1/models/birds/versions/1"):
        assert client.get(path).json() == {"model_version_status": [row]}
    refused = rest.status_answer([1], {2: "its files /secret/path"})
    assert [one["version"] for one in refused["model_version_status"]] == [
        "2",
        "1",
    ]
    assert refused["model_version_status"][0]["state"] == "END"
    assert "/secret" not in json.dumps(refused)


def test_metadata_has_the_signatures(client):
    answer = client.get("/v1/models/birds/metadata").json()
    assert answer["model_spec"] == {
        "name": "birds",
        "signature_name": "",
        "version": "1",
    }
    signatures = answer["metadata"]["signature_def"]["signature_def"]
    default = signatures["serving_default"]
    assert default["method_name"] == "tensorflow/serving/predict"
    asked = default["inputs"]["image_bytes"]
    assert asked["dtype"] == "DT_STRING"
    assert asked["tensor_shape"]["dim"] == [{"size": "-1", "name": ""}]
    sizes = [
        int(one["size"])
        for one in default["outputs"]["embedding"]["tensor_shape"]["dim"]
    ]
    assert sizes == [-1, 6]
    assert {o["dtype"] for o in default["outputs"].values()} == {
        "DT_STRING",
        "DT_FLOAT",
        "DT_BOOL",
    }


@pytest.mark.parametrize(
    "path",
    [
        "/v1/models/cats",
        "/v1/models/cats:predict",
        "/v1/models/birds/versions/7",
        "/v1/models/birds/versions/7:predict",
        "/v1/models/birds/versions/-1",
        "/v1/models/birds/versions/one",
        "/v1/models/birds/versions/" + "9" * 30,
        "/v1/models/birds/labels/stable",
        "/v1/models/cats/metadata",
        "/v1/models/",
    ],
)
def test_what_is_not_there_is_404(client, path):
    if path.endswith(":predict"):
        answer = client.post(path, json={"instances": [GOOD]})
    else:
        answer = client.get(path)
    assert answer.status_code == 404
    assert set(answer.json()) == {"error"}


def test_a_version_is_asked_by_its_number(client, expected):
    pictures, _ = expected
    answer = client.post(
        "/v1/models/birds/versions/1:predict",
        json={"instances": [b64(pictures[0])]},
    )
    assert answer.json()["predictions"][0]["valid"] is True
