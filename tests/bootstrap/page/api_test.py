import json
import sqlite3

import pytest
from starlette.testclient import TestClient

from fgkeras.bootstrap.store import Store
from tests.bootstrap.page.project import Project
from tests.bootstrap.page.project import decide


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.fixture
def client(project):
    return project.client()


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    """A project that nothing is written to, with its client."""
    project = Project(tmp_path_factory.mktemp("still"))
    client = project.client()
    client.get("/api/cards?count=24")
    return project, client


def test_cards_say_what_to_look_at_and_no_more(client):
    found = client.get("/api/cards?count=4").json()
    assert found["open"] == 24
    assert found["round"] == 1
    assert len(found["cards"]) == 4
    for card in found["cards"]:
        assert set(card) == {
            "candidate", "class", "class_name", "rival", "rival_name",
            "width", "height", "image",
        }  # fmt: skip
        assert card["image"] == f"/img/{card['candidate']}"
        assert card["rival"] == (card["class"] + 1) % 3
        assert (card["width"], card["height"]) == (60, 40)
    again = client.get("/api/cards?count=4").json()
    assert again["cards"] == found["cards"]


def test_cards_are_six_where_no_count_is_given_and_of_the_class_asked(client):
    cards = client.get("/api/cards?class=2").json()["cards"]
    assert [card["class_name"] for card in cards] == ["fir"] * 6


def test_a_decision_is_kept_once_for_all_its_repetitions(project, client):
    card = client.get("/api/cards?count=1").json()["cards"][0]
    first = decide(client, card["candidate"], "fp", instead=card["rival"])
    again = decide(client, card["candidate"], "fp", instead=card["rival"])
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert first.json()["answers"][0]["instead"] == card["rival"]
    assert len(project.rows("SELECT * FROM decision")) == 1


def test_a_page_is_committed_whole_and_taken_back_whole(project, client):
    page = client.get("/api/page?size=6").json()
    assert page["mark"] in ("right", "wrong")
    ids = [cell["candidate"] for cell in page["cells"]]
    assert len(ids) == 6
    content = {
        "request": "p1",
        "page": page["page"],
        "marked": ids[:2],
        "others": [{"candidate": ids[2], "verdict": "bad"}],
        "left": ids[3:4],
        "dwell_ms": 9000,
    }
    said = client.post("/api/commit", json=content).json()
    assert [a["candidate"] for a in said["answers"]] == ids[:3] + ids[4:]
    marked, rest = ("tp", "fp") if page["mark"] == "right" else ("fp", "tp")
    expected = {ids[0]: marked, ids[1]: marked, ids[2]: "bad"}
    assert project.votes() == {**expected, ids[4]: rest, ids[5]: rest}
    undone = client.post("/api/undo", json={"request": "u1"}).json()
    assert len(undone["answers"]) == 5
    assert project.votes() == {}
    back = client.get("/api/page?size=6").json()
    assert back["page"] == page["page"]


def test_an_older_copy_of_a_page_changes_nothing(project, client):
    page = client.get("/api/page?size=6").json()
    ids = [cell["candidate"] for cell in page["cells"]]
    content = {"page": page["page"], "marked": ids[:2]}
    first = client.post("/api/commit", json={"request": "1", **content})
    assert first.status_code == 200
    kept = project.votes()
    content["marked"] = ids[3:]
    second = client.post("/api/commit", json={"request": "2", **content})
    assert second.status_code == 409
    assert "A page is committed once" in second.json()["error"]
    assert project.votes() == kept


def test_there_is_no_page_where_all_is_done(tmp_path):
    project = Project(tmp_path, per_class=2, names=("elm", "oak"))
    client = project.client()
    for number in range(2):
        page = client.get("/api/page").json()
        content = {"request": f"p{number}", "page": page["page"], "marked": []}
        assert client.post("/api/commit", json=content).status_code == 200
    assert client.get("/api/page").json() == {"page": None, "open": 0}
    assert client.get("/api/cards").json()["cards"] == []


