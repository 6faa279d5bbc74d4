"""Keras layers: poolings, feature scaling and augmentation.

Poolings are here by their line in `fgkeras.registries`.
"""

from fgkeras.layers.anchor_soft_vote import AnchorSoftVote
from fgkeras.layers.class_affine import ClassAffine
from fgkeras.layers.class_proxies import ClassProxies
from fgkeras.layers.class_scale import ClassScale
from fgkeras.layers.cosine_logits import CosineLogits
from fgkeras.layers.distance_boundary import DistanceBoundary
from fgkeras.layers.image_views import ImageViews
from fgkeras.layers.kernel_coefficients import KernelCoefficients
from fgkeras.layers.kernel_sketch import KernelSketch
from fgkeras.layers.level_projection import LevelProjection
from fgkeras.layers.mean_prediction import MeanPrediction
from fgkeras.layers.nearest_neighbor_vote import NearestNeighborVote
from fgkeras.layers.random_pad_crop_flip import RandomPadCropFlip
from fgkeras.layers.scaled_unit_normalization import ScaledUnitNormalization
from fgkeras.layers.signed_square_root import SignedSquareRoot
from fgkeras.layers.uniform_lots import UniformLots
from fgkeras.registries import POOLINGS
from fgkeras.registry import public_names

_LISTED = public_names(__name__, POOLINGS)
globals().update(_LISTED)
__all__ = [
    "AnchorSoftVote",
    "ClassAffine",
    "ClassProxies",
    "ClassScale",
    "CosineLogits",
    "DistanceBoundary",
    "ImageViews",
    "KernelCoefficients",
    "KernelSketch",
    "LevelProjection",
    "NearestNeighborVote",
    "MeanPrediction",
    "RandomPadCropFlip",
    "ScaledUnitNormalization",
    "SignedSquareRoot",
    "UniformLots",
    *_LISTED,
]
