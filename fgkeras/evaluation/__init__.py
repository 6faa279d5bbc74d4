"""Arrays in, numbers out: how good a model is, and how sure that is."""

from fgkeras.evaluation.accuracy import macro_f1
from fgkeras.evaluation.accuracy import mean_per_class_accuracy
from fgkeras.evaluation.accuracy import per_class_accuracy
from fgkeras.evaluation.accuracy import top_k_accuracy
from fgkeras.evaluation.adjustments import logit_adjustment
from fgkeras.evaluation.adjustments import tau_normalization
from fgkeras.evaluation.best_adjustment import best_adjustment
from fgkeras.evaluation.bootstrap_interval import bootstrap_interval
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
from fgkeras.evaluation.uncertainty.accuracy_specificity import (
    accuracy_specificity_curve,
)
from fgkeras.evaluation.uncertainty.answer_bound import AnswerBound
from fgkeras.evaluation.uncertainty.answer_bound import fit_answer_bound
from fgkeras.evaluation.uncertainty.calibration import (
    expected_calibration_error,
)
from fgkeras.evaluation.uncertainty.calibration import fit_temperature
from fgkeras.evaluation.uncertainty.calibration import reliability_table
from fgkeras.evaluation.uncertainty.hierarchical_answers import (
    HierarchicalAnswers,
)
from fgkeras.evaluation.uncertainty.hierarchical_answers import Hierarchy
from fgkeras.evaluation.uncertainty.hierarchical_answers import (
    hierarchical_answers,
)
from fgkeras.evaluation.uncertainty.known_report import auroc_interval
from fgkeras.evaluation.uncertainty.known_report import known_report
from fgkeras.evaluation.uncertainty.prediction_set_report import (
    prediction_set_report,
)
from fgkeras.evaluation.uncertainty.prediction_sets import PredictionSets
from fgkeras.evaluation.uncertainty.prediction_sets import fit_prediction_sets
from fgkeras.evaluation.uncertainty.unknown_inputs import energy_scores
from fgkeras.evaluation.uncertainty.unknown_inputs import fit_known_threshold
from fgkeras.evaluation.uncertainty.unknown_inputs import (
    largest_probability_scores,
)
from fgkeras.evaluation.uncertainty.unknown_inputs import nearest_scores
from fgkeras.evaluation.wilson_interval import wilson_interval

__all__ = [
    "AnswerBound",
    "Clustering",
    "HierarchicalAnswers",
    "Hierarchy",
    "MeanPerClassAccuracy",
    "PredictionSets",
    "RelevantRanks",
    "Scored",
    "accuracy_specificity_curve",
    "auroc_interval",
    "best_adjustment",
    "bootstrap_interval",
    "classification_report",
    "clustering_scores",
    "confused_pairs",
    "energy_scores",
    "expected_calibration_error",
    "fit_answer_bound",
    "fit_known_threshold",
    "fit_prediction_sets",
    "fit_temperature",
    "frequency_groups",
    "hierarchical_answers",
    "kmeans",
    "known_report",
    "largest_probability_scores",
    "logit_adjustment",
    "macro_f1",
    "mean_per_class_accuracy",
    "mean_scores",
    "nearest_neighbors",
    "nearest_scores",
    "per_class_accuracy",
    "prediction_set_report",
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
