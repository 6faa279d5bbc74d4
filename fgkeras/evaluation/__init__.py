"""Arrays in, numbers out: how good a classifier is, and how sure that is."""

from fgkeras.evaluation.accuracy import mean_per_class_accuracy
from fgkeras.evaluation.accuracy import per_class_accuracy
from fgkeras.evaluation.accuracy import top_k_accuracy
from fgkeras.evaluation.bootstrap_interval import bootstrap_interval
from fgkeras.evaluation.calibration import expected_calibration_error
from fgkeras.evaluation.calibration import reliability_table
from fgkeras.evaluation.classification_report import classification_report
from fgkeras.evaluation.confusion import confused_pairs
from fgkeras.evaluation.frequency_group import frequency_groups
from fgkeras.evaluation.scored import Scored
from fgkeras.evaluation.scored import score_images

__all__ = [
    "Scored",
    "bootstrap_interval",
    "classification_report",
    "confused_pairs",
    "expected_calibration_error",
    "frequency_groups",
    "mean_per_class_accuracy",
    "per_class_accuracy",
    "reliability_table",
    "score_images",
    "top_k_accuracy",
]
