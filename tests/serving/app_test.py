"""Who may ask, how much, and what is said where it is too much."""

import json
import threading
import time

import numpy as np
import pytest
from starlette.testclient import TestClient

from fgkeras.serving import Versions
from fgkeras.serving import serving_app
from tests.export.conftest import picture
from tests.serving.conftest import b64
from tests.serving.conftest import export_version
from tests.serving.serving_process import serving

# An export is made and loaded; `rest_test.py` asks one by default.
pytestmark = pytest.mark.slow

PREDICT = "/v1/models/birds:predict"
ASKED = {"instances": [b64(picture(0))]}


def client_of(versions, **options):
    app = serving_app(versions, name="birds", **options)
    return TestClient(app, base_url="http://localhost")


class Slow:
    """Versions whose one signature waits until it may go on."""

    additions = None
    refused = {}

    def __init__(self):
        self.gate = threading.Event()
        self.number = 1
        self.gallery = None
        self.signatures = {"serving_default": self}
        self.input = type(
            "Spec", (), {"name": "x", "dtype": "float32", "shape": (None,),
                         "numpy_dtype": np.dtype("float32")},
        )  # fmt: skip
        self.started = threading.Semaphore(0)

    def __call__(self, rows):
        self.started.release()
        assert self.gate.wait(20)
        return {"y": rows * 2}

    def get(self, number=None):
        return self

    def numbers(self):
        return [1]

    def watch(self, seconds):
        pass

    def close(self):
        pass


def test_foreign_hosts_and_other_pages_are_refused(client):
    headers = {"host": "evil.example"}
    assert client.get("/", headers=headers).status_code == 403
    for headers in (
        {"origin": "http://evil.example"},
        {"sec-fetch-site": "cross-site"},
    ):
        answer = client.post(PREDICT, json=ASKED, headers=headers)
        assert answer.status_code == 403
    body = json.dumps(ASKED)
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        headers = {"content-type": kind}
        # So sends `curl -d`, as TensorFlow Serving's own examples have it.
        answer = client.post(PREDICT, content=body, headers=headers)
        assert answer.status_code == 200
        # What a browser sends so is the form of a page.
        headers["sec-fetch-site"] = "same-origin"
        answer = client.post(PREDICT, content=body, headers=headers)
        assert answer.status_code == 415
        assert set(answer.json()) == {"error"}


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/app.py",
        "/static/templates/page.html",
        "/gallery/pictures/..%2f..%2fadditions.jsonl",
        "/gallery/pictures/%2e%2e",
    ],
)
def test_no_path_leads_out(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_that_is_too_large_is_refused(versions, is_chunked):
    with client_of(versions, max_body=20_000) as client:
        body = json.dumps({"instances": ["a" * 30_000]}).encode()
        content = iter([body[:9000], body[9000:]]) if is_chunked else body
        headers = {"content-type": "application/json"}
        answer = client.post(PREDICT, content=content, headers=headers)
        assert answer.status_code == 413
        assert client.post(PREDICT, json=ASKED).status_code == 200


def test_a_full_queue_is_503_and_what_takes_too_long_504():
    slow = Slow()
    with client_of(slow, queue=2, deadline=0.5, batch_size=1) as client:
        answers = []

        def ask(count):
            rows = {"instances": [1.0] * count}
            answers.append(client.post(PREDICT, json=rows))

        threads = [threading.Thread(target=ask, args=(1,)) for _ in range(2)]
        for thread in threads:
            thread.start()
            assert slow.started.acquire(timeout=10)
        waiting = threading.Thread(target=ask, args=(2,))
        waiting.start()
        for _ in range(1000):
            if "fgkeras_waiting_rows 2" in client.get("/metrics").text:
                break
            time.sleep(0.001)
        refused = client.post(PREDICT, json={"instances": [1.0]})
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) >= 1
        assert set(refused.json()) == {"error"}
        for thread in (*threads, waiting):
            thread.join()
        assert [one.status_code for one in answers] == [504] * 3
        slow.gate.set()
        answer = client.post(PREDICT, json={"instances": [2.0]})
        assert answer.json() == {"predictions": [4.0]}
        answer = client.post(PREDICT, json={"instances": [2.0] * 3})
        assert answer.status_code == 413
        text = client.get("/metrics").text
        assert 'fgkeras_refused_total{code="503"} 1' in text
        assert 'fgkeras_requests_total{api="predict",code="504"} 3' in text


