import asyncio
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from fgkeras.web import Guard
from tests.web.asking import Recorder
from tests.web.asking import ask

JSON = ("content-type", "application/json")
LOCAL = ("host", "localhost:8000")
POLICY = {
    "default-src": "'none'",
    "img-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}


def assert_guarded(answer):
    """The headers of security, each once."""
    for name, value in {
        b"x-content-type-options": b"nosniff",
        b"referrer-policy": b"no-referrer",
        b"cross-origin-resource-policy": b"same-origin",
        b"x-frame-options": b"DENY",
    }.items():
        assert answer.values(name) == [value]
    (policy,) = answer.values(b"content-security-policy")
    parts = dict(p.strip().split(" ", 1) for p in policy.decode().split(";"))
    assert parts == POLICY
    assert len(answer.values(b"cache-control")) == 1


def post(app, *headers, chunks=(b"{}",), **options):
    return ask(app, "POST", "/", (LOCAL, JSON, *headers), chunks, **options)


def test_hosts_are_checked_before_any_handler():
    app = Recorder()
    guard = Guard(app, port=8000)
    refused = [
        [("host", "evil.example")],
        [("host", "127.0.0.1.evil.example:8000")],
        [("host", "")],
        [],
        [("host", "localhost.:8000")],
        [("host", "localhost:8001")],
        [LOCAL, LOCAL],
        [LOCAL, ("host", "evil.example")],
    ]
    for headers in refused:
        for method in ("GET", "POST", "OPTIONS"):
            answer = ask(guard, method, headers=[*headers, JSON])
            assert answer.status in (400, 403)
            assert b"evil" not in answer.body
            assert_guarded(answer)
    assert app.bodies == []
    for name in ("localhost", "127.0.0.1", "[::1]"):
        answer = ask(guard, headers=[("host", f"{name}:8000")])
        assert (answer.status, answer.body) == (200, b"seen")
        assert_guarded(answer)


@pytest.mark.parametrize("path", ["", "http://localhost/", "/a\0b", "/a\nb"])
def test_paths_that_are_none_are_refused(path):
    app = Recorder()
    assert ask(Guard(app), path=path).status == 400
    assert app.bodies == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_other_pages_change_nothing(method):
    app = Recorder()
    guard = Guard(app)
    for name, value in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
    ]:
        answer = ask(guard, method, headers=[LOCAL, JSON, (name, value)])
        assert answer.status == 403
        assert_guarded(answer)
    assert app.bodies == []
    for name, value in [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-site", "none"),
        ("origin", "http://localhost:8000"),
    ]:
        answer = ask(guard, method, headers=[LOCAL, JSON, (name, value)])
        assert answer.status == 200


def test_other_pages_may_lead_here():
    for site in ("cross-site", "same-site", "none"):
        headers = [LOCAL, ("sec-fetch-site", site)]
        assert ask(Guard(Recorder()), headers=headers).status == 200


ANY = st.text(st.characters(max_codepoint=255), max_size=20)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("host"), st.sampled_from(["localhost", "evil"])),
            st.tuples(st.just("origin"), st.just("http://localhost")),
            st.tuples(
                st.sampled_from(
                    ["host", "origin", "sec-fetch-site", "content-type"]
                ),
                ANY,
            ),
            st.just(JSON),
        ),
        max_size=5,
    )
)
def test_no_headers_break_it_or_break_in(headers):
    app = Recorder()
    answer = ask(Guard(app), "POST", headers=headers)
    assert answer.status in (200, 400, 403, 415)
    assert_guarded(answer)
    if answer.status == 200:
        values = {name: [] for name, _ in headers}
        for name, value in headers:
            values[name].append(value)
        assert len(values["host"]) == 1
        assert values.get("sec-fetch-site", ["none"])[0] in (
            "none",
            "same-origin",
        )
        assert len(values["content-type"]) == 1
    assert len(app.bodies) == (answer.status == 200)


@pytest.mark.parametrize(
    "types",
    [
        [],
        ["text/plain"],
        ["application/x-www-form-urlencoded"],
        ["multipart/form-data; boundary=application/json"],
        ["text/plain; application/json"],
        ["application/jsonp"],
        ["application/json", "text/plain"],
    ],
)
def test_only_json_changes_something(types):
    app = Recorder()
    headers = [LOCAL, *(("content-type", kind) for kind in types)]
    answer = ask(Guard(app), "POST", headers=headers)
    assert answer.status == 415
    assert app.bodies == []
    assert "application/json" in json.loads(answer.body)["error"]
    assert_guarded(answer)


OCTETS = ("content-type", "application/octet-stream")


