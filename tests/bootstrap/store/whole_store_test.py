"""The store beside a model of it that holds everything in memory."""

import pathlib
import shutil
import tempfile

import pytest
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import initialize
from hypothesis.stateful import invariant
from hypothesis.stateful import precondition
from hypothesis.stateful import rule
from hypothesis.stateful import run_state_machine_as_test

from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import NotServed
from fgkeras.bootstrap.store import adjudicate
from fgkeras.bootstrap.store import commit
from fgkeras.bootstrap.store import decide
from fgkeras.bootstrap.store import history
from fgkeras.bootstrap.store import next_cards
from fgkeras.bootstrap.store import next_page
from fgkeras.bootstrap.store import progress
from fgkeras.bootstrap.store import round_sets
from fgkeras.bootstrap.store import undo
from tests.bootstrap.store.projects import Clock
from tests.bootstrap.store.projects import add_round
from tests.bootstrap.store.projects import candidates_of
from tests.bootstrap.store.projects import new_store
from tests.bootstrap.store.projects import people
from tests.bootstrap.store.projects import rows_of
from tests.bootstrap.store.projects import unsynced

NAMES = ("Ada", "Bob", "Cem")
VERDICTS = ("tp", "fp", "fp", "unsure", "skip", "bad", "dup")
OTHER = {"tp": "fp", "fp": "tp"}
WHO = st.integers(0, 2)
WHICH = st.integers(0, 10**6)