def test_a_token_is_asked_for_where_one_is_needed(versions):
    bearer = {"authorization": "Bearer secret"}
    with client_of(versions, token="secret", token_for_all=True) as client:
        for path in ("/", "/static/page.js", "/v2/health/ready"):
            assert client.get(path).status_code == 200
        for path in ("/metrics", "/v1/models/birds", "/v2", "/gallery"):
            assert client.get(path).status_code == 401
            assert client.get(path, headers=bearer).status_code == 200
        assert client.post(PREDICT, json=ASKED).status_code == 401
        assert client.post("/page/answer", json={}).status_code == 401
        answer = client.post(PREDICT, json=ASKED, headers=bearer)
        assert answer.status_code == 200
    with client_of(versions, token="secret") as client:
        assert client.post(PREDICT, json=ASKED).status_code == 200
        answer = client.post("/gallery/classes", json={})
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "options",
    [
        {"name": "a/b"},
        {"name": "<script>"},
        {"name": ""},
        {"deadline": 0},
        {"writable": True},
        {"token_for_all": True},
        {"writable": True, "token": "secret"},
        {"max_body": 0},
        {"batch_size": 0},
    ],
)
def test_refuses_options_out_of_range(versions, options):
    with pytest.raises(ValueError, match="Received: "):
        serving_app(versions, **options)


def test_metrics_have_the_form_of_prometheus(client):
    client.post(PREDICT, json=ASKED)
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "fgkeras_model_version 1" in answer.text


@pytest.mark.slow
def test_a_switch_of_versions_is_seen_by_the_answers(copy):
    served = Versions(copy, batch_sizes=())
    with client_of(served) as client:
        before = client.post(PREDICT, json=ASKED)
        export_version(copy, seed=4)
        served.look()
        after = client.post(PREDICT, json=ASKED)
        assert before.headers["fgkeras-model-version"] == "1"
        assert after.headers["fgkeras-model-version"] == "2"
        assert before.json() != after.json()
        old = client.post("/v1/models/birds/versions/1:predict", json=ASKED)
        assert old.json() == before.json()
        found = client.get("/v1/models/birds").json()["model_version_status"]
        assert [one["version"] for one in found] == ["2", "1"]


@pytest.mark.slow
def test_no_request_fails_or_mixes_while_versions_switch(copy):
    """Three switches under 6 clients; each answer is that of its version."""
    import http.client

    from fgkeras.export import load_exported

    pictures = [picture(i) for i in range(4)]
    body = json.dumps({"instances": [*map(b64, pictures)]})
    headers = {"content-type": "application/json"}
    answers, failed, is_over = [], [], threading.Event()

    def ask(port):
        one = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while not is_over.is_set():
            one.request("POST", PREDICT, body, headers)
            answer = one.getresponse()
            content = answer.read()
            if answer.status != 200:
                failed.append((answer.status, content))
                return
            number = int(answer.headers["fgkeras-model-version"])
            answers.append((number, json.loads(content)["predictions"]))

    with serving(copy, "--name", "birds") as (_, port):
        threads = [threading.Thread(target=ask, args=(port,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for number in (2, 3, 4):
            export_version(copy, seed=10 + number)
            end = time.monotonic() + 90
            while answers[-1][0] != number and time.monotonic() < end:
                time.sleep(0.05)
        is_over.set()
        for thread in threads:
            thread.join()
    assert not failed
    assert {number for number, _ in answers} == {1, 2, 3, 4}
    for number in (1, 2, 3, 4):
        expected = load_exported(copy / "saved_model" / str(number)).run(
            "serving_default", pictures
        )
        found = [rows for n, rows in answers if n == number]
        scores = np.array([[row["scores"] for row in rows] for rows in found])
        np.testing.assert_allclose(
            scores, np.broadcast_to(expected["scores"], scores.shape), atol=1e-5
        )
