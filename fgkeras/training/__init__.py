"""Schedules, resumable fitting, feature extraction, strategies."""

from fgkeras.training.batches import Batches
from fgkeras.training.engine import KerasFit
from fgkeras.training.extract import extract_features
from fgkeras.training.global_batch import GlobalBatchLoss
from fgkeras.training.keep_best import KeepBest
from fgkeras.training.loading import save_model
from fgkeras.training.loop import fit_resumable
from fgkeras.training.momentum import MomentumSGD
from fgkeras.training.optimizers import make_optimizer
from fgkeras.training.reporter import CONSOLE
from fgkeras.training.reporter import SILENT
from fgkeras.training.reporter import Reporter
from fgkeras.training.schedules import make_schedule
from fgkeras.training.strategy import strategy_scope
from fgkeras.training.triplet_rounds import TripletRounds

__all__ = [
    "CONSOLE",
    "SILENT",
    "Batches",
    "GlobalBatchLoss",
    "KeepBest",
    "KerasFit",
    "MomentumSGD",
    "Reporter",
    "TripletRounds",
    "extract_features",
    "fit_resumable",
    "make_optimizer",
    "make_schedule",
    "save_model",
    "strategy_scope",
]
