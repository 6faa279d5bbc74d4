"""Requests of many clients, run together, within bounds."""

import asyncio
import collections
import dataclasses
import itertools
import threading
import time
import typing

import numpy as np

from fgkeras.web.refusal import Refusal

# Pixels being decoded at once, over all that runs: as many as the largest
# picture that a graph of ours decodes.
MAX_PIXELS = 64_000_000
# Seconds that smaller ones may go before a picture that waits for room.
_PASSED = 1.0


@dataclasses.dataclass(eq=False)
class _Part:
    """Rows of one request that run together."""

    runner: typing.Any
    rows: typing.Any
    pixels: int
    since: float
    done: typing.Callable
    is_dropped: bool = False


class Batcher:
    """Runs rows of signatures in worker threads, several requests at a time.

    Use it so that many small requests cost little more than a few large ones.
    A request that comes alone runs at once. Where others queue, a batch waits
    until it is full, and no longer than `wait` from the moment its first
    request came. Rows of different signatures or versions never share a batch.
    If a batch fails, each request of it runs again by itself.

    Args:
        batch_size: Int at least 1, rows of a batch. Defaults to `16`.
        wait: Float, seconds at least 0. Defaults to `0.003`.
        queue: Int at least 1, rows that may wait; what is beyond is refused.
            Defaults to `256`.
        workers: Int at least 1, batches that run at once. Defaults to `2`.
        max_pixels: Int, pixels of the pictures that run at once; one picture
            alone always runs. Defaults to 64 million.
        observe: Callable of the rows of each batch, or `None` (default).

    Raises:
        ValueError: If one of these is out of range.

    Example:

    >>> batcher = Batcher(batch_size=4)
    >>> def double(array):
    ...     return {"twice": array * 2}
    >>> rows = np.arange(6.0)
    >>> asyncio.run(batcher.run(double, rows))["twice"].tolist()
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    >>> batcher.close()
    """

    def __init__(
        self,
        *,
        batch_size=16,
        wait=0.003,
        queue=256,
        workers=2,
        max_pixels=MAX_PIXELS,
        observe=None,
    ):
        for name, value, least in (
            ("batch_size", batch_size, 1),
            ("queue", queue, 1),
            ("workers", workers, 1),
            ("wait", wait, 0),
        ):
            if not value >= least:
                raise ValueError(
                    f"`{name}` must be at least {least}. Received: "
                    f"{name}={value!r}."
                )
        self.batch_size = batch_size
        self.capacity = queue
        self._wait = wait
        self._max_pixels = max_pixels
        self._observe = observe
        self._parts: collections.deque[_Part] = collections.deque()
        self._change = threading.Condition()
        self._waiting = 0
        self._pixels = 0
        self._is_closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"batches-{i}")
            for i in range(workers)
        ]
        for thread in self._threads:
            # A process that ends without `close` must not hang.
            thread.daemon = True
            thread.start()

    @property
    def waiting(self):
        """Rows that wait."""
        return self._waiting

    async def run(self, runner, rows, pixels=None):
        """Runs rows, and waits for what comes of them.

        Args:
            runner: Callable of an array of rows that returns a dict of arrays,
                such as a `SignatureRunner`; those that are the same object
                share batches.
            rows: Array, one row or more.
            pixels: Sequence of ints, pixels that decoding a row takes, or
                `None` (default) for none.

        Returns:
            Dict of output name to an array with one row per row.

        Raises:
            Refusal: With 413 if there are more rows than may wait, 503 if the
                queue is full or the server stops.
        """
        loop = asyncio.get_running_loop()
        count = len(rows)
        if count > self.capacity:
            raise Refusal(
                413,
                f"A request has at most {self.capacity} rows. Send them in "
                "parts.",
            )
        parts, futures = [], []
        now = time.monotonic()
        for start, stop in self._cuts(count, pixels):
            future = loop.create_future()
            futures.append(future)
            parts.append(
                _Part(
                    runner,
                    rows[start:stop],
                    sum(pixels[start:stop]) if pixels is not None else 0,
                    now,
                    _teller(loop, future),
                )
            )
        with self._change:
            if self._is_closed or self._waiting + count > self.capacity:
                raise Refusal(503, "The server has too much to do. Try again.")
            self._waiting += count
            self._parts.extend(parts)
            self._change.notify(len(parts))
        try:
            found = [await future for future in futures]
        except BaseException:
            self._drop(parts)
            for future in futures:
                if not future.cancel() and not future.cancelled():
                    future.exception()  # Seen: it is not logged.
            raise
        if len(found) == 1:
            return found[0]
        return {k: np.concatenate([p[k] for p in found]) for k in found[0]}

    def close(self):
        """Runs what waits, and ends the threads."""
        with self._change:
            self._is_closed = True
            self._change.notify_all()
        for thread in self._threads:
            thread.join()

    def _cuts(self, count, pixels):
        """Yields `(start, stop)` of parts that fit into a batch."""
        start, total = 0, 0
        for i in range(count):
            more = pixels[i] if pixels is not None else 0
            full = i - start == self.batch_size
            if i > start and (full or total + more > self._max_pixels):
                yield start, i
                start, total = i, 0
            total += more
        if count:
            yield start, count

    def _drop(self, parts):
        """Takes back what nobody waits for any more."""
        with self._change:
            for part in parts:
                part.is_dropped = True
                if part in self._parts:
                    self._parts.remove(part)
                    self._waiting -= len(part.rows)

    def _work(self):
        while batch := self._next():
            try:
                self._run(batch)
            finally:
                with self._change:
                    self._pixels -= sum(part.pixels for part in batch)
                    self._change.notify_all()

    def _next(self):
        """Waits for a batch; `None` once all is done and closed."""
        with self._change:
            while True:
                patience = None
                if self._parts:
                    batch, patience = self._batch()
                    if batch:
                        for part in batch:
                            self._parts.remove(part)
                            self._waiting -= len(part.rows)
                            self._pixels += part.pixels
                        return batch
                elif self._is_closed:
                    return None
                self._change.wait(patience)

    def _batch(self):
        """What runs next, and else how long to wait, `None` without an end."""
        now = time.monotonic()
        for place, first in enumerate(self._parts):
            batch, is_full = self._from(place)
            if batch:
                if is_full or len(batch) < 2:
                    return batch, None
                left = first.since + self._wait - now
                if left <= 0 or self._is_closed:
                    return batch, None
                return [], left
            if now - first.since > _PASSED:
                # Nothing that came later goes before it any more.
                break
        return [], None  # Until pixels are free.

    def _from(self, place):
        """Parts that run together, the first at a place, and if no more do."""
        first = self._parts[place]
        batch: list[_Part] = []
        rows, pixels = 0, self._pixels
        for part in itertools.islice(self._parts, place, None):
            if part.runner is not first.runner:
                continue
            more_rows, more = rows + len(part.rows), pixels + part.pixels
            if (batch or self._pixels) and (
                more_rows > self.batch_size or more > self._max_pixels
            ):
                return batch, True
            rows, pixels = more_rows, more
            batch.append(part)
        return batch, rows == self.batch_size

    def _run(self, batch):
        runner = batch[0].runner
        try:
            if len(batch) == 1:
                found = [runner(batch[0].rows)]
            else:
                rows = np.concatenate([part.rows for part in batch])
                found = list(_shares(runner(rows), batch))
        except Exception as error:
            if len(batch) == 1:
                batch[0].done(None, error)
                return
            for part in batch:
                if not part.is_dropped:
                    self._run([part])
            return
        if self._observe is not None:
            self._observe(sum(len(part.rows) for part in batch))
        for part, rows in zip(batch, found, strict=True):
            part.done(rows, None)


def _shares(found, batch):
    """Yields what belongs to each part."""
    start = 0
    for part in batch:
        stop = start + len(part.rows)
        yield {name: values[start:stop] for name, values in found.items()}
        start = stop


def _teller(loop, future):
    """Returns a callable that ends a future from another thread."""

    def tell(rows, error):
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(rows)

    def done(rows, error):
        try:
            loop.call_soon_threadsafe(tell, rows, error)
        except RuntimeError:  # The loop has ended, and who asked with it.
            return

    return done
