"""A simulated labeller that works on a store, without a server."""

from fgkeras.bootstrap.simulated.refused import Refused
from fgkeras.bootstrap.simulated.work import Work
from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import NotServed
from fgkeras.bootstrap.store import Paused
from fgkeras.bootstrap.store import RequestReused
from fgkeras.bootstrap.store import commit
from fgkeras.bootstrap.store import decide
from fgkeras.bootstrap.store import next_cards
from fgkeras.bootstrap.store import next_page


class StoreLabeller(Work):
    """A simulated labeller that asks the store itself.

    Use it in experiments, where no server runs; what is handed out and kept is
    the same as by HTTP.

    Args:
        store: `Store`.
        person: Int, the id of a labeller of the project (`Labellers.add`).
        labeller: `SimulatedLabeller`.
        truth: Callable of a candidate's id, such as `candidate_truth`.
        pace: Float at least 0, real seconds that pass for each virtual one.
            Defaults to `0.0`.

    Raises:
        ValueError: If `pace` is negative.

    Example:

    >>> import pathlib, tempfile
    >>> from fgkeras.bootstrap.simulated import SimulatedLabeller
    >>> from fgkeras.bootstrap.store import FILE, Labellers, Store
    >>> store = Store(pathlib.Path(tempfile.mkdtemp(), FILE), create=True)
    >>> ada = Labellers(store).add("Ada")
    >>> StoreLabeller(
    ...     store, ada, SimulatedLabeller(0.95), {}.get
    ... ).work().decisions
    0
    """

    def __init__(self, store, person, labeller, truth, *, pace=0.0):
        super().__init__(_Desk(store, person), labeller, truth, pace=pace)


class _Desk:
    """What the labelling page answers, from the store."""

    def __init__(self, store, person):
        self.store, self.person = store, person
        with store.reading() as db:
            rows = db.execute("SELECT id, name FROM class").fetchall()
        self.names = {row["id"]: row["name"] for row in rows}

    def cards(self, count):
        found = self._ask(next_cards, count)
        return [self._named(cell) for cell in found]

    def page(self, size):
        found = self._ask(next_page, size)
        if found is None:
            return {"page": None}
        return {**found, "cells": [self._named(c) for c in found["cells"]]}

    def decide(self, *, request, **answer):
        return self._ask(decide, request, Answer(**answer))

    def commit(self, *, request, page, marked, others, dwell_ms):
        return self._ask(
            commit, request, page, marked,
            others=[Answer(**other) for other in others], dwell_ms=dwell_ms,
        )  # fmt: skip

    def _ask(self, call, *values, **more):
        try:
            return call(self.store, self.person, *values, **more)
        except Paused as error:
            raise Refused(403, str(error)) from error
        except (NotServed, RequestReused) as error:
            raise Refused(409, str(error)) from error

    def _named(self, cell):
        return {
            **cell,
            "class_name": self.names[cell["class"]],
            "rival_name": self.names.get(cell["rival"]),
        }
