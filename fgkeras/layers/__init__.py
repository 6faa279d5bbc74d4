"""Keras layers: poolings, feature scaling and augmentation.

Poolings are here by their line in `fgkeras.registries`.
"""

from fgkeras.layers.anchor_soft_vote import AnchorSoftVote
from fgkeras.layers.class_proxies import ClassProxies
from fgkeras.layers.class_scale import ClassScale
from fgkeras.layers.distance_boundary import DistanceBoundary
from fgkeras.layers.kernel_coefficients import KernelCoefficients
from fgkeras.layers.kernel_sketch import KernelSketch
from fgkeras.layers.random_pad_crop_flip import RandomPadCropFlip
from fgkeras.layers.scaled_unit_normalization import ScaledUnitNormalization
from fgkeras.layers.signed_square_root import SignedSquareRoot
from fgkeras.registries import POOLINGS
from fgkeras.registry import public_names

_LISTED = public_names(__name__, POOLINGS)
globals().update(_LISTED)
__all__ = [
    "AnchorSoftVote",
    "ClassProxies",
    "ClassScale",
    "DistanceBoundary",
    "KernelCoefficients",
    "KernelSketch",
    "RandomPadCropFlip",
    "ScaledUnitNormalization",
    "SignedSquareRoot",
    *_LISTED,
]