def test_history_holds_what_was_answered(client):
    ids = [c["candidate"] for c in client.get("/api/cards").json()["cards"]]
    for candidate in ids:
        decide(client, candidate)
    rows = client.get("/api/history?count=2").json()["decisions"]
    assert [row["candidate"] for row in rows] == ids[::-1][:2]
    assert rows[0]["licence"] == "CC0"
    older = client.get(f"/api/history?before={rows[1]['decision']}").json()
    assert [row["candidate"] for row in older["decisions"]] == ids[::-1][2:]


def test_progress_counts_what_is_done(client):
    card = client.get("/api/cards?count=1&class=1").json()["cards"][0]
    decide(client, card["candidate"])
    found = client.get("/api/progress").json()
    assert (found["total"], found["open"], found["tp"]) == (24, 23, 1)
    assert [k["tp"] for k in found["classes"]] == [0, 1, 0]


def test_exemplars_are_of_the_seed_those_named_first(project, client):
    project.store.set("exemplars", {"1": [25, 23]})
    found = client.get("/api/exemplars?class=1").json()
    assert (found["name"], found["description"]) == ("oak", "All of oak.")
    shown = [e["image"] for e in found["exemplars"]]
    of = dict(project.rows("SELECT id, class FROM image"))
    numbers = [int(path.removeprefix("/exemplar/")) for path in shown]
    assert numbers[:2] == [25, 23]
    assert len(numbers) >= 6
    assert {of[number] for number in numbers} == {1}


def disagree(project):
    """Two people answer all of a round; returns the candidates in conflict."""
    ada, bob = project.client("Ada"), project.client("Bob")
    clients = {"tp": ada, "fp": bob}
    for verdict, client in clients.items():
        for card in client.get("/api/cards?count=24").json()["cards"]:
            odd = card["candidate"] % 2
            decide(
                client, card["candidate"], verdict if odd else "tp",
                request=f"{verdict}{card['candidate']}",
            )  # fmt: skip
    return [c for c, v in project.votes().items() if c % 2]


def test_who_labels_sees_neither_score_nor_votes_of_others(tmp_path):
    project = Project(tmp_path, wanted=2, names=("elm",), per_class=3)
    ada, bob = project.client("Ada"), project.client("Bob")
    before = bob.get("/api/cards").json()
    pages = bob.get("/card").text
    for card in ada.get("/api/cards").json()["cards"]:
        decide(ada, card["candidate"])
    assert bob.get("/api/cards").json() == before
    assert bob.get("/card").text == pages
    for text in (pages, str(before)):
        assert "score" not in text
        assert "Ada" not in text


def test_who_disagrees_is_adjudicated_with_all_votes_shown(tmp_path):
    project = Project(tmp_path, wanted=2, names=("elm", "oak"), per_class=4)
    odd = disagree(project)
    client = project.client("Eve")
    found = client.get("/api/conflicts?count=9").json()
    assert found["open"] == len(odd)
    assert sorted(c["candidate"] for c in found["cards"]) == sorted(odd)
    votes = found["cards"][0]["votes"]
    assert [(v["labeller"], v["verdict"]) for v in votes] == [
        ("Ada", "tp"),
        ("Bob", "fp"),
    ]
    content = {"request": "a1", "candidate": odd[0], "verdict": "fp"}
    said = client.post("/api/adjudicate", json=content)
    assert said.json()["answers"][0]["verdict"] == "fp"
    state = "SELECT state, outcome FROM candidate WHERE id = ?"
    assert project.rows(state, odd[0]) == [("settled", "fp")]
    assert client.get("/api/conflicts").json()["open"] == len(odd) - 1


