"""Arrays in, numbers out: how good a model is, and how sure that is."""

from fgkeras.evaluation.accuracy import macro_f1
from fgkeras.evaluation.accuracy import mean_per_class_accuracy
from fgkeras.evaluation.accuracy import per_class_accuracy
from fgkeras.evaluation.accuracy import top_k_accuracy
from fgkeras.evaluation.adjustments import logit_adjustment
from fgkeras.evaluation.adjustments import tau_normalization
from fgkeras.evaluation.best_adjustment import best_adjustment
from fgkeras.evaluation.bootstrap_interval import bootstrap_interval
from fgkeras.evaluation.calibration import expected_calibration_error
from fgkeras.evaluation.calibration import fit_temperature
from fgkeras.evaluation.calibration import reliability_table
from fgkeras.evaluation.classification_report import classification_report
from fgkeras.evaluation.clustering_scores import clustering_scores
from fgkeras.evaluation.confusion import confused_pairs
from fgkeras.evaluation.frequency_group import frequency_groups
from fgkeras.evaluation.mean_scores import mean_scores
from fgkeras.evaluation.nearest_neighbors import nearest_neighbors
from fgkeras.evaluation.relevant_ranks import RelevantRanks
from fgkeras.evaluation.relevant_ranks import relevant_ranks
from fgkeras.evaluation.retrieval_report import retrieval_report
from fgkeras.evaluation.scored import Scored
from fgkeras.evaluation.scored import score_images
from fgkeras.evaluation.silhouette import silhouette
from fgkeras.evaluation.wilson_interval import wilson_interval

__all__ = [
    "Clustering",
    "MeanPerClassAccuracy",
    "RelevantRanks",
    "Scored",
    "best_adjustment",
    "bootstrap_interval",
    "classification_report",
    "clustering_scores",
    "confused_pairs",
    "expected_calibration_error",
    "fit_temperature",
    "frequency_groups",
    "kmeans",
    "logit_adjustment",
    "macro_f1",
    "mean_per_class_accuracy",
    "mean_scores",
    "nearest_neighbors",
    "per_class_accuracy",
    "relevant_ranks",
    "reliability_table",
    "retrieval_report",
    "score_images",
    "silhouette",
    "tau_normalization",
    "top_k_accuracy",
    "wilson_interval",
]


def __getattr__(name):
    # `fgkeras.ops` loads Keras, which reports and tables do without.
    if name in ("Clustering", "kmeans"):
        from fgkeras import ops

        return getattr(ops, name)
    if name == "MeanPerClassAccuracy":
        from fgkeras.evaluation.mean_per_class import MeanPerClassAccuracy

        return MeanPerClassAccuracy
    raise AttributeError(f"module 'fgkeras.evaluation' has no {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
