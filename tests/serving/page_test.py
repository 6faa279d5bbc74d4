import html.parser
import types

import numpy as np
import pytest

from fgkeras.serving.page import Page
from tests.export.conftest import picture
from tests.serving.conftest import NAMES
from tests.serving.conftest import b64

# An export is made and loaded; `rest_test.py` asks one by default.
pytestmark = pytest.mark.slow


class Tags(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


def test_the_page_has_nothing_inline_and_nothing_of_others(client):
    answer = client.get("/")
    assert "'unsafe" not in answer.headers["content-security-policy"]
    for tag, attributes in Tags(answer.text).tags:
        assert not [name for name in attributes if name.startswith("on")]
        assert "style" not in attributes
        for name in ("src", "href", "action"):
            value = attributes.get(name, "")
            assert value.startswith(("/static/", "#")) or not value
        if tag == "script":
            assert attributes["src"] == "/static/page.js"
    for name in ("page.js", "style.css"):
        text = client.get(f"/static/{name}").text
        assert "http" not in text.replace("http-equiv", "")
        assert "innerHTML" not in text
    assert "not TensorFlow Serving" in answer.text


def test_all_that_the_script_asks_for_is_on_the_page(client):
    import re

    page, script = client.get("/").text, client.get("/static/page.js").text
    ids = {a["id"] for _, a in Tags(page).tags if "id" in a}
    assert set(re.findall(r'\$\("([^"]+)"\)', script)) <= ids


def test_what_is_said_of_a_picture(client):
    answer = client.post("/page/answer", json={"image": b64(picture(4))})
    found = answer.json()
    assert (found["valid"], found["model_version"]) == (True, "1")
    scores = [row["score"] for row in found["classes"]]
    assert scores == sorted(scores, reverse=True)
    # Names stay what they are: the script writes them as text.
    assert {row["name"] for row in found["classes"]} <= set(NAMES)
    assert found["neighbours"][0]["id"] == "4.jpg"
    assert "known" not in found
    assert "set" not in found
    bad = client.post("/page/answer", json={"image": b64(b"no picture")})
    assert bad.json() == {
        "model_version": "1",
        "valid": False,
        "classes": [],
    }
    assert client.post("/page/answer", json={}).status_code == 400


def test_sets_and_unknown_are_said_where_the_export_has_them():
    import asyncio

    outputs = {
        "serving_default": {
            "classes": np.array([[b"elm", b"oak"]], object),
            "scores": np.array([[0.6, 0.3]]),
            "embedding": np.ones((1, 2)),
            "valid": np.array([True]),
            "known": np.array([False]),
        },
        "probabilities": {
            "probabilities": np.array([[0.3, 0.1, 0.6]]),
            "in_set": np.array([[True, False, True]]),
            "valid": np.array([True]),
        },
    }

    def runner(name):
        specs = [types.SimpleNamespace(name=key) for key in outputs[name]]
        return types.SimpleNamespace(name=name, outputs=specs)

    version = types.SimpleNamespace(
        number=2,
        gallery=None,
        class_names=("oak", "ash", "elm"),
        signatures={name: runner(name) for name in outputs},
    )

    async def run(runner, rows):
        return outputs[runner.name]

    async def read(size, function, body):
        return function(body)

    async def body():
        return b'{"image": {"b64": "aGk="}}'

    answering = types.SimpleNamespace(
        name="trees",
        run=run,
        read=read,
        versions=types.SimpleNamespace(get=lambda: version),
    )
    request = types.SimpleNamespace(body=body)
    answer = asyncio.run(Page(answering).answer(request))
    import json

    found = json.loads(answer.body)
    assert found["known"] is False
    assert (found["set"], found["set_size"]) == (["elm", "oak"], 2)


@pytest.mark.slow
def test_a_browser_shows_names_as_text(writable, tmp_path):
    """Scripts in class names are shown, and a picture is chosen by keys."""
    sync_api = pytest.importorskip("playwright.sync_api")
    from tests.serving.serving_process import serving

    client, folder = writable
    added = {
        "name": "<img src=x onerror=alert(1)>",
        "images": [b64(picture(20))],
    }
    headers = {"authorization": "Bearer secret"}
    assert client.post("/gallery/classes", json=added, headers=headers)
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(picture(20))
    with (
        serving(folder, "--name", "birds") as (_, port),
        sync_api.sync_playwright() as play,
    ):
        browser = launched(play)
        page = browser.new_page()
        said = []
        page.on("dialog", lambda one: said.append(one.message))
        page.on("console", lambda one: said.append(one.text))
        page.goto(f"http://127.0.0.1:{port}/")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "file"
        page.set_input_files("#file", photo)
        page.wait_for_selector("#near li canvas")
        assert page.inner_text("#near li b") == added["name"]
        assert page.inner_text("#version") == "Version 1"
        assert page.locator("#classes tr").count() == 3
        assert page.locator("main img").count() == 0
        assert said == []
        page.set_viewport_size({"width": 360, "height": 800})
        assert page.evaluate(
            "document.documentElement.scrollWidth <= innerWidth"
        )
        browser.close()


def launched(play):
    import shutil

    path = shutil.which("chromium")
    if path is None:
        pytest.skip("needs chromium")
    return play.chromium.launch(executable_path=path, args=["--no-sandbox"])
