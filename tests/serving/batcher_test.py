import asyncio
import threading
import time

import numpy as np
import pytest

from fgkeras.serving import Batcher
from fgkeras.serving import batcher as module
from fgkeras.web.refusal import Refusal


class Runner:
    """Doubles rows, notes batches, and waits where it is told to."""

    def __init__(self, gate=None):
        self.batches = []
        self.gate = gate
        self.started = threading.Semaphore(0)

    def __call__(self, rows):
        self.batches.append(rows.tolist())
        self.started.release()
        if self.gate is not None:
            assert self.gate.wait(10)
        if np.any(rows < 0):
            raise ValueError("below 0")
        return {"twice": rows * 2, "row": np.stack([rows, rows], 1)}


def using(work, **options):
    """Runs `work(batcher)` and closes the batcher."""
    batcher = Batcher(**options)
    try:
        return asyncio.run(work(batcher))
    finally:
        batcher.close()


async def queued(batcher, count):
    while batcher.waiting < count:
        await asyncio.sleep(0.001)


def test_requests_that_queue_share_a_batch_and_get_their_own():
    gate, seen = threading.Event(), []
    runner = Runner(gate)

    async def work(batcher):
        first = asyncio.create_task(batcher.run(runner, np.array([1.0])))
        await asyncio.to_thread(runner.started.acquire)
        others = [
            asyncio.create_task(batcher.run(runner, np.arange(i, i + 2.0)))
            for i in (10, 20, 30)
        ]
        await queued(batcher, 6)
        gate.set()
        return [await one for one in (first, *others)]

    found = using(work, batch_size=4, workers=1, wait=5, observe=seen.append)
    assert [one["twice"].tolist() for one in found] == [
        [2], [20, 22], [40, 42], [60, 62],
    ]  # fmt: skip
    assert found[2]["row"].tolist() == [[20, 20], [21, 21]]
    # A full one goes at once, and the last is alone: neither waits 5 s.
    assert runner.batches == [[1], [10, 11, 20, 21], [30, 31]]
    assert seen == [1, 4, 2]


def test_a_request_of_many_rows_is_cut_and_put_together():
    runner = Runner()
    found = using(
        lambda b: b.run(runner, np.arange(7.0)), batch_size=3, workers=1
    )
    assert found["twice"].tolist() == [0, 2, 4, 6, 8, 10, 12]
    assert sorted(map(len, runner.batches)) == [1, 3, 3]


def test_a_batch_waits_for_more_no_longer_than_told():
    gate = threading.Event()
    runner = Runner(gate)

    async def work(batcher):
        first = asyncio.create_task(batcher.run(runner, np.array([1.0])))
        await asyncio.to_thread(runner.started.acquire)
        two = [
            asyncio.create_task(batcher.run(runner, np.array([x])))
            for x in (2.0, 3.0)
        ]
        await queued(batcher, 2)
        gate.set()
        await first
        third = asyncio.create_task(batcher.run(runner, np.array([4.0])))
        return [await one for one in (*two, third)]

    start = time.monotonic()
    using(work, batch_size=8, workers=1, wait=0.4)
    assert time.monotonic() - start >= 0.3
    assert runner.batches == [[1], [2, 3, 4]]


def test_signatures_never_share_a_batch():
    gate = threading.Event()
    one, other = Runner(gate), Runner()

    async def work(batcher):
        tasks = [asyncio.create_task(batcher.run(one, np.array([0.0])))]
        await asyncio.to_thread(one.started.acquire)
        for i in range(1, 5):
            runner = (one, other)[i % 2]
            tasks.append(
                asyncio.create_task(batcher.run(runner, np.array([float(i)])))
            )
        await queued(batcher, 4)
        gate.set()
        await asyncio.gather(*tasks)

    using(work, workers=1)
    assert one.batches == [[0], [2, 4]]
    assert other.batches == [[1, 3]]


def test_who_spoils_a_batch_spoils_only_theirs():
    gate = threading.Event()
    runner = Runner(gate)

    async def work(batcher):
        tasks = [asyncio.create_task(batcher.run(runner, np.array([0.0])))]
        await asyncio.to_thread(runner.started.acquire)
        tasks += [
            asyncio.create_task(batcher.run(runner, np.array([x])))
            for x in (1.0, -1.0, 2.0)
        ]
        await queued(batcher, 3)
        gate.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    found = using(work, workers=1)
    assert [one["twice"].tolist() for i, one in enumerate(found) if i != 2] == [
        [0], [2], [4],
    ]  # fmt: skip
    assert isinstance(found[2], ValueError)


