"""The one file of a project: images, rounds, candidates and decisions."""

from fgkeras.bootstrap.store.answers import Answer
from fgkeras.bootstrap.store.answers import NotServed
from fgkeras.bootstrap.store.answers import adjudicate
from fgkeras.bootstrap.store.answers import commit
from fgkeras.bootstrap.store.answers import decide
from fgkeras.bootstrap.store.cards import next_cards
from fgkeras.bootstrap.store.cards import next_page
from fgkeras.bootstrap.store.conflicts import conflicts
from fgkeras.bootstrap.store.history import history
from fgkeras.bootstrap.store.history import labeller_facts
from fgkeras.bootstrap.store.history import labellers
from fgkeras.bootstrap.store.people import Labellers
from fgkeras.bootstrap.store.people import Paused
from fgkeras.bootstrap.store.progress import progress
from fgkeras.bootstrap.store.requests import RequestReused
from fgkeras.bootstrap.store.rounds import Candidate
from fgkeras.bootstrap.store.rounds import open_round
from fgkeras.bootstrap.store.rounds import partition
from fgkeras.bootstrap.store.sets import Member
from fgkeras.bootstrap.store.sets import accepted_and_rejected
from fgkeras.bootstrap.store.sets import round_sets
from fgkeras.bootstrap.store.sets import sets_by_round
from fgkeras.bootstrap.store.store import FILE
from fgkeras.bootstrap.store.store import Store
from fgkeras.bootstrap.store.store import StoreFull
from fgkeras.bootstrap.store.undo import undo

__all__ = [
    "FILE",
    "Answer",
    "Candidate",
    "Labellers",
    "Member",
    "NotServed",
    "Paused",
    "RequestReused",
    "Store",
    "StoreFull",
    "accepted_and_rejected",
    "adjudicate",
    "commit",
    "conflicts",
    "decide",
    "history",
    "labeller_facts",
    "labellers",
    "next_cards",
    "next_page",
    "open_round",
    "partition",
    "progress",
    "round_sets",
    "sets_by_round",
    "undo",
]
