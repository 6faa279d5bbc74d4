"""Losses: a pure function each, and a thin serializable class around it."""

from fgkeras.losses.class_balanced import ClassBalancedFocal
from fgkeras.losses.class_balanced import ClassBalancedSigmoid
from fgkeras.losses.class_balanced import ClassBalancedSoftmax
from fgkeras.losses.class_balanced import focal
from fgkeras.losses.class_balanced import sigmoid
from fgkeras.losses.class_balanced import softmax
from fgkeras.losses.class_weighted import ClassBalanced
from fgkeras.losses.listed_triplets import ListedTriplets
from fgkeras.losses.listed_triplets import listed_triplets
from fgkeras.losses.of_anchors import OfAnchors

__all__ = [
    "ClassBalanced",
    "ClassBalancedFocal",
    "ClassBalancedSigmoid",
    "ClassBalancedSoftmax",
    "ListedTriplets",
    "OfAnchors",
    "focal",
    "listed_triplets",
    "sigmoid",
    "softmax",
]