def test_a_full_queue_refuses_and_what_is_given_up_makes_room():
    gate = threading.Event()
    runner = Runner(gate)

    async def work(batcher):
        first = asyncio.create_task(batcher.run(runner, np.array([1.0])))
        await asyncio.to_thread(runner.started.acquire)
        waiting = asyncio.create_task(batcher.run(runner, np.arange(3.0)))
        await queued(batcher, 3)
        with pytest.raises(Refusal) as error:
            await batcher.run(runner, np.arange(2.0))
        assert error.value.status == 503
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert batcher.waiting == 0
        last = asyncio.create_task(batcher.run(runner, np.arange(4.0)))
        await queued(batcher, 4)
        gate.set()
        await first
        return await last

    using(work, queue=4, workers=1)
    assert runner.batches == [[1], [0, 1, 2, 3]]
    with pytest.raises(Refusal) as error:
        using(lambda b: b.run(runner, np.arange(5.0)), queue=4)
    assert error.value.status == 413


def test_pixels_that_run_at_once_are_bounded():
    lock, running, most = threading.Lock(), [0], [0]

    def runner(rows):
        with lock:
            running[0] += int(rows.sum())
            most[0] = max(most[0], running[0])
        time.sleep(0.01)
        with lock:
            running[0] -= int(rows.sum())
        return {"same": rows}

    async def work(batcher):
        # Pixels are the values themselves; one alone is above the bound.
        sizes = [60, 50, 150, 10, 90, 30, 30, 30, 80]
        return await asyncio.gather(
            *(batcher.run(runner, np.array([s]), [s]) for s in sizes),
            batcher.run(runner, np.array([70, 70, 20]), [70, 70, 20]),
        )

    found = using(work, max_pixels=100, workers=3)
    assert found[-1]["same"].tolist() == [70, 70, 20]
    assert most[0] == 150


def test_small_ones_pass_what_waits_for_room_but_not_for_ever(monkeypatch):
    gate = threading.Event()
    large, small = Runner(gate), Runner()

    async def work(batcher):
        first = asyncio.create_task(batcher.run(large, np.array([1]), [90]))
        await asyncio.to_thread(large.started.acquire)
        second = asyncio.create_task(batcher.run(large, np.array([2]), [90]))
        await queued(batcher, 1)
        await asyncio.wait_for(batcher.run(small, np.array([3]), [9]), 5)
        assert not second.done()
        monkeypatch.setattr(module, "_PASSED", 0.0)
        third = asyncio.create_task(batcher.run(small, np.array([4]), [9]))
        await queued(batcher, 2)
        await asyncio.sleep(0.05)
        assert not third.done()
        gate.set()
        await asyncio.gather(first, second, third)

    using(work, max_pixels=100, workers=2)
    assert large.batches == [[1], [2]]
    assert small.batches == [[3], [4]]


def test_closing_runs_what_waits_and_then_refuses():
    gate = threading.Event()
    runner = Runner(gate)

    async def work(batcher):
        tasks = [asyncio.create_task(batcher.run(runner, np.array([0.0])))]
        await asyncio.to_thread(runner.started.acquire)
        tasks.append(asyncio.create_task(batcher.run(runner, np.array([5.0]))))
        await queued(batcher, 1)
        closing = asyncio.create_task(asyncio.to_thread(batcher.close))
        await asyncio.sleep(0.02)
        with pytest.raises(Refusal):
            await batcher.run(runner, np.array([1.0]))
        gate.set()
        await closing
        return await asyncio.gather(*tasks)

    assert using(work, workers=1)[1]["twice"].tolist() == [10]


@pytest.mark.parametrize(
    "options",
    [{"batch_size": 0}, {"queue": 0}, {"workers": 0}, {"wait": -1},
     {"wait": float("nan")}],
)  # fmt: skip
def test_refuses_options_out_of_range(options):
    with pytest.raises(ValueError, match="Received: "):
        Batcher(**options)
