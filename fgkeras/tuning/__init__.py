"""Sweeps: the same training with other options, and which was best.

Importing it does not import Keras: what needs it imports it when called.
"""

import importlib

_PLACES = {
    "HyperClassifier": "fgkeras.tuning.hyper_classifier",
    "Interval": "fgkeras.tuning.interval",
    "OBJECTIVES": "fgkeras.tuning.objective",
    "SEARCHES": "fgkeras.tuning.objective",
    "Space": "fgkeras.tuning.space",
    "Sweep": "fgkeras.tuning.sweep",
    "SweepFolder": "fgkeras.tuning.sweep_folder",
    "Trials": "fgkeras.tuning.trials",
    "TuningReport": "fgkeras.tuning.report",
    "tune": "fgkeras.tuning.tuned",
    "work": "fgkeras.tuning.worker",
}
__all__ = sorted(_PLACES)


def __getattr__(name):
    if name in _PLACES:
        return getattr(importlib.import_module(_PLACES[name]), name)
    raise AttributeError(f"module 'fgkeras.tuning' has no {name!r}")


def __dir__():
    return sorted({*globals(), *_PLACES})
