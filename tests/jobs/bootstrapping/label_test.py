import http.client
import re
import signal
import subprocess
import sys
import threading
import urllib.parse

import pytest
from starlette.testclient import TestClient

from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.store import Labellers
from fgkeras.cli.main import main
from fgkeras.jobs.bootstrapping import invite
from fgkeras.jobs.bootstrapping import label
from fgkeras.jobs.bootstrapping.settle import settle
from fgkeras.storage import FolderTaken
from fgkeras.training.reporter import SILENT
from fgkeras.web.server import url_of
from tests.jobs.bootstrapping import world
from tests.jobs.bootstrapping.settle_test import planted

__all__ = ["planted"]


@pytest.fixture
def served(planted):
    """A project that needs no training, behind the real command."""
    root, spec = planted
    place = root / "settled"
    settle(place, spec, root / "found", reporter=SILENT)
    with subprocess.Popen(
        [sys.executable, "-m", "fgkeras", "bootstrap", "label", str(place)]
        + ["--port", "0", "--name", "Ada"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        link = None
        while link is None:
            found = re.search(r"For Ada, once: (\S+)", server.stdout.readline())
            link = found and found[1]
        rest = []
        reader = threading.Thread(
            target=lambda: rest.append(server.stdout.read()), daemon=True
        )
        reader.start()
        yield place, link, server, rest
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
        reader.join(20)
        assert f"next: fgkeras bootstrap label {place}" in rest[0]


def status_of(link, cookie=""):
    parts = urllib.parse.urlsplit(link)
    connection = http.client.HTTPConnection(parts.hostname, parts.port)
    target = f"{parts.path or '/'}?{parts.query}".rstrip("?")
    connection.request("GET", target, headers={"Cookie": cookie})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, response.headers


@pytest.mark.slow
def test_a_link_works_once_and_a_second_server_is_refused(served, capsys):
    place, link, _, _ = served
    status, headers = status_of(link)
    assert status == 303
    cookie = headers["Set-Cookie"].split(";")[0]
    assert status_of(link)[0] == 401
    home = link.partition("?")[0]
    assert status_of(home)[0] == 401
    assert status_of(home, cookie)[0] == 200
    assert main(["bootstrap", "invite", str(place), "Bob"]) == 0
    other = re.search(r"once: (\S+)", capsys.readouterr().out)[1]
    assert urllib.parse.urlsplit(other).port == urllib.parse.urlsplit(link).port
    assert status_of(other)[0] == 303
    with pytest.raises(FolderTaken, match="One process at a time"):
        label(place)


def test_invitations_need_a_page(planted):
    root, spec = planted
    place = root / "settled"
    settle(place, spec, root / "found", reporter=SILENT)
    with pytest.raises(ValueError, match="never served"):
        invite(place, "Bob")
    project = Project(place)
    project.store.set("address", "http://127.0.0.1:8780/")
    assert invite(place, "Bob").startswith("http://127.0.0.1:8780/")
    with pytest.raises(ValueError, match="labeller of the project"):
        invite(place, "Nobody", resume=True)
    assert Labellers(project.store).name(2) == "Bob"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "[::]", "0", ""])
def test_all_addresses_are_refused_with_those_there_are(
    tmp_path, host, monkeypatch
):
    # The module has the name of its function.
    where = label.__globals__, "machine_addresses"
    monkeypatch.setitem(*where, lambda: ["192.168.0.7", "fd00::7"])
    with pytest.raises(ValueError, match=r"has 192\.168\.0\.7, fd00::7\."):
        label(tmp_path, host=host)
    monkeypatch.setitem(*where, list)
    with pytest.raises(ValueError, match="None was found"):
        label(tmp_path, host=host)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 81])
def test_a_name_that_is_none_is_refused_before_all_else(tmp_path, name):
    with pytest.raises(ValueError, match="1 to 80 printable"):
        label(tmp_path / "nowhere", name=name)


@pytest.mark.parametrize(
    ("host", "header"),
    [("lab.example", "lab.example"), ("fd00::7", "[fd00::7]")],
)
def test_the_address_that_is_served_is_let_in(
    planted, monkeypatch, host, header
):
    root, spec = planted
    place = root / "settled"
    settle(place, spec, root / "found", reporter=SILENT)
    said, codes = [], []

    def served(app, *, ready, **options):
        ready(url_of(options["host"], 8780))
        link = said[-2].partition("once: ")[2]
        assert link.startswith(f"http://{header}:8780/?token=")
        client = TestClient(app, base_url=f"http://{header}:8780")
        for where in (link, "http://other.example:8780/"):
            codes.append(client.get(where).status_code)

    monkeypatch.setitem(label.__globals__, "serve", served)
    label(place, host=host, say=said.append)
    assert codes == [200, 403]
    assert "plain HTTP" in said[0]


def test_nothing_to_label_yet(tmp_path):
    world.write(tmp_path)
    with pytest.raises(ValueError, match="was begun"):
        label(tmp_path / "seed")
