"""What in a labelled set of images looks wrong, before anything is trained."""

from fgkeras.suspects.blank import blankness
from fgkeras.suspects.checked import PAST_LIMIT
from fgkeras.suspects.label_doubts import LabelDoubts
from fgkeras.suspects.label_doubts import label_doubts
from fgkeras.suspects.leave_one_out import leave_one_out_margins
from fgkeras.suspects.near_copies import NearCopies
from fgkeras.suspects.near_copies import near_copies
from fgkeras.suspects.neighbor_margins import neighbor_margins
from fgkeras.suspects.outlyingness import outlyingness

__all__ = [
    "PAST_LIMIT",
    "LabelDoubts",
    "NearCopies",
    "blankness",
    "label_doubts",
    "leave_one_out_margins",
    "near_copies",
    "neighbor_margins",
    "outlyingness",
]
