"""Losses: a pure function each, and a thin serializable class around it."""

from fgkeras.losses.class_balanced import ClassBalancedFocal
from fgkeras.losses.class_balanced import ClassBalancedSigmoid
from fgkeras.losses.class_balanced import ClassBalancedSoftmax
from fgkeras.losses.class_balanced import focal
from fgkeras.losses.class_balanced import sigmoid
from fgkeras.losses.class_balanced import softmax
from fgkeras.losses.class_weighted import ClassBalanced
from fgkeras.losses.histogram import Histogram
from fgkeras.losses.histogram import histogram
from fgkeras.losses.listed_triplets import ListedTriplets
from fgkeras.losses.listed_triplets import listed_triplets
from fgkeras.losses.margin import Margin
from fgkeras.losses.margin import margin
from fgkeras.losses.multi_similarity import MultiSimilarity
from fgkeras.losses.multi_similarity import multi_similarity
from fgkeras.losses.of_anchors import OfAnchors
from fgkeras.losses.proxy_anchor import ProxyAnchor
from fgkeras.losses.proxy_anchor import proxy_anchor
from fgkeras.losses.proxy_nca import ProxyNCA
from fgkeras.losses.proxy_nca import proxy_nca
from fgkeras.losses.soft_triple import SoftTriple
from fgkeras.losses.soft_triple import soft_triple

__all__ = [
    "ClassBalanced",
    "ClassBalancedFocal",
    "ClassBalancedSigmoid",
    "ClassBalancedSoftmax",
    "Histogram",
    "ListedTriplets",
    "Margin",
    "MultiSimilarity",
    "OfAnchors",
    "ProxyAnchor",
    "ProxyNCA",
    "SoftTriple",
    "focal",
    "histogram",
    "listed_triplets",
    "margin",
    "multi_similarity",
    "proxy_anchor",
    "proxy_nca",
    "sigmoid",
    "soft_triple",
    "softmax",
]
