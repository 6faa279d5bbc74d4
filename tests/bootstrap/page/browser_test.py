"""The page as people use it, in a browser."""

import shutil
import socket
import threading
import time

import pytest

from tests.bootstrap.page.project import Project

uvicorn = pytest.importorskip("uvicorn")
sync_api = pytest.importorskip("playwright.sync_api")

pytestmark = pytest.mark.slow
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LIVE = "body[data-live=yes]"
WAIT = 10_000


@pytest.fixture(scope="module")
def browser():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"None of {', '.join(BROWSERS)} is installed.")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"]
        )
        yield browser
        browser.close()


class Server:
    """A project that is served from a thread, and may be stopped."""

    def __init__(self, project, **options):
        self.project, self.options = project, options
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        app = self.project.app(port=self.port, **self.options)
        config = uvicorn.Config(
            app, log_level="error", ws="none", timeout_graceful_shutdown=2
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(
            target=self.server.run, args=([self.socket],)
        )
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    def stop(self):
        self.server.should_exit = True
        self.thread.join()

    def restart(self):
        self.stop()
        self.socket = socket.create_server(("127.0.0.1", self.port))
        self.start()


class Desk:
    """A page of somebody who labels."""

    def __init__(self, browser, server, name="Ada", **options):
        self.server, self.project = server, server.project
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(WAIT)
        self.page = self.context.new_page()
        self.dialogs, self.errors, self.asked = [], [], []
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda e: self.errors.append(str(e)))
        self.page.on("request", lambda r: self.asked.append(r.url))
        token = self.project.people.invite(name)
        self.page.goto(f"{server.url}/?token={token}")

    def _dialog(self, dialog):
        self.dialogs.append(dialog.type)
        dialog.accept()

    def go(self, path):
        self.page.goto(self.server.url + path)
        return self

    def live(self):
        self.page.wait_for_selector(LIVE)
        return self

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def picture(self):
        return self.page.get_attribute(".picture img", "src")

    def number(self):
        return int(self.picture().split("?")[0].rsplit("/", 1)[1])

    def answer(self, key):
        """Answers the card that is shown; returns its candidate."""
        self.live()
        before = self.picture()
        self.press(key)
        self.page.wait_for_function(
            "before => document.body.dataset.live === 'yes' && "
            "document.querySelector('.picture img')?.src.endsWith(before) "
            "=== false || !document.querySelector('.picture img')",
            arg=before,
        )
        return int(before.split("?")[0].rsplit("/", 1)[1])

    def state(self, state):
        if state == "saved":  # Which is also said of the first moment.
            self.page.wait_for_function(
                "() => !Object.keys(localStorage)"
                ".some(key => key.startsWith('fgkeras-'))"
            )
        self.page.wait_for_selector(f"#state[data-state={state}]")
        return self.page.inner_text("#state").strip()


@pytest.fixture
def serve(tmp_path):
    servers = []

    def start(app=None, **options):
        servers.append(Server(Project(tmp_path, **options), **(app or {})))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def open_desk(browser):
    desks = []

    def start(server, *args, **options):
        # Playwright runs functions in the page by its own means.
        desks.append(Desk(browser, server, *args, bypass_csp=True, **options))
        return desks[-1]

    yield start
    for desk in desks:
        assert desk.errors == []
        desk.context.close()


def test_a_hundred_are_labelled_by_keys_alone(serve, open_desk):
    desk = open_desk(serve(names=("elm", "oak"), per_class=55)).go("/card")
    keys = {"a": "tp", "x": "fp", "d": "fp", "u": "unsure", "b": "bad",
            "c": "dup"}  # fmt: skip
    given = {}
    for number in range(100):
        key = list(keys)[number % len(keys)]
        given[desk.answer(key)] = keys[key]
    assert len(given) == 100
    desk.state("saved")
    assert desk.project.votes() == given
    renamed = desk.project.rows(
        "SELECT count(*) FROM decision WHERE instead IS NOT NULL"
    )
    assert renamed == [(17,)]


