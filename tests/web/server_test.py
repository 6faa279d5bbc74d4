import contextlib
import http.client
import json
import pathlib
import signal
import socket
import subprocess
import sys
import time

import pytest

from fgkeras.web import SECURITY_HEADERS
from fgkeras.web import serve
from fgkeras.web.server import url_of
from tests.web.listening_test import ipv6

ROOT = pathlib.Path(__file__).parents[2]


@contextlib.contextmanager
def server(*arguments):
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.web.served", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def listening(*arguments):
    with server("127.0.0.1", "0", *arguments) as process:
        yield int(process.stdout.readline().strip().rpartition(":")[2])
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.fixture(scope="module")
def port():
    with listening() as port:
        yield port


@pytest.fixture(scope="module")
def hasty():
    """The port of a server that waits for a request for 0.4 seconds."""
    with listening("0.4") as port:
        yield port


def ask(port, method="GET", path="/", body=None, headers=None, host=None):
    connection = http.client.HTTPConnection(
        host or "127.0.0.1", port, timeout=10
    )
    with contextlib.closing(connection):
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response, response.read()


def exchange(port, *parts, pause=0.0):
    """Sends bytes, and returns all that comes until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), 10) as one:
        with contextlib.suppress(OSError):
            for part in parts:
                one.sendall(part)
                time.sleep(pause)
        got = b""
        with contextlib.suppress(ConnectionResetError):
            while part := one.recv(65536):
                got += part
        return got


def assert_guarded(answer):
    head = answer.partition(b"\r\n\r\n")[0].lower()
    for name, value in SECURITY_HEADERS:
        assert name + b": " + value.lower() in head


HEAD = b"POST /echo HTTP/1.1\r\nHost: localhost\r\n"
JSON = b"Content-Type: application/json\r\n"


def test_answers_with_its_headers_and_says_nothing_of_itself(port):
    proxied = {"X-Forwarded-For": "10.0.0.1", "X-Forwarded-Proto": "https"}
    response, body = ask(port, headers=proxied)
    assert (response.status, body) == (200, b"127.0.0.1 http")
    names = [name.lower() for name, _ in response.getheaders()]
    assert "server" not in names
    for name, value in SECURITY_HEADERS:
        assert response.getheader(name.decode()) == value.decode()
        assert names.count(name.decode()) == 1
    assert ask(port, headers={"Host": "evil.example"})[0].status == 403
    assert (
        ask(port, headers={"Host": "127.0.0.1.evil.example"})[0].status == 403
    )
    local = {"Host": "localhost"}
    assert ask(port, path="http://evil/", headers=local)[0].status == 400
    response, body = ask(port, path="/broken")
    assert response.status == 500
    assert b"secret" not in body


def test_bodies_in_chunks_have_a_limit(port):
    kind = {"Content-Type": "application/json"}
    whole = json.dumps(["a" * 300]).encode()
    parts = [whole[:100], whole[100:200], whole[200:]]
    response, body = ask(port, "POST", "/echo", iter(parts), kind)
    assert (response.status, json.loads(body)) == (200, json.loads(whole))
    large = [b'"', *[b"a" * 90] * 20, b'"']
    assert ask(port, "POST", "/echo", iter(large), kind)[0].status == 413
    large = b'"' + b"a" * 200_000 + b'"'
    assert ask(port, "POST", "/echo", large, kind)[0].status == 413


def test_lying_bodies_end(port, hasty):
    said = HEAD + JSON + b"Content-Length: "
    # Less than said: the rest does not come.
    answer = exchange(hasty, said + b"5\r\n\r\n{}")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert_guarded(answer)
    # More than said: what is left is no request.
    answer = exchange(port, said + b"2\r\n\r\n{}}}}}}\r\n\r\n")
    first, _, second = answer[1:].partition(b"HTTP/1.1 ")
    assert first.startswith(b"TTP/1.1 200 ")
    assert second.startswith(b"400 ")
    assert_guarded(b"HTTP/1.1 " + second)
    both = b"2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    assert b" 400 " in exchange(port, said + both)[:13]
    two = b"2\r\nContent-Length: 3\r\n\r\n{}"
    assert b" 400 " in exchange(port, said + two)[:13]


def test_nothing_that_is_slow_lasts(hasty):
    # By bytes that come now and then, or not at all, a head is not longer.
    slow = [b"GET / HTTP/1.1\r\n", *[b"A: b\r\n"] * 8]
    for answer in (exchange(hasty, *slow, pause=0.1), exchange(hasty)):
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert_guarded(answer)
    # Nor is it after a request that was answered.
    first = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = exchange(hasty, first, *slow, pause=0.08)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.count(b"HTTP/1.1 408 ") == 1
    head = HEAD + JSON + b"Transfer-Encoding: chunked\r\n\r\n"
    answer = exchange(hasty, head, *[b"1\r\n1\r\n"] * 8, pause=0.1)
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_what_is_no_http_is_refused(port):
    for sent in (b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"):
        answer = exchange(port, sent)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert_guarded(answer)
    hosts = b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"
    assert exchange(port, hosts).startswith(b"HTTP/1.1 400 ")
    long = b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 70_000
    assert exchange(port, long).startswith(b"HTTP/1.1 400 ")


def test_connections_have_a_limit(port):
    with contextlib.ExitStack() as stack:
        for _ in range(8):
            one = socket.create_connection(("127.0.0.1", port), 10)
            stack.enter_context(one)
        answer = exchange(port)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert_guarded(answer)
    # Where they ended there is room, once the server has seen it.
    for _ in range(100):
        if ask(port)[0].status == 200:
            break
        time.sleep(0.1)
    assert ask(port)[0].status == 200


@pytest.fixture(scope="module")
def roomy():
    """The port of a server whose 8 connections make room for a ninth."""
    with listening("10", "room") as port:
        yield port


def test_silent_connections_make_room_for_new_ones(roomy):
    with contextlib.ExitStack() as stack:
        silent = []
        for _ in range(30):
            one = socket.create_connection(("127.0.0.1", roomy), 10)
            silent.append(stack.enter_context(one))
        for _ in range(3):
            assert ask(roomy)[0].status == 200
        # The oldest are gone, the last are there.
        assert silent[0].recv(1) == b""
        silent[-1].sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert silent[-1].recv(12) == b"HTTP/1.1 200"


def test_who_is_answered_makes_no_room(roomy):
    with contextlib.ExitStack() as stack:
        asking = []
        for _ in range(8):
            one = http.client.HTTPConnection("127.0.0.1", roomy, timeout=10)
            stack.enter_context(contextlib.closing(one))
            one.request("GET", "/slow")
            asking.append(one)
        time.sleep(0.1)
        answer = exchange(roomy)
        assert answer.startswith(b"HTTP/1.1 503 ")
        for one in asking:
            assert one.getresponse().read() == b"finished"
        # Between two requests they do.
        assert ask(roomy)[0].status == 200


def test_who_does_not_read_is_cut_off(hasty):
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.settimeout(10)
        one.connect(("127.0.0.1", hasty))
        one.sendall(b"GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(1.2)
        got = 0
        with contextlib.suppress(ConnectionResetError):
            while part := one.recv(65536):
                got += len(part)
    assert 0 < got < 20_000_000
    assert len(ask(hasty, path="/long")[1]) == 20_000_000


def test_a_second_request_goes_over_the_same_connection(port):
    one = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(one):
        for _ in range(2):
            one.request("GET", "/slow")
            assert one.getresponse().read() == b"finished"
            assert one.sock is not None


@pytest.mark.parametrize(
    "number",
    [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)],
)
def test_a_signal_ends_it_after_what_is_under_way(number):
    with server("127.0.0.1", "0") as process:
        port = int(process.stdout.readline().strip().rpartition(":")[2])
        idle = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        idle.request("GET", "/")
        idle.getresponse().read()
        asking = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        asking.request("GET", "/slow")
        assert process.stdout.readline() == "begun\n"
        process.send_signal(number)
        assert asking.getresponse().read() == b"finished"
        out, err = process.communicate(timeout=10)
        # It returns: what stands behind it runs.
        assert (process.returncode, out, err) == (0, "ended\n", "")
        idle.close()
        asking.close()
    with server("127.0.0.1", str(port)) as process:
        # The port is free again at once.
        assert process.stdout.readline().strip() == f"http://127.0.0.1:{port}"


def test_a_taken_port_is_named():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ValueError, match=f"port {port} .*another port"):
            serve(None, port=port)


@ipv6
def test_localhost_is_served_by_both_addresses():
    with server("localhost", "0") as process:
        url = process.stdout.readline().strip()
        port = int(url.removeprefix("http://localhost:"))
        for host in ("127.0.0.1", "::1"):
            assert ask(port, host=host)[1] == f"{host} http".encode()


def test_an_application_that_cannot_start_ends_it():
    with server("127.0.0.1", "0", "10", "failing") as process:
        out, err = process.communicate(timeout=10)
    assert process.returncode == 1
    assert out == ""
    assert "could not start" in err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "lab.example"])
def test_other_machines_must_be_asked_for(host):
    with pytest.raises(ValueError, match="remote=True"):
        serve(None, host=host)


def test_where_a_browser_finds_it():
    assert url_of("[::1]", 1) == url_of("::1", 1) == "http://[::1]:1"
    assert url_of("::", 2) == "http://[::1]:2"
    assert url_of("lab.example", 3) == "http://lab.example:3"


def test_importing_the_package_is_cheap():
    heavy = ("uvicorn", "keras", "tensorflow", "numpy", "PIL", "sqlite3")
    code = (
        "import sys, fgkeras.web\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert ran.stdout.strip() == "[]"
