"""Votes for the tests of the file formats."""

from hypothesis import strategies as st

from fgkeras.bootstrap.interchange.vote import MODES
from fgkeras.bootstrap.interchange.vote import VERDICTS

SHA = "ab" * 32
# What breaks tables, markup and spreadsheets.
HARD = (
    '=HYPERLINK("http://x","y")', "+1", "-1", "@sum", "\t=1", "'=1", "''", "'",
    "a, b; c", 'say "tern"', "two\nlines", "cr\r\nlf", "lone\rcr", "  space  ",
    "Küstenseeschwalbe", "北極燕鷗", "🐦", "<script>alert(1)</script>", "null",
    "\u2028", "\ufeffmark", "＝1", "a\\b", "00012", "1e5", "{}", "[]", "None",
)  # fmt: skip


def vote(**changes):
    """A vote with everything in it."""
    return {
        "image": SHA,
        "file": "birds/a b.jpg",
        "round": 2,
        "class": "Arctic tern",
        "rival": "Common tern",
        "score": 0.1 + 0.2,
        "labeller": "Ada",
        "verdict": "fp",
        "instead": "Common tern",
        "time": "2026-11-30T12:00:00.123456+01:00",
        "dwell_ms": 1234,
        "mode": "card",
        "model": "cd" * 32,
        "source": "pool",
        "licence": "CC BY 4.0",
        "author": "Bob",
        "url": "https://example.org/a?b=1&c=2",
    } | changes


EMPTY = {
    "rival": None, "score": None, "instead": None, "dwell_ms": None,
    "model": None, "source": "", "licence": "", "author": "", "url": "",
}  # fmt: skip


def hard_votes():
    """Votes whose every text is hard to hold, and votes of little."""
    made = [vote(), vote(**EMPTY), vote(score=0), vote(score=1.0, dwell_ms=0)]
    made += [vote(verdict=v) for v in VERDICTS]
    made += [vote(mode=m) for m in MODES]
    made += [
        vote(
            **dict.fromkeys(
                ("file", "class", "rival", "labeller", "instead", "source",
                 "licence", "author", "url"),
                text,
            )
        )
        for text in HARD
    ]  # fmt: skip
    return made


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter(
    lambda text: "\0" not in text
)
_NAME = _TEXT.filter(bool)
_SHAS = st.integers(0, 3).map(lambda i: f"{i:064x}")
VOTES = st.fixed_dictionaries(
    {
        "image": _SHAS,
        "file": _NAME | st.sampled_from(HARD),
        "round": st.integers(0, 3),
        "class": _NAME | st.sampled_from(HARD),
        "rival": st.none() | _NAME,
        "score": st.none() | st.floats(0, 1),
        "labeller": _NAME | st.sampled_from(HARD),
        "verdict": st.sampled_from(VERDICTS),
        "instead": st.none() | _NAME,
        "time": st.datetimes(timezones=st.timezones()).map(
            lambda time: time.isoformat()
        ),
        "dwell_ms": st.none() | st.integers(0, 2**40),
        "mode": st.sampled_from(MODES),
        "model": st.none() | _SHAS,
        "source": _TEXT,
        "licence": _TEXT,
        "author": _TEXT | st.sampled_from(HARD),
        "url": _TEXT,
    }
)
