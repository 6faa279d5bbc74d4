"""The pages as HTML: home, card, grid, history, adjudication, labellers."""

import urllib.parse

import jinja2

from fgkeras.bootstrap.page import queries
from fgkeras.bootstrap.page.api import number_of
from fgkeras.bootstrap.page.number_words import about
from fgkeras.bootstrap.page.number_words import duration
from fgkeras.bootstrap.page.number_words import share
from fgkeras.bootstrap.page.outlook import outlook
from fgkeras.bootstrap.page.shown_counts import left_note
from fgkeras.bootstrap.page.shown_counts import shown_progress
from fgkeras.bootstrap.page.words import ANSWERS
from fgkeras.bootstrap.store import history
from fgkeras.bootstrap.store import labeller_facts
from fgkeras.bootstrap.store import labellers
from fgkeras.bootstrap.store import progress

_ROWS = 50
_GOLD_STEP = 10
_MODES = {
    "card": "card",
    "grid_marked": "grid, marked",
    "grid_rest": "grid, left unmarked",
    "adjudicate": "adjudication",
    "import": "imported",
}


class NoSuchClass(LookupError):
    """A page of a class that the project has not."""


class Views:
    """Pages of one project, each a method of who asks and the query.

    Args:
        site: `Site`.
    """

    def __init__(self, site):
        self._site, self._store = site, site.store
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("fgkeras.bootstrap.page"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {
            "about": about,
            "duration": duration,
            "share": share,
        }

    def home(self, person, query):
        """Returns the list of classes, and what is next."""
        found = shown_progress(self._store, person)
        # What is worth going on with is judged without gold.
        seen = {
            row["class"]: {"tp": row["tp"], "fp": row["fp"]}
            for row in progress(self._store)["classes"]
        }
        with self._store.reading() as db:
            note = "" if found["open"] else left_note(db, person)
            pace = queries.pace_ms(db, person)
            at = queries.current_class(db, person)
            at_name = queries.class_name(db, at)
        rows = [
            {
                **facts,
                "outlook": outlook({**facts, **seen[facts["class"]]}, pace),
            }
            for facts in found["classes"]
        ]
        rows.sort(key=lambda r: (not r["open"], -r["open"], r["name"]))
        whole = None if pace is None else found["open"] * pace / 1000
        return self._page(
            "home",
            person,
            progress=found,
            rows=rows,
            next_class=at,
            next_name=at_name,
            note=note,
            seconds=whole,
        )

    def card(self, person, query):
        """Returns the page of one candidate after the other."""
        return self._work("card", person, query)

    def grid(self, person, query):
        """Returns the page of many candidates of one class."""
        return self._work("grid", person, query)

    def adjudicate(self, person, query):
        """Returns the page of what people disagree about."""
        return self._work("adjudicate", person, query)

    def history(self, person, query):
        """Returns what somebody answered, the last first."""
        before = number_of(query, "before", None, None)
        rows = history(self._store, person, _ROWS + 1, before)
        with self._store.reading() as db:
            names = queries.class_names(db)
            for row in rows:
                found = queries.candidate_class(db, row["candidate"])
                row["rival"] = found[1]
                row["link"] = web_address(row["url"])
                row["mode_words"] = _MODES[row["mode"]]
        more = rows[_ROWS - 1]["decision"] if len(rows) > _ROWS else None
        return self._page(
            "history",
            person,
            rows=rows[:_ROWS],
            names=names,
            older=more,
            first=before is None,
        )

    def labeller(self, person, query):
        """Returns how somebody works."""
        facts = self._facts(person)
        return self._page("labeller", person, facts=facts)

    def labellers(self, person, query):
        """Returns how all people work."""
        everyone = [self._facts(one) for one in labellers(self._store)]
        return self._page("labellers", person, everyone=everyone)

    def refusal(self, person, sentence):
        """Returns a page that says why there is none."""
        return self._page("refusal", person, sentence=sentence)

    def _facts(self, person):
        facts = labeller_facts(self._store, person)
        # In full tens: a count that moves would tell which picture was gold.
        answered = facts["gold_answered"]
        gold = None
        if answered >= _GOLD_STEP:
            gold = round(100 * facts["gold_right"] / answered / 5) * 5
        words = self._site.words["verdicts"]
        total = sum(facts["verdicts"].values())
        return {
            **facts,
            "gold": gold,
            "gold_tens": answered // _GOLD_STEP * _GOLD_STEP,
            "shares": [
                (word, facts["verdicts"].get(verdict, 0) / max(total, 1))
                for verdict, word in words.items()
            ],
            "per_hour": (
                3_600_000 / facts["median_ms"] if facts["median_ms"] else None
            ),
        }

    def _work(self, name, person, query):
        of_class = number_of(query, "class", None, None)
        class_name = None
        if of_class is not None:
            with self._store.reading() as db:
                class_name = queries.class_name(db, of_class)
            if class_name is None:
                raise NoSuchClass(of_class)
        script = {
            "mode": name,
            "person": person,
            "project": self._site.project,
            "keys": self._site.keys,
            "least": self._site.least_ms,
            "class": of_class,
            "answers": ANSWERS,
            "question": self._site.words["question"],
            "verdicts": self._site.words["verdicts"],
            "marks": [self._site.words["right"], self._site.words["wrong"]],
        }
        return self._page(
            name, person, script=script, only=class_name, of_class=of_class
        )

    def _page(self, name, person, **values):
        values.setdefault(
            "script",
            {
                "mode": name,
                "person": person,
                "project": self._site.project,
                "keys": self._site.keys,
                "answers": ANSWERS,
                "class": None,
            },
        )
        return self._templates.get_template(f"{name}.html").render(
            page=name,
            site=self._site,
            words=self._site.words,
            keys=self._site.keys,
            me=self._site.people.name(person) or "",
            paused=self._site.people.paused(person),
            **values,
        )


def web_address(text):
    """Returns an address that a page may lead to, else `None`.

    Example:

    >>> web_address("https://example.org/a"), web_address("javascript:a()")
    ('https://example.org/a', None)
    """
    try:
        parts = urllib.parse.urlsplit(text)
    except ValueError:
        return None
    known = parts.scheme in ("http", "https") and parts.netloc
    return text if known and text.isprintable() else None