def test_an_application_allows_what_no_form_sends():
    app = Recorder()
    guard = Guard(
        app, types=["application/octet-stream"], headers=["X-Tensor-Length"]
    )
    mark = ("x-tensor-length", "3")
    for headers in ([OCTETS], [JSON], [mark], [mark, OCTETS]):
        answer = ask(guard, "POST", headers=[LOCAL, *headers])
        assert answer.status == 200, headers
    # A form's type is one, whatever stands beside it; and so is a stranger.
    for headers in (
        [],
        [("content-type", "text/plain")],
        [("content-type", "text/plain"), mark],
        [OCTETS, OCTETS],
        [OCTETS, mark, ("origin", "http://evil.example")],
        [OCTETS, mark, ("sec-fetch-site", "cross-site")],
    ):
        answer = ask(guard, "POST", headers=[LOCAL, *headers])
        assert answer.status in (403, 415), headers
    assert ask(Guard(app), "POST", headers=[LOCAL, OCTETS]).status == 415
    assert ask(Guard(app), "POST", headers=[LOCAL, mark]).status == 415


def test_scripts_may_send_any_type_where_that_is_allowed():
    app = Recorder()
    guard = Guard(app, scripts=True)
    form = ("content-type", "application/x-www-form-urlencoded")
    for headers in ([form], [], [("content-type", "text/plain"), form]):
        assert ask(guard, "POST", headers=[LOCAL, *headers]).status == 200
    for mark in (
        ("origin", "http://localhost:8000"),
        ("origin", ""),
        ("sec-fetch-site", "none"),
        ("sec-fetch-site", "same-origin"),
    ):
        answer = ask(guard, "POST", headers=[LOCAL, form, mark])
        assert answer.status in (403, 415)
        answer = ask(Guard(app), "POST", headers=[LOCAL, form])
        assert answer.status == 415
    for mark in (
        ("origin", "http://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ):
        assert ask(guard, "POST", headers=[LOCAL, form, mark]).status == 403
    evil = [("host", "evil.example"), form]
    assert ask(guard, "POST", headers=evil).status == 403


def test_all_bodies_together_have_a_bound():
    entered, gate = [], asyncio.Event()

    async def app(scope, receive, send):
        entered.append(len((await receive())["body"]))
        if len(entered) == 1:
            await gate.wait()
        start = {"type": "http.response.start", "status": 200, "headers": []}
        await send(start)
        await send({"type": "http.response.body", "body": b""})

    guard = Guard(app, limit=60, total=100)
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "headers": [(k.encode(), v.encode()) for k, v in (LOCAL, JSON)],
    }

    async def asked(size):
        found = []

        async def receive():
            return {"type": "http.request", "body": b"a" * size}

        async def send(message):
            found.append(message)

        await guard(scope, receive, send)
        return found[0]

    async def run():
        first = asyncio.create_task(asked(60))
        await asyncio.sleep(0)
        while not entered:
            await asyncio.sleep(0.001)
        refused = await asked(41)
        fits = await asked(40)
        gate.set()
        await first
        # What was taken is given back, by those refused as well.
        again = [await asked(60) for _ in range(3)]
        return refused, fits, again

    refused, fits, again = asyncio.run(run())
    assert refused["status"] == 503
    assert (b"retry-after", b"1") in refused["headers"]
    assert fits["status"] == 200
    assert [one["status"] for one in again] == [200] * 3


def test_json_with_a_charset_passes():
    kind = ("content-type", "Application/JSON; charset=utf-8")
    assert ask(Guard(Recorder()), "POST", headers=[LOCAL, kind]).status == 200


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_bodies_have_a_limit_however_they_come(method):
    app = Recorder()
    guard = Guard(app, limit=100)
    for chunks in ([b"a" * 100], [b"a" * 40, b"b" * 60], [b"a"] * 100):
        answer = ask(guard, method, headers=[LOCAL, JSON], chunks=chunks)
        assert answer.status == 200
        assert app.bodies.pop() == b"".join(chunks)
    for chunks in ([b"a" * 101], [b"a" * 60, b"b" * 60], [b"a"] * 101):
        answer = ask(guard, method, headers=[LOCAL, JSON], chunks=chunks)
        assert answer.status == 413
        assert_guarded(answer)
    assert app.bodies == []


def test_a_body_without_end_is_not_kept():
    read = []

    async def more():
        read.append(1)
        part = {"type": "http.request", "body": b"a" * 10_000}
        return {**part, "more_body": True}

    answer = post(Guard(Recorder(), limit=64_000), chunks=(), after=more)
    assert answer.status == 413
    assert answer.values(b"connection") == [b"close"]
    # Some is dropped so that its sender reads the answer.
    assert 64_000 < 10_000 * len(read) < 2_000_000


@pytest.mark.parametrize(
    ("lengths", "status"),
    [
        (["2"], 200),
        (["2", "2"], 200),
        (["1"], 400),
        (["3"], 400),
        (["2", "3"], 400),
        (["-2"], 400),
        (["+2"], 400),
        (["0x2"], 400),
        (["\u00b2"], 400),
        ([""], 400),
        (["99999999999999999999999999"], 413),
        (["64001"], 413),
    ],
)
def test_lengths_are_true_or_refused(lengths, status):
    app = Recorder()
    said = [("content-length", length) for length in lengths]
    answer = post(Guard(app), *said)
    assert answer.status == status
    # What comes after a length that is not understood is no request.
    assert (answer.values(b"connection") == [b"close"]) == (status == 400)
    assert app.bodies == [b"{}"] * (status == 200)


def test_a_length_beside_chunks_is_refused():
    said = [("content-length", "2"), ("transfer-encoding", "chunked")]
    assert post(Guard(Recorder()), *said).status == 400


def test_a_declared_length_is_refused_before_it_is_read():
    async def fail():
        raise AssertionError("read")

    app = Guard(Recorder())
    said = [("content-length", "70000"), ("expect", "100-continue")]
    assert post(app, *said, chunks=(), after=fail).status == 413


def test_a_slow_body_ends():
    async def sleep():
        await asyncio.sleep(3600)

    app = Recorder()
    answer = post(Guard(app, seconds=0.05), chunks=(b"{",), after=sleep)
    assert answer.status == 408
    assert app.bodies == []
    assert_guarded(answer)


def test_who_has_gone_reaches_no_handler():
    async def gone():
        return {"type": "http.disconnect"}

    app = Recorder()
    assert post(Guard(app), chunks=(b'{"a":',), after=gone).status == 0
    assert app.bodies == []


def test_handlers_do_not_weaken_the_headers():
    loose = [
        (b"X-Frame-Options", b"ALLOWALL"),
        (b"content-security-policy", b"default-src *"),
        (b"Cache-Control", b"private, max-age=60"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
    ]
    answer = ask(Guard(Recorder(loose)))
    assert_guarded(answer)
    assert answer.values(b"cache-control") == [b"private, max-age=60"]
    assert answer.values(b"set-cookie") == [b"a=1", b"b=2"]
    assert ask(Guard(Recorder())).values(b"cache-control") == [b"no-store"]


async def broken(request):
    raise RuntimeError("the secret of the folder /home/ann")


async def refusing(request):
    return JSONResponse({"error": "meant"}, 500)


async def half(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send(
        {"type": "http.response.body", "body": b"half", "more_body": True}
    )
    raise RuntimeError("the secret")


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_errors_go_to_the_log_and_nowhere_else(debug, accept, caplog):
    app = Guard(Starlette(debug=debug, routes=[Route("/", broken)]))
    headers = [LOCAL, ("accept", accept)]
    with caplog.at_level(logging.ERROR):
        answer = ask(app, headers=headers)
    assert answer.status == 500
    assert b"secret" not in answer.body
    assert b"Traceback" not in answer.body
    assert answer.values(b"content-type")[0].startswith(
        b"application/json" if accept == "application/json" else b"text/plain"
    )
    assert_guarded(answer)
    assert "the secret" in caplog.text
    assert int(answer.values(b"content-length")[0]) == len(answer.body)


def test_a_meant_500_and_half_an_answer(caplog):
    app = Guard(Starlette(routes=[Route("/", refusing)]))
    answer = ask(app)
    assert (answer.status, json.loads(answer.body)) == (500, {"error": "meant"})
    assert_guarded(answer)
    answer = ask(Guard(half))
    assert (answer.status, answer.body) == (200, b"half")
    assert "the secret" in caplog.text


def test_starlette_goes_through_it():
    started = []

    async def page(request):
        return PlainTextResponse((await request.body()).decode())

    class Lifespan:
        def __init__(self, app):
            pass

        async def __aenter__(self):
            started.append(1)

        async def __aexit__(self, *error):
            started.append(2)

    routes = [Route("/a", page, methods=["GET", "POST"])]
    app = Guard(Starlette(routes=routes, lifespan=Lifespan))
    with TestClient(app, base_url="http://localhost") as client:
        assert client.get("/a").text == ""
        assert client.post("/a", json={"b": 1}).text == '{"b":1}'
        assert client.get("/b").status_code == 404
        assert client.get("/b").headers["x-content-type-options"] == "nosniff"
        assert client.put("/a", json=1).status_code == 405
        with pytest.raises(WebSocketDisconnect):
            client.websocket_connect("/a").__enter__()
    assert started == [1, 2]


@pytest.mark.parametrize(
    "options",
    [
        {"limit": 0},
        {"seconds": 0},
        {"seconds": float("nan")},
        {"hosts": "a"},
        {"origins": ["a"]},
        {"port": 0},
        {"types": ["text/plain"]},
        {"types": ["Multipart/Form-Data"]},
        {"types": "application/octet-stream"},
        {"headers": ["Accept"]},
        {"headers": ["content-type"]},
        {"total": 10},
    ],
)
def test_refuses_options_out_of_range(options):
    with pytest.raises(ValueError, match="Received: "):
        Guard(Recorder(), **options)
