"""Sweeps that are killed, or shared, end as one that ran through."""

import collections
import random
import subprocess
import sys
import time

import pytest

from fgkeras.tuning.worker import work
from tests.tuning.fake_sweep import fake_run
from tests.tuning.fake_sweep import fake_trials


def started(out, search, seconds):
    command = [sys.executable, "-m", "tests.tuning.fake_sweep", str(out)]
    command += ["--search", search, "--seconds", str(seconds)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout.readline() == "ready\n"
    return process


def found(out, search):
    """What a sweep has come to: its trials in order, scores, the winner."""
    trials = fake_trials(out, search)
    trials.follow()
    rows = [(t.number, t.values, t.measured, t.failed) for t in trials.known]
    return rows, trials.best().number


def through(out, search):
    trials = fake_trials(out, search)
    work(trials, fake_run(trials))
    return found(out, search)


def check_log(folder):
    """No epoch was trained again that a checkpoint had; returns all epochs."""
    saved, trained = collections.Counter(), set()
    for line in (folder / "log.txt").read_text().splitlines():
        what, trial, epoch = line.split()
        if what == "saved":
            saved[trial] = int(epoch)
        else:
            assert int(epoch) > saved[trial], line
            trained.add((trial, epoch))
    return trained


@pytest.mark.slow
@pytest.mark.parametrize(
    "search",
    [
        "grid",
        "random",
        "hyperband",
        pytest.param("bayesian", marks=pytest.mark.exhaustive),
    ],
)
def test_killed_five_times_it_ends_as_one_that_ran_through(tmp_path, search):
    expected = through(tmp_path / "through", search)
    draw = random.Random(search)
    for _ in range(5):
        process = started(tmp_path / "killed", search, 0.02)
        time.sleep(draw.uniform(0.05, 0.6))
        process.kill()
        process.wait()
    process = started(tmp_path / "killed", search, 0)
    assert process.wait() == 0
    assert found(tmp_path / "killed", search) == expected
    trained = check_log(tmp_path / "killed")
    assert trained == check_log(tmp_path / "through")


@pytest.mark.slow
@pytest.mark.parametrize("search", ["grid", "random", "hyperband"])
def test_two_workers_make_the_same_trials(tmp_path, search):
    expected, winner = through(tmp_path / "one", search)
    both = [started(tmp_path / "two", search, 0.01) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    shared, same = found(tmp_path / "two", search)
    check_log(tmp_path / "two")
    if search == "hyperband":
        # Which go on depends on what has ended first.
        assert shared[0] == expected[0]
        return
    assert shared == expected
    assert same == winner
