"""Losses: a pure function each, and a thin serializable class around it.

Those that `--loss` and `--method` name are here by their line in
`fgkeras.registries`.
"""

from fgkeras.losses.class_weighted import ClassBalanced
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
    "OfAnchors",
    "focal",
    "sigmoid",
    "softmax",
    *_LISTED,
]