def test_a_held_key_decides_once(serve, open_desk):
    desk = open_desk(serve()).go("/card").live()
    before = desk.picture()
    for _ in range(5):
        desk.page.keyboard.down("a")  # From the second on, repeated.
    desk.page.wait_for_selector(f"{LIVE} .picture img:not([src='{before}'])")
    for _ in range(5):
        desk.page.keyboard.down("a")
        desk.page.wait_for_timeout(30)
    desk.state("saved")
    assert len(desk.project.votes()) == 1
    desk.page.keyboard.up("a")
    desk.answer("a")
    desk.state("saved")
    assert len(desk.project.votes()) == 2


def test_a_held_enter_on_a_button_decides_once(serve, open_desk):
    desk = open_desk(serve()).go("/card").live()
    desk.page.focus("[data-action=yes]")
    for _ in range(6):
        desk.page.keyboard.down("Enter")
        desk.page.wait_for_timeout(60)
    desk.page.keyboard.up("Enter")
    desk.state("saved")
    assert len(desk.project.votes()) == 1


def test_keys_are_dead_until_the_picture_is_there(serve, open_desk):
    desk = open_desk(serve(names=("elm",)))
    held = []
    desk.page.route("**/img/*", lambda route: held.append(route))
    desk.go("/card")
    desk.page.wait_for_selector(".picture img", state="attached")
    desk.press("a", "x", "b", "s", "Enter")
    desk.page.click("[data-action=yes]", force=True)
    desk.page.wait_for_timeout(200)
    assert desk.page.get_attribute("body", "data-live") == "no"
    assert desk.project.votes() == {}
    for route in held:
        route.continue_()
    desk.page.unroute("**/img/*")
    first = desk.answer("a")
    desk.state("saved")
    assert desk.project.votes() == {first: "tp"}


def test_keys_are_dead_for_the_least_time(serve, open_desk):
    server = serve(app={"least_ms": 1500})
    desk = open_desk(server).go("/card").live()
    desk.press("a")
    desk.page.wait_for_timeout(100)
    assert desk.project.votes() == {}
    desk.page.wait_for_timeout(1500)
    desk.press("a")
    desk.state("saved")
    desk.page.wait_for_timeout(300)
    assert len(desk.project.votes()) == 1


def test_keys_are_dead_with_ctrl_and_in_fields(serve, open_desk):
    desk = open_desk(serve()).go("/card").live()
    desk.press("Control+a", "Alt+x", "Meta+b")
    desk.page.evaluate(
        "() => document.querySelector('main')"
        ".append(document.createElement('input'))"
    )
    desk.page.focus("input")
    desk.press("a", "x", "z")
    desk.page.wait_for_timeout(100)
    assert desk.page.input_value("input") == "axz"
    assert desk.project.rows("SELECT * FROM request") == []


def test_a_picture_that_is_no_more_can_only_be_bad(serve, open_desk):
    server = serve(names=("elm",), per_class=2)
    server.project.files.clear()
    desk = open_desk(server).go("/card").live()
    assert "cannot be shown" in desk.page.inner_text("[data-note]")
    desk.press("a", "x")
    desk.page.wait_for_timeout(50)
    assert desk.page.is_disabled("[data-action=yes]")
    first = desk.answer("b")
    desk.state("saved")
    assert desk.project.votes() == {first: "bad"}


def test_answers_wait_offline_and_are_sent_in_order_once(serve, open_desk):
    server = serve(names=("elm", "oak"), per_class=20)
    desk = open_desk(server).go("/card").live()
    desk.page.wait_for_load_state("networkidle")
    desk.context.set_offline(True)
    given = [desk.answer(key) for key in "axa"]
    assert "3 kept here" in desk.state("offline")
    assert desk.project.votes() == {}
    with pytest.raises(sync_api.Error, match="DISCONNECTED"):
        desk.page.reload()
    assert desk.dialogs == ["beforeunload"]
    desk.context.set_offline(False)
    desk.go("/card").live()
    desk.state("saved")
    order = desk.project.rows("SELECT candidate, verdict FROM decision")
    assert order == list(zip(given, ("tp", "fp", "tp"), strict=True))
    assert desk.number() not in given