class WholeStore(RuleBasedStateMachine):
    """Three people at one project; what they did is kept as a plain list."""

    @initialize(
        skip=st.sampled_from(("others", "me", "drop")),
        wanted=st.integers(1, 2),
        gold=st.sampled_from((0.0, 0.3)),
    )
    def begin(self, skip, wanted, gold):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.store = unsynced(new_store(self.folder, clock=self.clock))
        self.people = people(self.store, *NAMES)
        self.options = {
            "skip": skip, "wanted": wanted, "gold": 3, "gold_rate": gold,
            "audits": 1, "offers": 4,
        }  # fmt: skip
        self.round = 1
        self.facts = add_round(self.store, 1, **self.options)
        # Requests in their order: who, kind, answers, whether it still stands.
        self.done = []
        self.leases = {}
        self.given = set()
        self.pages = {}
        self.requests = 0

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.folder)

    # What the model says.

    def votes(self, candidate):
        """Dict of person to (place, verdict, instead, mode) that stands."""
        found = {}
        for place, (who, _, answers, stands) in enumerate(self.done):
            for mode, answer in answers if stands else ():
                if answer.candidate == candidate:
                    found[who] = (place, answer.verdict, answer.instead, mode)
        return found

    def heard(self, candidate):
        return [
            vote
            for vote in sorted(self.votes(candidate).values())
            if vote[1] != "skip" or self.options["skip"] == "drop"
        ]

    def state(self, candidate):
        if self.facts[candidate]["kind"] == "gold":
            return "open", "", None
        votes = sorted(self.votes(candidate).values())
        experts = [vote for vote in votes if vote[3] == "adjudicate"]
        if experts:
            return "settled", experts[-1][1], experts[-1][2]
        heard = self.heard(candidate)
        if len(heard) < self.options["wanted"]:
            return "open", "", None
        if len({vote[1] for vote in heard}) > 1:
            return "conflict", "", None
        named = {vote[2] for vote in heard}
        return "settled", heard[0][1], named.pop() if len(named) == 1 else None

    def live(self, candidate, who=None):
        return [
            person
            for (c, person), (expires, _) in self.leases.items()
            if c == candidate
            and expires > self.clock()
            and who in (None, person)
        ]

    def counted(self, candidate):
        """How many of the wanted votes there are; an expert's is one."""
        experts = [
            vote
            for vote in self.votes(candidate).values()
            if vote[3] == "adjudicate"
        ]
        return max(len(self.heard(candidate)), bool(experts))

    def free(self, who, of_class, *, skipped=False):
        """What may be handed out to somebody, beside what is held."""
        found = []
        for candidate, row in self.facts.items():
            vote = self.votes(candidate).get(who)
            mine = vote and not (skipped and vote[1] == "skip")
            if (
                row["round"] == self.round
                and row["class"] == of_class
                and row["kind"] != "gold"
                and self.state(candidate)[0] == "open"
                and self.counted(candidate) + len(self.live(candidate))
                < self.options["wanted"]
                and not mine
                and not self.live(candidate, who)
            ):
                found.append(candidate)
        return found

    def held(self, who, page, of_class=None):
        return {
            c
            for (c, person), (expires, on) in self.leases.items()
            if person == who
            and expires > self.clock()
            and (on is not None) == page
            and self.facts[c]["round"] == self.round
            and of_class in (None, self.facts[c]["class"])
        }

    def request(self):
        self.requests += 1
        return f"request {self.requests}"

    def keep(self, who, kind, answers):
        self.done.append([who, kind, answers, True])
        for _, answer in answers:
            self.leases.pop((answer.candidate, who), None)

    def check_given(self, who, cells, held, of_class, page, seconds):
        """What was handed out was held, free, or gold not answered."""
        held = held & set(cells)
        fresh = set(cells) - held
        for candidate in fresh:
            k = self.facts[candidate]["class"]
            if self.facts[candidate]["kind"] == "gold":
                assert who not in self.votes(candidate)
                assert not self.live(candidate, who)
                continue
            usual = self.free(who, k)
            again = self.options["skip"] == "me" and not usual
            assert candidate in self.free(who, k, skipped=again)
        for candidate in cells:
            self.leases[candidate, who] = (self.clock() + seconds, page)
            self.given.add((candidate, who))

    # What people do.

    @rule(who=WHO, count=st.integers(1, 3), of_class=st.sampled_from(
        (None, 0, 1)
    ))  # fmt: skip
    def ask_cards(self, who, count, of_class):
        person = self.people[who]
        held = self.held(person, False, of_class)
        free = [] if of_class is None else self.free(person, of_class)
        given = [
            cell["candidate"]
            for cell in next_cards(self.store, person, count, of_class=of_class)
        ]
        assert len(set(given)) == len(given)
        assert set(given) <= held or held <= set(given)
        if of_class is not None:
            assert {self.facts[c]["class"] for c in given} <= {of_class}
            fresh = [
                c
                for c in given
                if c not in held and self.facts[c]["kind"] != "gold"
            ]
            if len(given) < count:
                assert set(free) <= set(fresh)
        # One by one, as they are given.
        for candidate in given:
            self.check_given(person, [candidate], held, of_class, None, 600.0)

    @rule(who=WHO, size=st.integers(1, 6), of_class=st.sampled_from(
        (None, 0, 1)
    ))  # fmt: skip
    def ask_page(self, who, size, of_class):
        person = self.people[who]
        held = self.held(person, True, of_class)
        found = next_page(self.store, person, size, of_class=of_class)
        if found is None:
            assert not held
            if of_class is not None:
                assert not self.free(person, of_class)
            return
        cells = [cell["candidate"] for cell in found["cells"]]
        assert len({self.facts[c]["class"] for c in cells}) == 1
        assert held >= set(cells) if held else len(cells) <= size
        usual = {c: self.free(person, self.facts[c]["class"]) for c in cells}
        for c in cells:
            if c in held:
                continue
            if self.facts[c]["kind"] == "gold":
                assert person not in self.votes(c)
            else:
                k = self.facts[c]["class"]
                again = self.options["skip"] == "me" and not usual[c]
                assert c in self.free(person, k, skipped=again)
        for c in cells:
            self.leases[c, person] = (self.clock() + 1800.0, found["page"])
            self.given.add((c, person))
        known = self.pages.get(found["page"])
        assert known is None or set(cells) <= set(known[1])
        if known is None:
            self.pages[found["page"]] = (person, cells, found["mark"])

    @rule(which=WHICH, verdict=st.sampled_from(VERDICTS), name=st.booleans())
    @precondition(lambda self: self.given)
    def answer(self, which, verdict, name):
        """Also late, again, or of an earlier round."""
        candidate, person = sorted(self.given)[which % len(self.given)]
        instead = None
        if name and verdict == "fp":
            instead = 1 - self.facts[candidate]["class"]
        answer = Answer(candidate, verdict, instead)
        request = self.request()
        found = decide(self.store, person, request, answer)
        assert found == decide(self.store, person, request, answer)
        assert [a["verdict"] for a in found["answers"]] == [verdict]
        self.keep(person, "card", [("card", answer)])

    @rule(which=WHICH, marks=st.lists(st.integers(0, 5), max_size=6))
    @precondition(lambda self: self.pages)
    def answer_page(self, which, marks):
        name = list(self.pages)[which % len(self.pages)]
        person, cells, mark = self.pages[name]
        if not cells:  # All of it was given back.
            return
        if any(
            who == person
            and kind == "page"
            and stands
            and {a.candidate for _, a in given} == set(cells)
            for who, kind, given, stands in self.done
        ):
            with pytest.raises(NotServed, match="committed once"):
                commit(self.store, person, self.request(), name, [])
            return
        good, rest = ("tp", "fp") if mark == "right" else ("fp", "tp")
        roles = dict.fromkeys(cells, "rest")
        for i, place in enumerate(marks):
            role = ("marked", "marked", "unsure", "left")[i % 4]
            roles[cells[place % len(cells)]] = role
        marked = [c for c in cells if roles[c] == "marked"]
        left = [c for c in cells if roles[c] == "left"]
        others = [Answer(c, "unsure") for c in cells if roles[c] == "unsure"]
        request = self.request()
        commit(
            self.store, person, request, name, marked, others=others, left=left
        )
        answers = [
            {
                "rest": ("grid_rest", Answer(c, rest)),
                "marked": ("grid_marked", Answer(c, good)),
                "unsure": ("grid_marked", Answer(c, "unsure")),
            }[roles[c]]
            for c in cells
            if roles[c] != "left"
        ]
        self.pages[name] = person, [c for c in cells if c not in left], mark
        for c in left:
            _, on = self.leases.get((c, person), (0.0, None))
            if on == name:
                del self.leases[c, person]
                if not any(
                    who == person and any(a.candidate == c for _, a in given)
                    for who, _, given, _ in self.done
                ):
                    self.given.discard((c, person))
        self.keep(person, "page", answers)

    @rule(who=WHO, which=WHICH, verdict=st.sampled_from(VERDICTS))
    def settle_by_expert(self, who, which, verdict):
        person = self.people[who]
        numbers = sorted(self.facts)
        answer = Answer(numbers[which % len(numbers)], verdict)
        request = self.request()
        if not self.votes(answer.candidate):
            with pytest.raises(NotServed):
                adjudicate(self.store, person, request, answer)
            return
        adjudicate(self.store, person, request, answer)
        self.given.add((answer.candidate, person))
        self.keep(person, "adjudicate", [("adjudicate", answer)])

    @rule(who=WHO)
    def take_back(self, who):
        person = self.people[who]
        standing = [
            one for one in self.done if one[0] == person and one[3] and one[2]
        ]
        found = undo(self.store, person, self.request())["answers"]
        last = standing[-1] if standing else None
        if last is not None:
            rounds = {self.facts[a.candidate]["round"] for _, a in last[2]}
            if rounds != {self.round}:
                last = None
        if last is None:
            assert not found
            return
        last[3] = False
        assert [a["candidate"] for a in found] == [
            a.candidate for _, a in last[2]
        ]
        assert {a["verdict"] for a in found} == {"undo"}
        for row in rows_of(
            self.store,
            "SELECT candidate, expires, page FROM lease WHERE labeller = ?",
            person,
        ):
            if row[0] in {a.candidate for m, a in last[2] if m != "adjudicate"}:
                assert row[1] > self.clock()
                self.leases[row[0], person] = row[1:]
        missing = {
            a.candidate for mode, a in last[2] if mode != "adjudicate"
        } - {c for c, who in self.leases if who == person}
        assert not missing

    @rule(seconds=st.sampled_from((1.0, 30.0, 601.0, 1801.0)))
    def wait(self, seconds):
        self.clock.pass_by(seconds)

    @rule()
    def open_again(self):
        self.store.close()
        self.store = unsynced(new_store(self.folder, clock=self.clock))

    @rule()
    @precondition(lambda self: self.round < 2 and len(self.done) > 4)
    def next_round(self):
        self.round += 1
        self.facts |= add_round(self.store, self.round, **self.options)

    # What holds at any time.

    @invariant()
    def votes_are_those_of_the_decisions(self):
        if not hasattr(self, "store"):
            return
        kept = rows_of(self.store, "SELECT candidate, labeller, decision FROM "
                       "vote ORDER BY 1, 2")  # fmt: skip
        view = rows_of(self.store, "SELECT * FROM effective_vote ORDER BY 1, 2")
        assert kept == view
        known = {
            (c, who): vote[1:]
            for c in self.facts
            for who, vote in self.votes(c).items()
        }
        found = {
            (c, who): tuple(rest)
            for c, who, *rest in rows_of(
                self.store,
                "SELECT candidate, labeller, verdict, instead, mode FROM vote",
            )
        }
        assert found == known

    @invariant()
    def candidates_are_what_the_votes_come_to(self):
        if not hasattr(self, "store"):
            return
        for candidate, row in candidates_of(self.store).items():
            found = row["state"], row["outcome"], row["instead"]
            assert found == self.state(candidate)
            if row["kind"] != "gold":
                assert row["votes"] == self.counted(candidate)

    @invariant()
    def counts_are_a_recount(self):
        if not hasattr(self, "store"):
            return
        columns = "round, class, kind, state, outcome"
        tally = rows_of(
            self.store,
            f"SELECT {columns}, count FROM tally WHERE count > 0 ORDER BY "
            f"{columns}",
        )
        assert tally == rows_of(
            self.store,
            f"SELECT {columns}, count(*) FROM candidate GROUP BY {columns} "
            f"ORDER BY {columns}",
        )
        for number in range(1, self.round + 1):
            with self.store.reading() as db:
                sets = round_sets(db, number)
            assert sets.offered == (
                len(sets.right)
                + len(sets.wrong)
                + sum(sets.neither.values())
                + sets.undecided
            )
            told = progress(self.store, number)
            assert told["total"] == sets.offered == 10
            assert told["tp"] == len(sets.right)
            assert told["fp"] == len(sets.wrong)
            assert told["open"] + told["conflict"] == sets.undecided

    @invariant()
    def nothing_that_was_answered_is_gone(self):
        if not hasattr(self, "store"):
            return
        for person in self.people:
            found = history(self.store, person, 1000)
            answers = [
                a.candidate
                for who, _, given, _ in self.done
                if who == person
                for _, a in given
            ]
            assert [row["candidate"] for row in found][::-1] == answers


def run(examples, steps):
    run_state_machine_as_test(
        WholeStore,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_store_does_what_the_model_does():
    run(15, 25)


@pytest.mark.slow
def test_the_store_does_what_the_model_does_for_long():
    run(150, 50)
