"""Losses: a pure function each, and a thin serializable class around it."""

from fgkeras.losses.angular import Angular
from fgkeras.losses.angular import angular
from fgkeras.losses.class_balanced import ClassBalancedFocal
from fgkeras.losses.class_balanced import ClassBalancedSigmoid
from fgkeras.losses.class_balanced import ClassBalancedSoftmax
from fgkeras.losses.class_weighted import ClassBalanced
from fgkeras.losses.contrastive import Contrastive
from fgkeras.losses.contrastive import contrastive
from fgkeras.losses.generalized_lifted_structure import (
    GeneralizedLiftedStructure,
)
from fgkeras.losses.generalized_lifted_structure import (
    generalized_lifted_structure,
)
from fgkeras.losses.histogram import Histogram
from fgkeras.losses.histogram import histogram
from fgkeras.losses.lifted_structure import LiftedStructure
from fgkeras.losses.lifted_structure import lifted_structure
from fgkeras.losses.listed_triplets import ListedTriplets
from fgkeras.losses.listed_triplets import listed_triplets
from fgkeras.losses.margin import Margin
from fgkeras.losses.margin import margin
from fgkeras.losses.multi_similarity import MultiSimilarity
from fgkeras.losses.multi_similarity import multi_similarity
from fgkeras.losses.n_pair import NPair
from fgkeras.losses.n_pair import n_pair
from fgkeras.losses.of_anchors import OfAnchors
from fgkeras.losses.proxy_anchor import ProxyAnchor
from fgkeras.losses.proxy_anchor import proxy_anchor
from fgkeras.losses.proxy_nca import ProxyNCA
from fgkeras.losses.proxy_nca import proxy_nca
from fgkeras.losses.soft_triple import SoftTriple
from fgkeras.losses.soft_triple import soft_triple
from fgkeras.losses.triplet import Triplet
from fgkeras.losses.triplet import triplet
from fgkeras.losses.triplet_hard import TripletHard
from fgkeras.losses.triplet_hard import triplet_hard
from fgkeras.losses.triplet_semi_hard import TripletSemiHard
from fgkeras.losses.triplet_semi_hard import triplet_semi_hard
from fgkeras.losses.weighted_cross_entropy import focal
from fgkeras.losses.weighted_cross_entropy import sigmoid
from fgkeras.losses.weighted_cross_entropy import softmax

__all__ = [
    "Angular",
    "ClassBalanced",
    "ClassBalancedFocal",
    "ClassBalancedSigmoid",
    "ClassBalancedSoftmax",
    "Contrastive",
    "GeneralizedLiftedStructure",
    "Histogram",
    "LiftedStructure",
    "ListedTriplets",
    "Margin",
    "MultiSimilarity",
    "NPair",
    "OfAnchors",
    "ProxyAnchor",
    "ProxyNCA",
    "SoftTriple",
    "Triplet",
    "TripletHard",
    "TripletSemiHard",
    "angular",
    "contrastive",
    "focal",
    "generalized_lifted_structure",
    "histogram",
    "lifted_structure",
    "listed_triplets",
    "margin",
    "multi_similarity",
    "n_pair",
    "proxy_anchor",
    "proxy_nca",
    "sigmoid",
    "soft_triple",
    "softmax",
    "triplet",
    "triplet_hard",
    "triplet_semi_hard",
]
