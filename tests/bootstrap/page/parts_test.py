import html.parser
import math
import pathlib
import re

import hypothesis
import hypothesis.strategies as st
import pytest

import fgkeras.bootstrap.page as package
from fgkeras import web
from fgkeras.bootstrap.page.outlook import LEAST_RATE
from fgkeras.bootstrap.page.outlook import outlook
from fgkeras.bootstrap.page.request_body import answer_of
from fgkeras.bootstrap.page.request_body import answers_of
from fgkeras.bootstrap.page.request_body import request_body
from fgkeras.bootstrap.page.request_body import wholes_of
from fgkeras.bootstrap.page.views import web_address
from fgkeras.bootstrap.page.words import ANSWERS
from fgkeras.bootstrap.page.words import KEYS
from fgkeras.bootstrap.page.words import checked_keys
from fgkeras.bootstrap.page.words import words_of
from fgkeras.bootstrap.store import Answer
from tests.bootstrap.page.project import Project

FOLDER = pathlib.Path(package.__file__).parent
SHARED = pathlib.Path(web.__file__).parent


def facts(right, wrong, left=1000, expected=0.1):
    return {"open": left, "expected": expected, "tp": right, "fp": wrong}


@pytest.mark.parametrize(("right", "wrong"), [(0, 100), (0, 400), (3, 600)])
def test_at_most_so_many_are_left_with_a_certainty_of_95_percent(right, wrong):
    found = outlook(facts(right, wrong, left=10**6))
    p = found.most / 10**6
    n = right + wrong
    few = sum(
        math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(right + 1)
    )
    assert few == pytest.approx(0.05, rel=1e-3)


@pytest.mark.parametrize(
    ("right", "wrong", "left"), [(0, 99, 50), (8, 200, 50), (0, 500, 0)]
)
def test_a_class_goes_on_where_little_was_seen_or_much_was_found(
    right, wrong, left
):
    assert not outlook(facts(right, wrong, left)).may_stop


@hypothesis.given(st.integers(0, 50), st.integers(0, 5000))
def test_who_finds_more_goes_on_longer(right, wrong):
    one, more = (outlook(facts(r, wrong)) for r in (right, right + 1))
    assert one.may_stop or not more.may_stop
    if one.may_stop:
        assert one.most <= 1000 * LEAST_RATE


def test_time_left_is_what_is_left_at_a_pace():
    assert outlook(facts(0, 0, 60), 2000).seconds == 120
    assert outlook(facts(0, 0, 60)).seconds is None
    assert outlook(facts(0, 0, 60)).right == pytest.approx(6)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@hypothesis.given(
    st.dictionaries(
        st.sampled_from(["candidate", "verdict", "instead", "dwell_ms"]),
        json_values | st.sampled_from(["tp", "fp", 3]),
    ),
    json_values,
)
def test_what_is_sent_is_an_answer_or_refused(content, other):
    for read in (
        lambda: answer_of(content),
        lambda: answer_of(other),
        lambda: answers_of({"a": other}, "a"),
        lambda: wholes_of({"a": other}, "a"),
    ):
        try:
            found = read()
        except ValueError:
            continue
        assert isinstance(found, (Answer, list))


@hypothesis.given(st.binary(max_size=60) | st.text().map(str.encode))
def test_what_is_sent_is_an_object_or_refused(data):
    with pytest.raises(ValueError, match="Received"):
        request_body(data, ["never"])


def test_each_action_has_an_answer_and_a_key_in_each_kind():
    for kind in ("bootstrap", "settle"):
        words = words_of(kind)
        assert set(words["actions"]) <= set(ANSWERS) <= set(KEYS)
        for action in words["actions"]:
            assert ANSWERS[action][0] in words["verdicts"]
    with pytest.raises(ValueError, match="kind='other'"):
        words_of("other")


