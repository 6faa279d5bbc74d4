"""The verbs of dataset bootstrapping, as functions."""

from fgkeras.jobs.bootstrapping.apply import apply
from fgkeras.jobs.bootstrapping.filter import filter_pool
from fgkeras.jobs.bootstrapping.init import init
from fgkeras.jobs.bootstrapping.label import invite
from fgkeras.jobs.bootstrapping.label import label
from fgkeras.jobs.bootstrapping.next_step import next_step
from fgkeras.jobs.bootstrapping.score import score
from fgkeras.jobs.bootstrapping.train import train

__all__ = [
    "apply",
    "filter_pool",
    "init",
    "invite",
    "label",
    "next_step",
    "score",
    "train",
]
