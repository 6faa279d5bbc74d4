"""Labellers that are programs: they know the truth, and err as told."""

from fgkeras.bootstrap.simulated.candidate_truth import candidate_truth
from fgkeras.bootstrap.simulated.http_labeller import HttpLabeller
from fgkeras.bootstrap.simulated.labeller import SimulatedAnswer
from fgkeras.bootstrap.simulated.labeller import SimulatedLabeller
from fgkeras.bootstrap.simulated.refused import Refused
from fgkeras.bootstrap.simulated.store_labeller import StoreLabeller
from fgkeras.bootstrap.simulated.work import WorkDone

__all__ = [
    "HttpLabeller",
    "Refused",
    "SimulatedAnswer",
    "SimulatedLabeller",
    "StoreLabeller",
    "WorkDone",
    "candidate_truth",
]
