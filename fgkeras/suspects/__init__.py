"""What in a labelled set of images looks wrong, before anything is trained."""

from fgkeras.suspects.blank import blankness
from fgkeras.suspects.checked import PAST_LIMIT
from fgkeras.suspects.confident_joint import class_thresholds
from fgkeras.suspects.confident_joint import confident_classes
from fgkeras.suspects.confident_joint import confident_joint
from fgkeras.suspects.confident_label_errors import confident_label_errors
from fgkeras.suspects.label_doubts import LabelDoubts
from fgkeras.suspects.label_doubts import label_doubts
from fgkeras.suspects.label_quality import normalized_margin
from fgkeras.suspects.label_quality import self_confidence
from fgkeras.suspects.leave_one_out import leave_one_out_margins
from fgkeras.suspects.near_copies import NearCopies
from fgkeras.suspects.near_copies import near_copies
from fgkeras.suspects.neighbor_margins import neighbor_margins
from fgkeras.suspects.out_of_fold import out_of_fold_probabilities
from fgkeras.suspects.out_of_fold_doubts import out_of_fold_doubts
from fgkeras.suspects.outlyingness import outlyingness
from fgkeras.suspects.wrong_labels import DETECTORS
from fgkeras.suspects.wrong_labels import WrongLabels
from fgkeras.suspects.wrong_labels import check_detector
from fgkeras.suspects.wrong_labels import wrong_labels

__all__ = [
    "DETECTORS",
    "PAST_LIMIT",
    "LabelDoubts",
    "NearCopies",
    "WrongLabels",
    "blankness",
    "check_detector",
    "class_thresholds",
    "confident_classes",
    "confident_joint",
    "confident_label_errors",
    "label_doubts",
    "leave_one_out_margins",
    "near_copies",
    "neighbor_margins",
    "normalized_margin",
    "out_of_fold_probabilities",
    "out_of_fold_doubts",
    "outlyingness",
    "self_confidence",
    "wrong_labels",
]
