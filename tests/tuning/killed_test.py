"""Sweeps that are killed, or shared, end as one that ran through."""

import collections
import multiprocessing
import random
import time

import pytest

from experiments.sweeps.fake_sweep import fake_run
from experiments.sweeps.fake_sweep import fake_trials
from experiments.sweeps.fake_sweep import sleeping
from fgkeras.tuning.worker import work


def worker(out, search, seconds):
    trials = fake_trials(out, search)
    work(trials, fake_run(trials, sleeping(seconds)))


def started(*asked):
    """Starts a worker in a process of its own, with all imported."""
    process = multiprocessing.get_context("fork").Process(
        target=worker, args=asked
    )
    process.start()
    return process


def found(out, search):
    """What a sweep has come to: its trials in order, scores, the winner."""
    trials = fake_trials(out, search)
    trials.follow()
    rows = [(t.number, t.values, t.measured, t.failed) for t in trials.known]
    return rows, trials.best().number


def through(out, search):
    worker(out, search, 0)
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
@pytest.mark.parametrize("search", ["grid", "random", "hyperband", "bayesian"])
def test_killed_five_times_it_ends_as_one_that_ran_through(tmp_path, search):
    expected = through(tmp_path / "through", search)
    draw = random.Random(search)
    killed = 0
    for _ in range(5):
        process = started(tmp_path / "killed", search, 0.02)
        time.sleep(draw.uniform(0.1, 0.8))
        process.kill()
        process.join()
        # A slow machine may have been at its end before.
        assert process.exitcode in (-9, 0)
        killed += process.exitcode == -9
    assert killed
    process = started(tmp_path / "killed", search, 0)
    process.join()
    assert process.exitcode == 0
    assert found(tmp_path / "killed", search) == expected
    trained = check_log(tmp_path / "killed")
    assert trained == check_log(tmp_path / "through")


@pytest.mark.slow
@pytest.mark.parametrize("search", ["grid", "random", "hyperband"])
def test_two_workers_make_the_same_trials(tmp_path, search):
    expected, winner = through(tmp_path / "one", search)
    both = [started(tmp_path / "two", search, 0.01) for _ in range(2)]
    for process in both:
        process.join()
        assert process.exitcode == 0
    shared, same = found(tmp_path / "two", search)
    check_log(tmp_path / "two")
    if search == "hyperband":
        # Which go on depends on what has ended first.
        assert [row[:2] for row in shared[:2]] == [r[:2] for r in expected[:2]]
        return
    assert shared == expected
    assert same == winner
