from collections import Counter

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fgkeras.bootstrap.agreement import majority

VOTES = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 4)), st.integers(0, 2)
)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(VOTES)
def test_is_the_most_common_answer_or_a_tie(said):
    votes = [[i, j, answer] for (i, j), answer in said.items()]
    got = majority(votes, num_items=7, num_classes=3)
    assert got.shape == (7,)
    for item in range(7):
        counts = Counter(a for (i, _), a in said.items() if i == item)
        most = [a for a, n in counts.items() if n == max(counts.values())]
        assert got[item] == (most[0] if len(most) == 1 else -1)