def test_gold_looks_like_all_others(tmp_path):
    project = Project(tmp_path, gold=0.5, per_class=20)
    client = project.client()
    cards = client.get("/api/cards?count=24").json()["cards"]
    gold = {r[0] for r in project.rows(
        "SELECT id FROM candidate WHERE kind = 'gold'"
    )}  # fmt: skip
    among = [card["candidate"] in gold for card in cards]
    assert 0 < sum(among) < len(cards)
    assert len({tuple(card) for card in cards}) == 1
    heads = {
        tuple(sorted(set(client.get(c["image"]).headers) - {"date"}))
        for c in cards
    }
    assert len(heads) == 1
    of_gold = {r[0] for r in project.rows(
        "SELECT image FROM candidate WHERE kind = 'gold'"
    )}  # fmt: skip
    for k in range(3):
        shown = client.get(f"/api/exemplars?class={k}").json()["exemplars"]
        paths = {e["image"] for e in shown}
        assert len(paths) >= 6
        assert not paths & {f"/exemplar/{i}" for i in of_gold}
    for number in of_gold:
        assert client.get(f"/exemplar/{number}").status_code == 404
    for path in ("/", "/card", "/grid", "/history", "/labeller"):
        assert "gold" not in client.get(path).text


GOOD = {"request": "x", "candidate": 1, "verdict": "tp"}
BAD = [
    b"",
    b"{",
    b"[]",
    b'{"request": NaN}',
    b"[" * 5000,
    b"\xff\xfe",
    {"request": "x"},
    {**GOOD, "more": 1},
    {**GOOD, "request": ""},
    {**GOOD, "request": "x" * 65},
    {**GOOD, "request": 7},
    {**GOOD, "request": "\ud800"},
    {**GOOD, "candidate": True},
    {**GOOD, "candidate": "1"},
    {**GOOD, "candidate": 2**70},
    {**GOOD, "candidate": 10**9},
    {**GOOD, "verdict": "undo"},
    {**GOOD, "verdict": ["tp"]},
    {**GOOD, "instead": 1},
    {**GOOD, "verdict": "fp", "instead": 99},
    {**GOOD, "dwell_ms": -1},
    {**GOOD, "dwell_ms": 1.5},
]


