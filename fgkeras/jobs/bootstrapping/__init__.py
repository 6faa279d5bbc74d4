"""The verbs of dataset bootstrapping, as functions."""

from fgkeras.lazy import make_lazy

_PLACES = {
    "apply": "fgkeras.jobs.bootstrapping.apply",
    "filter_pool": "fgkeras.jobs.bootstrapping.filter",
    "init": "fgkeras.jobs.bootstrapping.init",
    "invite": "fgkeras.jobs.bootstrapping.label",
    "label": "fgkeras.jobs.bootstrapping.label",
    "next_step": "fgkeras.jobs.bootstrapping.next_step",
    "score": "fgkeras.jobs.bootstrapping.score",
    "train": "fgkeras.jobs.bootstrapping.train",
}
__all__ = list(_PLACES)

make_lazy(__name__, _PLACES)