def test_answers_whose_confirmation_was_lost_are_kept_once(serve, open_desk):
    desk = open_desk(serve()).go("/card").live()
    lost = []

    def lose(route):
        if len(lost) < 3:
            route.fetch()  # The server keeps it, and nobody hears of it.
            lost.append(route.request.post_data)
            route.abort()
        else:
            route.continue_()

    desk.page.route("**/api/decide", lose)
    given = [desk.answer("a"), desk.answer("x")]
    desk.page.wait_for_timeout(200)
    desk.state("saved")
    assert len(lost) == 3
    order = desk.project.rows("SELECT candidate, verdict FROM decision")
    assert order == list(zip(given, ("tp", "fp"), strict=True))


def test_answers_wait_for_a_server_that_is_started_again(serve, open_desk):
    server = serve()
    desk = open_desk(server).go("/card").live()
    desk.page.wait_for_load_state("networkidle")
    server.stop()
    given = [desk.answer("a"), desk.answer("x")]
    desk.state("offline")
    server.socket = socket.create_server(("127.0.0.1", server.port))
    server.start()
    desk.state("saved")
    assert desk.project.votes() == {given[0]: "tp", given[1]: "fp"}


def test_an_answer_that_is_refused_is_said_and_let_go(serve, open_desk):
    desk = open_desk(serve()).go("/card").live()
    refused = []

    def refuse(route):
        if refused:
            route.continue_()
            return
        refused.append(1)
        route.fulfill(status=409, json={"error": "Never <b>handed</b> out."})

    desk.page.route("**/api/decide", refuse)
    first = desk.answer("a")
    desk.page.wait_for_selector("#say:not([hidden])")
    said = desk.page.inner_text("#say")
    assert "Never <b>handed</b> out." in said
    desk.live()
    assert desk.number() == first
    desk.answer("x")
    desk.state("saved")
    assert desk.project.votes() == {first: "fp"}


def test_a_full_disk_keeps_answers_here(serve, open_desk):
    desk = open_desk(serve()).go("/card").live()
    desk.page.route(
        "**/api/decide",
        lambda route: route.fulfill(status=507, json={"error": "Full."}),
    )
    first = desk.answer("a")
    assert "disk full: 1 kept here" in desk.state("queued")
    desk.page.unroute("**/api/decide")
    desk.state("saved")
    assert desk.project.votes() == {first: "tp"}


def test_twenty_answers_are_taken_back_over_reloads_and_a_restart(
    serve, open_desk
):
    server = serve(names=("elm", "oak"), per_class=15)
    desk = open_desk(server).go("/card")
    given = [desk.answer("ax"[n % 2]) for n in range(22)]
    desk.state("saved")
    for number in range(20):
        if number == 5:
            desk.page.reload()
        if number == 10:
            server.restart()
            desk.go("/card")
        if number != 5:
            desk.live()
        desk.press("z")
        desk.page.wait_for_selector(
            f"{LIVE} .picture img[src^='/img/{given[-1 - number]}?']"
        )
    desk.state("saved")
    assert sorted(desk.project.votes()) == sorted(given[:2])
    assert len(desk.project.rows("SELECT * FROM decision")) == 42
    assert desk.answer("x") == given[2]
    desk.state("saved")
    assert desk.project.votes()[given[2]] == "fp"


def test_a_page_is_marked_and_committed_by_keys_and_taken_back(
    serve, open_desk
):
    server = serve(per_class=30, rates={0: 0.1, 1: 0.1, 2: 0.1})
    desk = open_desk(server).go("/grid").live()
    assert "Mark those that are " in desk.page.inner_text("h1")
    cells = desk.page.eval_on_selector_all(
        ".cell img",
        "all => all.map(i => Number(i.src.split('/img/')[1].split('?')[0]))",
    )
    columns = desk.page.evaluate(
        "() => { const all = [...document.querySelectorAll('.cell')];"
        "return all.filter(c => c.offsetTop === all[0].offsetTop).length; }"
    )
    desk.press("Space", "ArrowRight", "a", "ArrowDown", "d", "ArrowLeft", "b")
    expected = dict.fromkeys(cells, "fp")
    expected |= {cells[0]: "tp", cells[1]: "tp", cells[columns]: "bad"}
    assert desk.page.inner_text(".cell:nth-child(1)").strip() == "\u2713 right"
    first = desk.page.get_attribute(".cell img", "src")
    desk.page.reload()  # What was marked is still marked.
    desk.live()
    desk.press("Enter")
    desk.page.wait_for_selector(
        f"{LIVE} .cell:first-child img:not([src='{first}'])"
    )
    desk.state("saved")
    assert desk.project.votes() == expected
    modes = dict(desk.project.rows("SELECT candidate, mode FROM decision"))
    assert modes[cells[2]] == "grid_rest"
    assert modes[cells[columns + 1]] == "grid_marked"
    desk.press("z")
    desk.page.wait_for_selector(f"{LIVE} .cell:first-child img[src='{first}']")
    assert desk.project.votes() == {}
    assert desk.page.get_attribute(".cell", "data-answer") == "mark"


