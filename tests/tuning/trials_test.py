"""Trials by their journal: resumed, shared, failed, refused."""

import json

import pytest

from experiments.sweeps.fake_sweep import fake_run
from experiments.sweeps.fake_sweep import fake_trials
from experiments.sweeps.fake_sweep import score_of
from fgkeras.storage import DiskRefusal
from fgkeras.tuning.worker import work


def whole(path, search="grid", **more):
    trials = fake_trials(path, search, **more)
    work(trials, fake_run(trials))
    return trials


def rows(trials):
    return [(t.number, t.values, t.measured, t.failed) for t in trials.known]


@pytest.mark.slow
@pytest.mark.parametrize("search", ["grid", "random", "hyperband"])
def test_stopped_after_any_event_it_ends_the_same(tmp_path, search):
    """The journal cut behind each of its lines is where a kill may be."""
    through = whole(tmp_path / "through", search)
    lines = (tmp_path / "through/journal.jsonl").read_text().splitlines(True)
    for count in range(1, len(lines), 5):
        path = tmp_path / f"cut{count}"
        fake_trials(path, search)
        (path / "journal.jsonl").write_text("".join(lines[:count]))
        again = whole(path, search)
        assert rows(again) == rows(through)
        assert again.best() == through.best()
        assert (path / "journal.jsonl").read_text() == "".join(lines)


def test_the_best_is_the_best_of_all(tmp_path):
    trials = whole(tmp_path, "grid")
    scores = {
        t.number: score_of(trials.space, t.values, 9) for t in trials.known
    }
    assert len(scores) == 12
    assert trials.best().number == max(scores, key=scores.get)


def test_a_promoted_trial_goes_on(tmp_path):
    trials = whole(tmp_path, "hyperband")
    log = [line.split() for line in (tmp_path / "log.txt").open()]
    trained = [line[1:] for line in log if line[0] == "trained"]
    # Of a trial in two brackets, or promoted twice, every epoch once.
    assert len(trained) == len({tuple(line) for line in trained})
    assert None in trials.best().measured
    for trial in trials.known:
        last = 9 if None in trial.measured else max(trial.measured)
        assert sum(int(n) == trial.number for n, _ in trained) == last


def test_a_trial_that_was_stopped_does_not_win(tmp_path):
    """Scores that fall with epochs: the early ones are the higher ones."""
    trials = fake_trials(tmp_path, "hyperband")
    work(trials, lambda job: {"score": 1 - (job.epochs or 9) / 10})
    scores = [t.score for t in trials.known]
    assert trials.best().score == pytest.approx(0.1)
    assert max(scores) > 0.5


def test_no_two_workers_have_one_trial(tmp_path):
    first = fake_trials(tmp_path, "grid")
    second = fake_trials(tmp_path, "grid")
    job, lock = first.next()
    other, other_lock = second.next()
    assert (job.trial, other.trial) == (1, 2)
    # A worker that dies leaves its trial to the next who asks.
    lock.__exit__()
    again, again_lock = second.next()
    assert again == job
    for taken in (other_lock, again_lock):
        taken.__exit__()


def test_more_trials_may_be_added(tmp_path):
    few = whole(tmp_path, "random", most=4)
    more = whole(tmp_path, "random", most=7)
    assert rows(more)[:4] == rows(few)
    assert len(more.known) == 7


def test_a_failing_trial_is_noted_and_the_sweep_goes_on(tmp_path):
    trials = fake_trials(tmp_path, "random")
    run = fake_run(trials)
    said = []

    def failing(job):
        if job.trial % 3 == 0:
            raise ValueError(f"No rule. Received: {job.trial}.")
        return run(job)

    work(trials, failing, said.append)
    failed = [t for t in trials.known if t.failed is not None]
    assert [t.number for t in failed] == [3, 6, 9, 12]
    assert failed[0].failed == "No rule. Received: 3."
    assert "trial 3 failed: No rule. Received: 3." in said
    # What failed is not tried again.
    again = fake_trials(tmp_path, "random")
    work(again, run)
    assert rows(again) == rows(trials)


@pytest.mark.parametrize("search", ["grid", "hyperband", "bayesian"])
def test_all_failing_is_an_error(tmp_path, search):
    trials = fake_trials(tmp_path, search)

    def failing(job):
        raise TypeError("no")

    with pytest.raises(ValueError, match="all .* failed: TypeError no"):
        work(trials, failing)


def test_a_full_disk_is_no_fault_of_a_trial(tmp_path):
    trials = fake_trials(tmp_path, "grid")

    def full(job):
        raise DiskRefusal(OSError(28, "No space left on device"), tmp_path)

    with pytest.raises(DiskRefusal):
        work(trials, full)
    assert trials.known[0].failed is None
    assert not (tmp_path / "trials/001/.lock").exists()


def test_folders_of_others_are_refused(tmp_path):
    whole(tmp_path / "a", "random", most=2)
    before = (tmp_path / "a/journal.jsonl").read_text()
    with pytest.raises(ValueError, match="search: 'random' there, 'grid'"):
        fake_trials(tmp_path / "a", "grid")
    with pytest.raises(ValueError, match="over: .*differs|differs in over"):
        fake_trials(tmp_path / "a", "random", ["beta=0,0.9"])
    assert (tmp_path / "a/journal.jsonl").read_text() == before
    (tmp_path / "b").mkdir()
    (tmp_path / "b/mine.txt").write_text("mine")
    with pytest.raises(ValueError, match="holds other files"):
        fake_trials(tmp_path / "b", "grid")
    (tmp_path / "c").mkdir()
    (tmp_path / "c/sweep.json").write_text(json.dumps({"format": 9}))
    with pytest.raises(ValueError, match="later version"):
        fake_trials(tmp_path / "c", "grid")
