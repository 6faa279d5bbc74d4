"""The whole jobs a user asks for, as functions that write a run folder."""

from fgkeras.lazy import make_lazy

_PLACES = {
    "Config": "fgkeras.config",
    "audit": "fgkeras.jobs.audit",
    "compare": "fgkeras.jobs.compare",
    "demo": "fgkeras.jobs.demo",
    "export": "fgkeras.jobs.export",
    "granularity": "fgkeras.jobs.granularity",
    "predict": "fgkeras.jobs.predict",
    "reality_check": "fgkeras.jobs.reality_check",
    "retrieve": "fgkeras.jobs.retrieve",
    "serve": "fgkeras.jobs.serve",
    "similarity": "fgkeras.jobs.similarity",
    "subset": "fgkeras.jobs.subset",
    "suspects": "fgkeras.jobs.suspects",
    "train_on_features": "fgkeras.runs.embedding.feature_training",
    "evaluate": "fgkeras.runs.evaluate",
    "RunFolder": "fgkeras.runs.folder",
    "evaluate_ensemble": "fgkeras.runs.scoring.ensemble",
    "train": "fgkeras.runs.train",
}
__all__ = list(_PLACES)

make_lazy(__name__, _PLACES)
