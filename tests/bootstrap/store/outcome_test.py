from hypothesis import given
from hypothesis import strategies as st

from fgkeras.bootstrap.store.outcome import outcome_of

VERDICTS = ("tp", "fp", "unsure", "skip", "bad", "dup")
VOTE = st.tuples(
    st.sampled_from(VERDICTS),
    st.sampled_from((None, 1, 2)),
    st.sampled_from(("card", "grid_marked", "grid_rest", "import")),
).map(lambda vote: (vote[0], vote[1] if vote[0] == "fp" else None, vote[2]))
VOTES = st.lists(VOTE, max_size=5)
SKIP = st.sampled_from(("others", "me", "drop"))


def as_told(votes, wanted, skip):
    """The rule in the words of a person, one vote after the other."""
    heard = []
    for verdict, instead, mode in votes:
        if mode == "adjudicate":
            continue
        if verdict == "skip" and skip != "drop":
            continue
        heard.append((verdict, instead))
    if len(heard) < wanted:
        return ("open", "", None)
    first = heard[0]
    for other in heard[1:]:
        if other[0] != first[0]:
            return ("conflict", "", None)
    for other in heard[1:]:
        if other[1] != first[1]:
            return ("settled", first[0], None)
    return ("settled", *first)


@given(VOTES, st.integers(1, 4), SKIP)
def test_votes_come_to_what_a_person_would_say(votes, wanted, skip):
    assert outcome_of(votes, wanted, skip)[:3] == as_told(votes, wanted, skip)


@given(VOTES, st.integers(1, 4), SKIP)
def test_only_what_says_something_counts(votes, wanted, skip):
    skipped = sum(vote[0] == "skip" for vote in votes)
    counted = len(votes) - (skip != "drop") * skipped
    assert outcome_of(votes, wanted, skip)[3] == counted


@given(VOTES, VOTE, VOTES, st.integers(1, 4), SKIP)
def test_an_expert_ends_it(before, expert, after, wanted, skip):
    votes = [*before, (*expert[:2], "adjudicate"), *after]
    found = outcome_of(votes, wanted, skip)
    assert found[:3] == ("settled", *expert[:2])
    assert found[3] >= 1


@given(VOTES, VOTE, VOTE, st.integers(1, 4))
def test_the_last_expert_is_heard(votes, first, last, wanted):
    experts = [(*vote[:2], "adjudicate") for vote in (first, last)]
    found = outcome_of([experts[0], *votes, experts[1]], wanted)
    assert found[:3] == ("settled", *last[:2])


@given(st.permutations(["tp", "fp", "unsure"]))
def test_any_two_that_differ_are_a_conflict(verdicts):
    votes = [(verdict, None, "card") for verdict in verdicts]
    for i in range(3):
        two = votes[:i] + votes[i + 1 :]
        assert outcome_of(two, 2) == ("conflict", "", None, 2)
