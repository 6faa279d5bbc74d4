"""Schedules, resumable fitting, feature extraction, strategies."""

import typing

from fgkeras.lazy import make_lazy

_PLACES = {
    "Batches": "fgkeras.training.batches",
    "KerasFit": "fgkeras.training.engine",
    "extract_features": "fgkeras.training.extract",
    "GlobalBatchLoss": "fgkeras.training.global_batch",
    "KeepBest": "fgkeras.training.callbacks.keep_best",
    "save_model": "fgkeras.training.loading",
    "fit_resumable": "fgkeras.training.loop",
    "MomentumSGD": "fgkeras.training.optimizers",
    "make_optimizer": "fgkeras.training.optimizers",
    "CONSOLE": "fgkeras.training.reporter",
    "SILENT": "fgkeras.training.reporter",
    "Reporter": "fgkeras.training.reporter",
    "make_schedule": "fgkeras.training.schedules",
    "strategy_scope": "fgkeras.training.strategy",
    "TripletRounds": "fgkeras.training.triplet_rounds",
}
__all__ = list(_PLACES)

make_lazy(__name__, _PLACES)

if typing.TYPE_CHECKING:  # Who checks types does not ask at run time.

    def __getattr__(name: str) -> typing.Any: ...
