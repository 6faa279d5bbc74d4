"""A simulated labeller over HTTP: at a real server, and at one that fails."""

import http.server
import json
import signal
import socket
import subprocess
import sys
import threading

import pytest

from fgkeras.bootstrap.simulated import HttpLabeller
from fgkeras.bootstrap.simulated import Refused
from fgkeras.bootstrap.simulated import SimulatedLabeller
from fgkeras.bootstrap.store import Labellers
from fgkeras.web import entry_link
from tests.bootstrap.simulated.desk import Round


class Failing(http.server.BaseHTTPRequestHandler):
    """Answers two cards, but does what `script` says before.

    `"cut"`: the answer is kept and the connection closed without a word.
    """

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if "token=" in self.path:
            used = self.server.entered
            self.server.entered = True
            headers = {} if used else {"Set-Cookie": "id=7; HttpOnly; Path=/"}
            self.reply(401 if used else 303, {"error": "used"}, headers)
            return
        assert self.headers["Cookie"] == "id=7"
        left = [n for n in (1, 2) if n not in self.server.kept]
        cells = [
            {"candidate": n, "class": 0, "class_name": "elm", "rival": None,
             "rival_name": None}
            for n in left
        ]  # fmt: skip
        self.reply(200, {"cards": cells, "open": len(left), "round": 1})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["Content-Type"] == "application/json"
        self.server.requests.append(body["request"])
        fault = self.server.script.pop(0) if self.server.script else None
        if fault == "cut":
            self.server.kept[body["candidate"]] = body["request"]
            self.close_connection = True
        elif fault:
            self.reply(fault, {"error": "words of the server"})
        else:
            known = self.server.kept.setdefault(
                body["candidate"], body["request"]
            )
            assert known == body["request"]
            self.reply(200, {"answers": []})

    def reply(self, status, content, headers=None):
        data = json.dumps(content).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def failing():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Failing)
    server.script, server.kept, server.requests = [], {}, []
    server.entered = False
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def labeller_at(server, **options):
    link = f"http://127.0.0.1:{server.server_address[1]}/?token=abc"
    return HttpLabeller(
        link, SimulatedLabeller(1.0), lambda candidate: "elm", **options
    )


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(
        "fgkeras.bootstrap.simulated.http_labeller._FIRST_WAIT", 0.001
    )


@pytest.mark.parametrize("fault", ["cut", 429, 500, 503, 507])
def test_what_fails_is_sent_again_with_its_id(failing, fault):
    failing.script = [fault, fault]
    labeller = labeller_at(failing)
    done = labeller.work()
    labeller.close()
    assert done.decisions == 2
    assert labeller.retries == 2
    assert set(failing.kept) == {1, 2}
    # Three of the first, with one id; one of the second, with another.
    first, again, third, other = failing.requests
    assert first == again == third
    assert other != first


def test_tries_come_to_an_end(failing):
    failing.script = [503] * 9
    with pytest.raises(Refused, match="words of the server") as caught:
        labeller_at(failing, tries=3).work()
    assert caught.value.status == 503
    assert len(failing.requests) == 3


def test_a_broken_connection_is_raised_in_the_end(failing):
    failing.script = ["cut"] * 9
    with pytest.raises((OSError, http.client.HTTPException)):
        labeller_at(failing, tries=2).work()
    assert len(failing.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 404, 413])
def test_what_is_refused_is_not_sent_again(failing, status):
    failing.script = [status]
    with pytest.raises(Refused, match="words of the server"):
        labeller_at(failing).work()
    assert len(failing.requests) == 1


def test_who_is_paused_stops(failing):
    failing.script = [None, 403]
    done = labeller_at(failing).work()
    assert (done.decisions, done.paused) == (1, "words of the server")


def test_a_link_works_once(failing):
    labeller_at(failing)
    with pytest.raises(Refused, match="used"):
        labeller_at(failing)


@pytest.mark.parametrize(
    "link", ["", "elms", "https://a/?token=b", "http://localhost:1"]
)
def test_what_is_no_link_is_refused(link):
    with pytest.raises(ValueError, match="by a link"):
        HttpLabeller(link, None, None)


def test_no_tries_are_refused():
    with pytest.raises(ValueError, match="tries=0"):
        HttpLabeller("http://localhost:1/?token=a", None, None, tries=0)


def test_where_nobody_listens_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(OSError):
            HttpLabeller(f"http://127.0.0.1:{port}/?token=a", None, None)


def served(folder, port=0):
    """Starts the page of a store; returns the process and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bootstrap.simulated.served", str(folder),
         str(port)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return process, process.stdout.readline().strip()


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["card", "grid"])
def test_three_finish_a_round_at_a_server_that_is_killed(tmp_path, mode):
    found = Round(tmp_path, per_class=60, gold=0.1)
    people = Labellers(found.store)
    process, url = served(tmp_path)
    try:
        workers = [
            HttpLabeller(
                entry_link(url, people.invite(name)),
                SimulatedLabeller(0.95, seed=seed),
                found.truth,
                pace=0.002,
                tries=40,
            )
            for seed, name in enumerate(("Ada", "Bob", "Cy"))
        ]
        results = {}

        def work(number):
            results[number] = workers[number].work(mode, size=9)

        threads = [
            threading.Thread(target=work, args=(number,)) for number in range(3)
        ]
        for thread in threads:
            thread.start()
        threads[0].join(1.0)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process, again = served(tmp_path, url.rpartition(":")[2])
        assert again == url
        for thread in threads:
            thread.join(120)
    finally:
        process.terminate()
        process.wait()
    rows = found.outcomes()
    with found.store.reading() as db:
        votes = db.execute(
            "SELECT c.kind, c.id, v.verdict, v.labeller FROM vote AS v "
            "JOIN candidate AS c ON c.id = v.candidate"
        ).fetchall()
        decisions = db.execute("SELECT count(*) FROM decision").fetchone()[0]
    offers = [vote for vote in votes if vote["kind"] == "offer"]
    # Each once, by somebody; nothing is lost, nothing counts twice.
    assert len({vote["id"] for vote in offers}) == len(offers)
    assert decisions == len(votes)
    assert decisions == sum(done.decisions for done in results.values())
    settled = [row for row in rows if row["state"] == "settled"]
    assert len(settled) == len(offers)
    wrong = sum(
        (row["outcome"] == "tp") != (row["true"] == row["name"])
        for row in settled
    )
    assert wrong <= sum(done.wrong for done in results.values()) <= 40
    assert len(settled) >= 170  # A class may rest while its last are out.
