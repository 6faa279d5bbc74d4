import re
import urllib.parse

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from fgkeras.web import Access
from fgkeras.web import Guard
from fgkeras.web import MemorySessions
from fgkeras.web import entry_link
from tests.web.asking import Recorder
from tests.web.asking import ask

LOCAL = ("host", "localhost:8000")


async def who(request):
    return PlainTextResponse(f"{request.state.person} {request.url.query}")


@pytest.fixture
def sessions():
    return MemorySessions()


@pytest.fixture
def browser(sessions):
    """Makes a browser with a cookie jar of its own."""
    routes = [
        Route("/{rest:path}", who, methods=["GET", "POST", "HEAD"]),
    ]
    app = Guard(Access(Starlette(routes=routes), sessions, project="birds"))
    return lambda: TestClient(
        app, base_url="http://localhost:8000", follow_redirects=False
    )


def test_a_link_works_once_and_leaves_the_address(sessions, browser):
    link = entry_link("http://localhost:8000/enter?a=b", "T")
    assert link == "http://localhost:8000/enter?token=T"
    token = sessions.invite("Ann")
    ann = browser()
    answer = ann.get(f"/enter?a=%26&token={token}&c=")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/enter?a=%26&c="
    assert token not in str(answer.headers)
    assert answer.headers["cache-control"] == "no-store"
    cookie = answer.headers["set-cookie"]
    parts = {part.strip() for part in cookie.split(";")[1:]}
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= parts
    name, _, value = cookie.split(";")[0].partition("=")
    assert name == "fgkeras-birds"
    assert len(value) >= 43
    assert ann.get("/enter?a=b").text == "Ann a=b"
    assert ann.post("/", json={}).text == "Ann "
    for again in (ann, browser()):
        answer = again.get(f"/enter?token={token}")
        assert answer.status_code == 401
        assert "new one" in answer.text
        assert "set-cookie" not in answer.headers
    assert ann.get("/").status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/image/1", "/static/label.js", "/favicon.ico", "/none"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
def test_nobody_comes_in_without(sessions, path, method):
    app = Recorder()
    guard = Guard(Access(app, sessions))
    sessions.invite("Ann")
    json = ("content-type", "application/json")
    for cookie in ("", "fgkeras-port-8000=", "fgkeras-port-8000=a; b=c", "="):
        headers = [LOCAL, json, ("cookie", cookie)]
        answer = ask(guard, method, path, headers)
        assert answer.status == 401
        assert answer.values(b"x-content-type-options") == [b"nosniff"]
    for query in ("token=", "token=a", "token", "token=a&token=b"):
        assert ask(guard, method, path, [LOCAL], query=query).status != 200
    assert app.bodies == []


def test_a_cookie_is_of_one_port_or_project(sessions):
    app = Recorder()
    access = Access(app, sessions)
    _, cookie = sessions.redeem(sessions.invite("Ann"))
    headers = [LOCAL, ("cookie", f"x=y;fgkeras-port-8000={cookie}")]
    assert ask(access, headers=headers, port=8000).status == 200
    assert ask(access, headers=headers, port=8001).status == 401
    other = Access(app, sessions, project="birds")
    assert ask(other, headers=headers).status == 401
    named = [("cookie", f"fgkeras-birds=a; fgkeras-birds={cookie}")]
    assert ask(other, headers=named, port=8001).status == 200
    assert app.people == ["Ann", "Ann"]


def test_only_a_get_that_a_person_asked_for_redeems(sessions):
    access = Access(Recorder(), sessions)
    token = sessions.invite("Ann")
    query = f"token={token}"
    for method in ("HEAD", "OPTIONS", "POST"):
        assert ask(access, method, query=query).status == 401
    for name in ("sec-purpose", "purpose"):
        ahead = [(name, "prefetch;prerender")]
        assert ask(access, headers=ahead, query=query).status == 401
    two = f"token={token}&token={token}"
    assert ask(access, query=two).status == 401
    assert ask(access, query=query).status == 303


def test_the_way_on_stays_on_this_server(sessions):
    access = Access(Recorder(), sessions)
    for path in ("//evil.example/a", "/\\evil.example", "///evil.example"):
        query = f"token={sessions.invite('Ann')}"
        (place,) = ask(access, path=path, query=query).values(b"location")
        joined = urllib.parse.urljoin("http://localhost/", place.decode())
        assert joined.startswith("http://localhost/evil.example")
    query = f"token={sessions.invite('Ann')}"
    (place,) = ask(access, path="/a\r\nb: ü", query=query).values(b"location")
    assert place == b"/a%0D%0Ab%3A%20%C3%BC"


def test_a_link_in_mail_goes_on_from_a_page_of_ours(sessions):
    # The browser does not send a strict cookie along a redirect that began
    # on another site.
    access = Access(Recorder(), sessions)
    headers = [LOCAL, ("sec-fetch-site", "cross-site")]
    query = f'token={sessions.invite("Ann")}&a="><script>&b=1'
    answer = ask(access, path="/<b>", headers=headers, query=query)
    assert answer.status == 200
    assert answer.values(b"set-cookie")
    text = answer.body.decode()
    assert "<script" not in text
    assert "<b>" not in text
    assert "token" not in text
    places = re.findall(r'(?:href="|url=)([^"]*)"', text)
    assert places == ["/%3Cb%3E?a=%22%3E%3Cscript%3E&amp;b=1"] * 2
    headers = [LOCAL, ("sec-fetch-site", "none")]
    query = f"token={sessions.invite('Ann')}"
    assert ask(access, headers=headers, query=query).status == 303


def test_two_people_are_two(sessions, browser):
    ann, bob = browser(), browser()
    ann.get(f"/?token={sessions.invite('Ann')}")
    bob.get(f"/?token={sessions.invite('Bob')}")
    assert (ann.get("/").text, bob.get("/").text) == ("Ann ", "Bob ")
    sessions.withdraw("Ann")
    assert ann.get("/").status_code == 401
    assert bob.get("/").status_code == 200
    # A new link in a browser of somebody else takes over.
    bob.get(f"/?token={sessions.invite('Cy')}")
    assert bob.get("/").text == "Cy "


@pytest.mark.parametrize("project", ["", "a b", "a;b", "a=b", "é", "a" * 41])
def test_refuses_names_that_are_no_cookie(project):
    with pytest.raises(ValueError, match="project="):
        Access(Recorder(), MemorySessions(), project=project)
