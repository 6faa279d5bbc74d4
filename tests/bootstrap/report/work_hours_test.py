import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fgkeras.bootstrap.report.work_hours import WorkHours
from fgkeras.bootstrap.report.work_hours import work_hours

ANSWERS = st.lists(
    st.tuples(st.integers(0, 3000), st.none() | st.integers(0, 400)),
    max_size=20,
    unique_by=lambda pair: pair[0],
)


def by_loops(answers, pause):
    seconds, sessions, before = 0.0, 0, None
    for time, dwell in sorted(answers):
        if before is None or time - before > pause:
            sessions += 1
            seconds += min(dwell or 0, pause)
        else:
            seconds += time - before
        before = time
    return WorkHours(seconds, sessions)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(ANSWERS, st.sampled_from([30, 300]), st.randoms())
def test_hours_are_those_of_loops(answers, pause, lot):
    lot.shuffle(answers)
    times = [time for time, _ in answers]
    dwells = [np.nan if d is None else d for _, d in answers]
    assert work_hours(times, dwells, pause=pause) == by_loops(answers, pause)


def test_a_gap_of_just_the_pause_is_work():
    assert work_hours([0, 300], [0, 0]).seconds == 300
    assert work_hours([0, 300.5], [0, 0]) == WorkHours(0.0, 2)


@pytest.mark.parametrize(
    ("times", "dwells", "pause", "match"),
    [
        ([0, 1], [0], 300, "times.shape"),
        ([0, np.inf], [0, 0], 300, "finite"),
        ([0], [0], 0, "pause=0"),
    ],
)
def test_misuse(times, dwells, pause, match):
    with pytest.raises(ValueError, match=match):
        work_hours(times, dwells, pause=pause)
