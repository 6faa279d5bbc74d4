"""The Open Inference Protocol, as its documentation says it."""

import json
import struct
import types

import numpy as np
import pytest

from fgkeras.export import load_exported
from fgkeras.serving.v2 import infer_answer
from fgkeras.serving.v2 import packed
from fgkeras.serving.v2 import unpacked
from fgkeras.web.refusal import Refusal
from tests.export.conftest import picture
from tests.serving.conftest import b64

# An export is made and loaded; `rest_test.py` asks one by default.
pytestmark = pytest.mark.slow

INFER = "/v2/models/birds/infer"
HEADER = "Inference-Header-Content-Length"
SHAPE = (2, 24, 24, 3)


def tensor(pictures, **more):
    data = [b64(one)["b64"] for one in pictures]
    return {
        "name": "image_bytes",
        "datatype": "BYTES",
        "shape": [len(data)],
        "data": data,
        **more,
    }


def binary_body(pictures, **more):
    """JSON, and behind it each picture with its length before it."""
    packed = b"".join(struct.pack("<I", len(p)) + p for p in pictures)
    one = tensor(pictures, parameters={"binary_data_size": len(packed)})
    del one["data"]
    head = json.dumps({"inputs": [one], **more}).encode()
    return head + packed, len(head)


def post_binary(client, body, length, **headers):
    return client.post(
        INFER,
        content=body,
        headers={
            "content-type": "application/octet-stream",
            HEADER: str(length),
            **headers,
        },
    )


def read_binary(answer):
    """Returns the JSON and the bytes of each binary output."""
    length = int(answer.headers[HEADER])
    content = json.loads(answer.content[:length])
    at, parts = length, {}
    for one in content["outputs"]:
        size = one.get("parameters", {}).get("binary_data_size")
        if size is not None:
            parts[one["name"]] = answer.content[at : at + size]
            at += size
    assert at == len(answer.content)
    return content, parts


@pytest.fixture(scope="module")
def expected(gallery_export):
    pictures = [picture(2), b"no picture"]
    loaded = load_exported(gallery_export)
    return pictures, loaded.run("serving_default", pictures)


def test_health_and_metadata(client):
    for path in (
        "/v2/health/live",
        "/v2/health/ready",
        "/v2/models/birds/ready",
        "/v2/models/birds/versions/1/ready",
    ):
        assert client.get(path).status_code == 200
    server = client.get("/v2").json()
    assert set(server) == {"name", "version", "extensions"}
    assert "binary_tensor_data" in server["extensions"]
    for path in ("/v2/models/birds", "/v2/models/birds/versions/1"):
        model = client.get(path).json()
        assert model["name"] == "birds"
        assert model["versions"] == ["1"]
        assert model["inputs"] == [
            {"name": "image_bytes", "datatype": "BYTES", "shape": [-1]}
        ]
        outputs = {one["name"]: one for one in model["outputs"]}
        assert outputs["classes"]["datatype"] == "BYTES"
        assert outputs["scores"]["datatype"] == "FP32"
        assert outputs["scores"]["shape"] == [-1, 3]
        assert outputs["valid"]["datatype"] == "BOOL"


@pytest.mark.parametrize(
    "path", ["cats", "cats/ready", "birds/versions/2", "birds/versions/2/ready"]
)
def test_what_is_not_there_is_4xx(client, path):
    answer = client.get(f"/v2/models/{path}")
    assert answer.status_code == 404
    assert set(answer.json()) == {"error"}
    answer = client.post(f"/v2/models/{path}/infer", json={})
    assert answer.status_code == 404


def test_json_in_json_out(client, expected):
    pictures, outputs = expected
    request = {"id": "42", "inputs": [tensor(pictures)]}
    answer = client.post(INFER, json=request)
    assert answer.status_code == 200
    content = answer.json()
    assert (content["model_name"], content["model_version"]) == ("birds", "1")
    assert content["id"] == "42"
    found = {one["name"]: one for one in content["outputs"]}
    assert set(found) == set(outputs)
    for name, values in outputs.items():
        one = found[name]
        assert one["shape"] == list(values.shape)
        flat = values.reshape(-1)
        if name == "classes":
            assert one["datatype"] == "BYTES"
            assert one["data"] == [text.decode() for text in flat]
        else:
            np.testing.assert_allclose(one["data"], flat, 1e-5)


def test_pictures_in_json_are_base64_in_either_form(client, expected):
    pictures, _ = expected
    request = {"inputs": [tensor(pictures)]}
    plain = client.post(INFER, json=request).json()
    request["inputs"][0]["data"] = [b64(one) for one in pictures]
    assert client.post(INFER, json=request).json() == plain
    request["inputs"][0]["shape"] = [2, 1]
    request["inputs"][0]["data"] = [[b64(one)] for one in pictures]
    assert client.post(INFER, json=request).json() == plain


def test_binary_tensors(client, expected):
    pictures, outputs = expected
    body, length = binary_body(
        pictures, parameters={"binary_data_output": True}
    )
    answer = post_binary(client, body, length)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    content, parts = read_binary(answer)
    assert set(parts) == set(outputs)
    scores = np.frombuffer(parts["scores"], "<f4").reshape(2, 3)
    np.testing.assert_allclose(scores, outputs["scores"], 1e-5)
    assert parts["valid"] == b"\x01\x00"
    names, at = [], 0
    while at < len(parts["classes"]):
        (size,) = struct.unpack_from("<I", parts["classes"], at)
        names.append(parts["classes"][at + 4 : at + 4 + size])
        at += 4 + size
    assert names == outputs["classes"].reshape(-1).tolist()
    assert "data" not in content["outputs"][0]


