"""Losses: a pure function each, and a thin serializable class around it.

Those that `--loss` and `--method` name are here by their line in
`fgkeras.registries`.
"""

from fgkeras.losses.class_weighted import ClassBalanced
from fgkeras.losses.multi_label import MultiLabelClassBalancedFocal
from fgkeras.losses.multi_label import MultiLabelClassBalancedSigmoid
from fgkeras.losses.multi_label import multi_label_focal
from fgkeras.losses.multi_label import multi_label_sigmoid
from fgkeras.losses.of_anchors import OfAnchors
from fgkeras.losses.weighted_cross_entropy import focal
from fgkeras.losses.weighted_cross_entropy import sigmoid
from fgkeras.losses.weighted_cross_entropy import softmax
from fgkeras.registries import LOSSES
from fgkeras.registries import METHODS
from fgkeras.registry import public_names

_LISTED = public_names(__name__, LOSSES, METHODS)
globals().update(_LISTED)
__all__ = [
    "ClassBalanced",
    "MultiLabelClassBalancedFocal",
    "MultiLabelClassBalancedSigmoid",
    "OfAnchors",
    "focal",
    "multi_label_focal",
    "multi_label_sigmoid",
    "sigmoid",
    "softmax",
    *_LISTED,
]