@pytest.mark.parametrize("content", BAD)
@pytest.mark.parametrize("path", ["decide", "adjudicate"])
def test_a_wrong_answer_is_refused_with_the_rule(still, content, path):
    project, client = still
    if isinstance(content, dict):
        content = json.dumps(content).encode()
    answer = client.post(
        f"/api/{path}",
        content=content,
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 400
    assert "Received" in answer.json()["error"]
    assert project.rows("SELECT * FROM decision") == []


@pytest.mark.parametrize(
    "more",
    [
        {"marked": None},
        {"marked": [True]},
        {"marked": [[1]]},
        {"marked": list(range(61))},
        {"others": [7]},
        {"others": {}},
        {"others": [{"candidate": 1}]},
        {"others": [{"candidate": 1, "verdict": "tp", "x": 1}]},
        {"left": [-1]},
        {"page": 3},
        {"dwell_ms": "1"},
    ],
)
def test_a_wrong_page_is_refused_with_the_rule(still, more):
    project, client = still
    content = {"request": "p", "page": "page", "marked": [], **more}
    answer = client.post("/api/commit", json=content)
    assert answer.status_code == 400
    assert "Received" in answer.json()["error"]
    assert project.rows("SELECT * FROM decision") == []


@pytest.mark.parametrize(
    "path",
    [
        "/api/cards?count=0",
        "/api/cards?count=25",
        "/api/cards?count=-1",
        "/api/cards?count=1e3",
        "/api/cards?class=9",
        "/api/cards?class=x",
        "/api/page?size=61",
        "/api/page?size=%D9%A3",
        "/api/history?before=" + "9" * 30,
        "/api/exemplars",
        "/history?before=x",
    ],
)
def test_a_wrong_question_is_refused_with_the_rule(still, path):
    answer = still[1].get(path)
    assert answer.status_code == 400
    assert "Received" in answer.json()["error"]


def test_what_was_not_handed_out_and_an_id_used_twice_are_conflicts(client):
    assert decide(client, 1).status_code == 409
    card, other = client.get("/api/cards?count=2").json()["cards"]
    decide(client, card["candidate"], request="same")
    answer = decide(client, other["candidate"], request="same")
    assert answer.status_code == 409
    content = {"request": "p", "page": "none", "marked": []}
    assert client.post("/api/commit", json=content).status_code == 409


def test_who_is_paused_gets_no_more_to_do(project, client):
    with project.store.writing() as db:
        db.execute("UPDATE labeller SET paused = 'Talk to Eve.'")
    for path in ("/api/cards", "/api/page"):
        answer = client.get(path)
        assert answer.status_code == 403
        assert answer.json()["error"] == "Talk to Eve."
    assert "Talk to Eve." in client.get("/card").text


def test_bodies_are_small_and_json(client):
    assert client.post("/api/decide", data={"a": 1}).status_code == 415
    large = {"request": "x" * 70_000}
    assert client.post("/api/undo", json=large).status_code == 413
    client.headers["sec-fetch-site"] = "cross-site"
    assert client.post("/api/undo", json={"request": "x"}).status_code == 403


def test_a_full_disk_acknowledges_nothing(project, monkeypatch):
    connect = Store._connect

    def full(store):
        db = connect(store)
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")
        return db

    client = project.client()
    cards = client.get("/api/cards?count=24").json()["cards"]
    project.store.close()
    monkeypatch.setattr(Store, "_connect", full)
    codes = [
        decide(client, c["candidate"], request=f"{n}-{c['candidate']}")
        for c in cards
        for n in range(5)
    ]
    kept = sum(answer.status_code == 200 for answer in codes)
    lost = [a for a in codes if a.status_code != 200]
    assert {a.status_code for a in lost} == {507}
    assert "error" in lost[0].json()
    assert len(project.rows("SELECT * FROM decision")) == kept


def test_a_busy_store_asks_to_try_again(project, client, monkeypatch):
    def locked(*args):
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr("fgkeras.bootstrap.page.api.undo", locked)
    answer = client.post("/api/undo", json={"request": "x"})
    assert answer.status_code == 503


@pytest.mark.parametrize(
    "path",
    [
        "/", "/card", "/grid", "/history", "/adjudicate", "/labeller",
        "/labellers", "/api/cards", "/api/page", "/api/progress",
        "/api/history", "/api/exemplars?class=0", "/img/1", "/exemplar/1",
        "/static/label.js", "/nowhere",
    ],
)  # fmt: skip
def test_who_has_no_link_sees_nothing(still, path):
    client = TestClient(still[0].app(), base_url="http://localhost")
    assert client.get(path).status_code == 401


def test_labels_are_settled_one_by_one(tmp_path):
    project = Project(tmp_path, kind="settle")
    client = project.client()
    page = client.get("/card").text
    for words in ("Keep the label", "Rename to", "Remove the picture"):
        assert words in page
    assert 'href="/grid"' not in client.get("/").text
    assert client.get("/grid").status_code == 404
    assert client.get("/api/page").status_code == 400


@pytest.mark.parametrize("path", ["/card", "/grid", "/adjudicate"])
def test_a_class_that_is_none_is_said_to_be_none(still, path):
    answer = still[1].get(f"{path}?class=77")
    assert answer.status_code == 404
    assert "There is no such class." in answer.text


def test_home_says_what_is_left_and_which_class_may_be_stopped(
    project, client, monkeypatch
):
    monkeypatch.setattr("fgkeras.bootstrap.page.outlook.LEAST_SEEN", 4)
    monkeypatch.setattr("fgkeras.bootstrap.page.outlook.LEAST_RATE", 1.0)
    for card in client.get("/api/cards?class=1&count=4").json()["cards"]:
        decide(client, card["candidate"], "fp", dwell_ms=30_000)
    text = client.get("/").text
    assert "<b>4</b> of 24 pictures are done" in text
    assert "about 10 min of work are left" in text
    # 1 - 0.05 ** (1 / 4) = 0.527 of the four that are left.
    assert text.count("May be stopped") == 1
    assert "0 of 4 right; of the 4 left at most about 2.1" in text


def test_the_store_is_closed_with_the_server(project):
    with TestClient(project.app(), base_url="http://localhost") as client:
        token = project.people.invite("Ada")
        client.get(f"/?token={token}")
        for _ in range(30):
            client.get("/api/progress")
        # The page's own threads and the loop's, however many requests.
        assert len(project.store._open) <= 11
    assert not project.store._open