def test_outputs_are_chosen_in_their_order(client, expected):
    pictures, _ = expected
    wanted = [
        {"name": "valid"},
        {"name": "scores", "parameters": {"binary_data": True}},
    ]
    body, length = binary_body(pictures, outputs=wanted)
    content, parts = read_binary(post_binary(client, body, length))
    assert [one["name"] for one in content["outputs"]] == ["valid", "scores"]
    assert content["outputs"][0]["data"] == [True, False]
    assert len(parts["scores"]) == 24
    request = {"inputs": [tensor(pictures)], "outputs": [{"name": "valid"}]}
    answer = client.post(INFER, json=request)
    assert answer.headers["content-type"] == "application/json"
    assert len(answer.json()["outputs"]) == 1


def test_another_signature_and_numbers_either_way(client):
    pixels = np.random.default_rng(0).integers(0, 255, SHAPE)
    one = {"name": "images", "datatype": "FP32", "shape": list(SHAPE)}
    parameters = {"signature_name": "serve_tensor"}
    request = {"parameters": parameters}
    answers = []
    for data in (pixels.tolist(), pixels.reshape(-1).tolist()):
        request["inputs"] = [{**one, "data": data}]
        answers.append(client.post(INFER, json=request).json()["outputs"])
    packed = pixels.astype("<f4").tobytes()
    request["inputs"] = [
        {**one, "parameters": {"binary_data_size": len(packed)}}
    ]
    head = json.dumps(request).encode()
    answer = post_binary(client, head + packed, len(head))
    answers.append(answer.json()["outputs"])
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][1]["name"] == "logits"


GOOD = tensor([b"x"])
WRONG = [
    {},
    {"inputs": []},
    {"inputs": [GOOD, GOOD]},
    {"inputs": [{**GOOD, "name": "other"}]},
    {"inputs": [{**GOOD, "datatype": "FP32"}]},
    {"inputs": [{**GOOD, "shape": [2]}]},
    {"inputs": [{**GOOD, "shape": [1, 1, 1]}]},
    {"inputs": [{**GOOD, "shape": [-1]}]},
    {"inputs": [{**GOOD, "shape": [True]}]},
    {"inputs": [{**GOOD, "shape": "1"}]},
    {"inputs": [{**GOOD, "data": ["*"]}]},
    {"inputs": [{**GOOD, "data": [1]}]},
    {"inputs": [{**GOOD, "data": "eA=="}]},
    {"inputs": [{**GOOD, "shape": [0], "data": []}]},
    {"inputs": [{**GOOD, "parameters": {"binary_data_size": 3}}]},
    {"inputs": [{**GOOD, "parameters": 3}]},
    {"inputs": [GOOD], "id": 3},
    {"inputs": [GOOD], "outputs": [{"name": "none"}]},
    {"inputs": [GOOD], "outputs": "valid"},
    {
        "inputs": [GOOD],
        "outputs": [{"name": "scores", "parameters": {"classification": 2}}],
    },
    {"inputs": [GOOD], "parameters": {"signature_name": "none"}},
    [],
]


@pytest.mark.parametrize("content", WRONG, ids=lambda c: repr(c)[:60])
def test_what_breaks_the_form_is_refused(client, content):
    answer = client.post(INFER, json=content)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}


def test_binary_tensors_that_lie_are_refused(client):
    body, length = binary_body([b"abc"])
    for wrong, said in (
        (body[:-1], length),
        (body + b"x", length),
        (body, length - 1),
        (body, 0),
        (body, len(body) + 1),
        (body, "many"),
        (body[:-7] + struct.pack("<I", 99) + b"abc", length),
        (body[:-7] + struct.pack("<I", 1) + b"abc", length),
    ):
        assert post_binary(client, wrong, said).status_code == 400, said
    compressed = {"content-encoding": "gzip"}
    answer = post_binary(client, body, length, **compressed)
    assert answer.status_code == 400
    assert "compressed" in answer.json()["error"]


def test_strings_are_packed_and_unpacked():
    words = [b"", b"elm", "云雀".encode(), bytes(300)]
    rows = np.empty(4, object)
    rows[:] = words
    assert unpacked(packed(rows), 4) == words
    for count in (3, 5):
        with pytest.raises(Refusal):
            unpacked(packed(rows), count)
    with pytest.raises(Refusal):
        unpacked(packed(rows)[:-1], 4)


def test_what_json_cannot_say_is_not_sent():
    outputs = {"scores": np.array([[0.5, np.nan]], "float32")}

    def asked(in_binary):
        return types.SimpleNamespace(id=None, outputs=[("scores", in_binary)])

    with pytest.raises(Refusal, match="ask for binary data"):
        infer_answer("birds", 1, outputs, asked(False))
    body, length = infer_answer("birds", 1, outputs, asked(True))
    assert np.isnan(np.frombuffer(body[length:], "<f4")[1])