def test_pictures_that_do_not_load_are_given_back(serve, open_desk):
    server = serve(names=("elm", "oak"), per_class=6, rates={0: 0.9, 1: 0.9})
    del server.project.files["0-11.png"]
    del server.project.files["1-11.png"]
    desk = open_desk(server).go("/grid").live()
    assert "Mark those that are not" in desk.page.inner_text("h1")
    assert desk.page.locator("[data-answer=left]").count() == 1
    desk.press("Enter")
    desk.page.wait_for_timeout(300)
    desk.state("saved")
    assert sorted(desk.project.votes().values()) == ["tp"] * 5


def test_an_older_window_of_a_page_changes_nothing(serve, open_desk):
    server = serve(names=("elm",), per_class=30, rates={0: 0.1})
    desk = open_desk(server).go("/grid").live()
    older = desk.context.new_page()
    older.goto(f"{server.url}/grid")
    older.wait_for_selector(LIVE)
    desk.press("Space", "Enter")
    desk.page.wait_for_function(
        "document.querySelectorAll('.cell').length < 24"
    )
    desk.state("saved")
    kept = desk.project.votes()
    older.keyboard.press("Enter")
    older.wait_for_selector("#say:not([hidden])")
    assert "A page is committed once" in older.inner_text("#say")
    assert desk.project.votes() == kept
    # It goes on with what is left.
    older.wait_for_function("document.querySelectorAll('.cell').length < 24")


@pytest.mark.parametrize("path", ["/card", "/grid"])
def test_who_is_alone_is_told_what_to_do(serve, open_desk, path):
    server = serve(names=("elm",), per_class=2)
    desk = open_desk(server).go("/card")
    for _ in range(2):
        desk.answer("s")
    desk.state("saved")
    desk.go(path)
    desk.page.wait_for_function(
        "document.querySelector('[data-note]').textContent.startsWith("
        "'2 skipped, and nobody else labels. Invite somebody')"
    )


def test_a_disagreement_is_ended_by_keys(serve, open_desk):
    server = serve(names=("elm", "oak"), per_class=3, wanted=2)
    ada = open_desk(server, "Ada").go("/card")
    given = [ada.answer("a") for _ in range(6)]
    ada.state("saved")
    bob = open_desk(server, "Bob").go("/card")
    for _ in range(6):
        bob.answer("x")
    bob.state("saved")
    desk = open_desk(server, "Eve").go("/adjudicate").live()
    assert desk.page.inner_text("[data-votes]").split("\n") == [
        "Ada: yes",
        "Bob: no",
    ]
    later = desk.answer("s")
    ended = desk.answer("a")
    desk.state("saved")
    assert {later, ended} <= set(given)
    states = dict(desk.project.rows("SELECT id, state FROM candidate"))
    assert states[ended] == "settled"
    assert states[later] == "conflict"


def test_the_past_is_changed_from_its_list(serve, open_desk):
    desk = open_desk(serve()).go("/card")
    first, second = desk.answer("a"), desk.answer("a")
    desk.state("saved")
    desk.go("/history")
    desk.page.select_option(f"[data-change='{first}']", "no")
    desk.page.wait_for_selector(".past li:last-child.gone")
    assert desk.project.votes() == {first: "fp", second: "tp"}
    desk.press("z")
    desk.page.wait_for_selector(".past li:first-child.gone")
    assert desk.project.votes() == {first: "tp", second: "tp"}