@pytest.mark.parametrize(
    "keys",
    [
        {"yes": "x"},
        {"yes": "v"},
        {"yes": ""},
        {"yes": "A"},
        {"yes": "Enter"},
        {"yes": "<"},
        {"yes": None},
        {"yes": "\u0131"},
        {"fly": "f"},
    ],
)
def test_keys_are_letters_of_their_own(keys):
    with pytest.raises(ValueError, match="Received"):
        checked_keys(keys)


def test_keys_and_the_dwell_are_checked_at_the_start(tmp_path):
    project = Project(tmp_path, names=("elm",), per_class=1)
    with pytest.raises(ValueError, match="key"):
        project.app(keys={"yes": "alert(1)"})
    with pytest.raises(ValueError, match="least_ms=-1"):
        project.app(least_ms=-1)
    client = project.client(app=project.app(keys={"yes": "j"}))
    assert "<kbd>j</kbd>" in client.get("/card").text


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "//example.org",
        "http:",
        "http://[",
        "",
        "https://example.org/\u202egpj",
    ],
)
def test_only_addresses_of_the_web_are_links(text):
    assert web_address(text) is None


HOSTILE = {
    "description": "<img src=x onerror=alert(1)>",
    "licence": "<script>alert(1)</script>",
    "author": "' onmouseover='alert(1)",
    "url": "javascript:alert(1)",
    "file": "<script>alert(1)</script>{}.png",
}
PAGES = (
    "/", "/card", "/grid", "/history", "/adjudicate", "/labeller",
    "/labellers", "/card?class=0",
)  # fmt: skip


class Tags(html.parser.HTMLParser):
    """Names of all tags and attributes, as a browser finds them."""

    def __init__(self):
        super().__init__()
        self.names, self.attributes = set(), set()

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_hostile_words_are_words_on_each_page(tmp_path):
    name = "\"'><img src=x onerror=alert(1)>"
    project = Project(tmp_path, names=(name, "oak"), facts=HOSTILE)
    client = project.client("<b>Ada</b>'\"")
    for card in client.get("/api/cards?count=6").json()["cards"]:
        content = {"candidate": card["candidate"], "verdict": "tp"}
        content["request"] = str(card["candidate"])
        assert client.post("/api/decide", json=content).status_code == 200
    for path in PAGES:
        text = client.get(path).text
        assert "<b>Ada" not in text
        assert "<img src=x" not in text
        assert "<script>" not in text
        assert "onmouseover='" not in text
        assert 'href="javascript' not in text
        tags = Tags()
        tags.feed(text)
        # Nothing that the policy would have to stop.
        assert "style" not in tags.names | tags.attributes
        assert not [a for a in tags.attributes if a.startswith("on")]
    assert "javascript:alert(1)" in client.get("/history").text


def test_pages_ask_no_other_host():
    for file in FOLDER.rglob("*"):
        if file.suffix in (".html", ".css", ".js"):
            assert "//" not in re.sub(r"(?m)^\s*// .*|\s// .*", "",
                                      file.read_text()), file  # fmt: skip


def test_scripts_are_small():
    shared = (FOLDER / "label.js").stat().st_size
    for name in ("cards.js", "grid.js", "history.js"):
        assert shared + (FOLDER / name).stat().st_size < 15 * 1024


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4
        for p in parts
    ]
    return sum(
        w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    )


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_stand_out_in_both_schemes(scheme):
    text = (SHARED / "page.css").read_text()
    found = re.findall(r":root \{(.*?)\}", text, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([\w-]+): (#\w{6});", found))
    grounds = ("ground", "sheet")
    pairs = [
        (ink, ground)
        for ink in ("ink", "soft", "accent", "yes", "no", "other")
        for ground in grounds
    ]
    for ink, ground in [*pairs, ("on-accent", "accent")]:
        high, low = sorted(
            (luminance(colours[ink]), luminance(colours[ground])), reverse=True
        )
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)
    for ground in (*grounds, "mat"):
        high, low = sorted(
            (luminance(colours["focus"]), luminance(colours[ground])),
            reverse=True,
        )
        assert (high + 0.05) / (low + 0.05) >= 3
