"""The whole jobs a user asks for, as functions that write a run folder."""

from fgkeras.config import Config
from fgkeras.jobs.audit import audit
from fgkeras.jobs.compare import compare
from fgkeras.jobs.demo import demo
from fgkeras.jobs.export import export
from fgkeras.jobs.granularity import granularity
from fgkeras.jobs.predict import predict
from fgkeras.jobs.reality_check import reality_check
from fgkeras.jobs.retrieve import retrieve
from fgkeras.jobs.similarity import similarity
from fgkeras.jobs.suspects import suspects
from fgkeras.runs.embedding.feature_training import train_on_features
from fgkeras.runs.evaluate import evaluate
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.scoring.ensemble import evaluate_ensemble
from fgkeras.runs.train import train

__all__ = [
    "Config",
    "RunFolder",
    "audit",
    "compare",
    "demo",
    "evaluate",
    "evaluate_ensemble",
    "export",
    "granularity",
    "predict",
    "reality_check",
    "retrieve",
    "similarity",
    "suspects",
    "train",
    "train_on_features",
]