def test_keys_are_listed_and_pictures_enlarged(serve, open_desk):
    desk = open_desk(serve()).go("/card").live()
    desk.press("?")
    words = desk.page.inner_text("#help")
    for key in ("a", "x", "d", "u", "s", "b", "c", "z", "Enter", "?"):
        assert key in words.split()
    desk.press("a")
    desk.page.wait_for_timeout(50)
    assert desk.project.votes() == {}
    desk.press("Escape")
    # A browser takes the focus out of a closed list with the next frame.
    gone = (
        "() => !document.querySelector('dialog[open]')"
        " && document.activeElement === document.body"
    )
    desk.page.wait_for_function(gone)
    for key in ("Enter", "Space", "v"):
        desk.press(key)
        desk.page.wait_for_selector("#zoom[open] img")
        desk.press(key)
        desk.page.wait_for_function(gone)
    desk.press("v", "a")
    desk.state("saved")
    desk.page.wait_for_timeout(200)
    assert len(desk.project.votes()) == 1


HOSTILE = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>"


def test_hostile_words_run_nowhere(serve, open_desk):
    server = serve(
        names=(HOSTILE, f"{HOSTILE} 2"),
        wanted=2,
        facts={
            "description": HOSTILE,
            "licence": HOSTILE,
            "author": HOSTILE,
            "url": "javascript:alert(1)",
            "file": "<script>alert(1)</script>{}.png",
        },
    )
    for name, key in ((HOSTILE, "a"), ("Bob", "d")):
        desk = open_desk(server, name).go("/card").live()
        assert HOSTILE in desk.page.inner_text("h1")
        assert HOSTILE in desk.page.inner_text("[data-slot=description]")
        for _ in range(3):
            desk.answer(key)
        desk.state("saved")
        for path in (
            "/", "/grid", "/history", "/adjudicate", "/labeller", "/labellers"
        ):  # fmt: skip
            desk.go(path)
            desk.page.wait_for_load_state("networkidle")
            if path in ("/", "/history", "/labellers"):
                assert HOSTILE in desk.page.inner_text("body")
        assert desk.dialogs == []
        hosts = {url.split("/")[2] for url in desk.asked}
        assert hosts == {f"127.0.0.1:{server.port}"}


def test_nothing_moves_and_nothing_is_stopped_by_the_policy(browser, serve):
    server = serve(
        names=("elm", "oak"),
        per_class=40,
        facts={"description": "Leaves of more than one kind. " * 6},
    )
    desk = Desk(browser, server)
    desk.context.add_init_script(
        "window.moved = 0; window.stopped = [];"
        "addEventListener('securitypolicyviolation',"
        " (e) => stopped.push(e.violatedDirective));"
        "new PerformanceObserver((list) => list.getEntries().forEach("
        "(e) => { if (!e.hadRecentInput) moved += e.value; }))"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    slow = lambda route: (time.sleep(0.02), route.continue_())  # noqa: E731
    desk.page.route("**/img/*", slow)
    desk.page.route("**/exemplar/*", slow)
    for path in ("/card", "/grid"):
        desk.go(path).live()
        for _ in range(3):
            desk.page.wait_for_timeout(700)  # Beyond what input excuses.
            desk.press("x" if path == "/card" else "Enter")
            desk.page.wait_for_timeout(700)
            desk.live()
        assert desk.page.evaluate("() => window.moved") < 0.001, path
        assert desk.page.evaluate("() => window.stopped") == []
    for path in ("/", "/history", "/labeller"):
        desk.go(path)
        desk.page.wait_for_timeout(400)
        assert desk.page.evaluate("() => window.moved") < 0.001, path
        assert desk.page.evaluate("() => window.stopped") == []
    desk.context.close()


def test_focus_is_always_seen(serve, open_desk):
    desk = open_desk(serve()).go("/card").live()
    for _ in range(25):
        desk.press("Tab")
        width = desk.page.evaluate(
            "() => document.activeElement === document.body ? 3 : parseFloat("
            "getComputedStyle(document.activeElement).outlineWidth)"
        )
        assert width >= 2
