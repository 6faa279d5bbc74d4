"""Keras layers: poolings, feature scaling and augmentation."""

from fgkeras.layers.anchor_soft_vote import AnchorSoftVote
from fgkeras.layers.bilinear_pooling import BilinearPooling
from fgkeras.layers.class_proxies import ClassProxies
from fgkeras.layers.compact_bilinear_pooling import CompactBilinearPooling
from fgkeras.layers.distance_boundary import DistanceBoundary
from fgkeras.layers.fully_connected_pooling import FullyConnectedPooling
from fgkeras.layers.kernel_coefficients import KernelCoefficients
from fgkeras.layers.kernel_pooling import KernelPooling
from fgkeras.layers.kernel_sketch import KernelSketch
from fgkeras.layers.random_pad_crop_flip import RandomPadCropFlip
from fgkeras.layers.scaled_unit_normalization import ScaledUnitNormalization
from fgkeras.layers.signed_square_root import SignedSquareRoot

__all__ = [
    "AnchorSoftVote",
    "BilinearPooling",
    "ClassProxies",
    "CompactBilinearPooling",
    "DistanceBoundary",
    "FullyConnectedPooling",
    "KernelCoefficients",
    "KernelPooling",
    "KernelSketch",
    "RandomPadCropFlip",
    "ScaledUnitNormalization",
    "SignedSquareRoot",
]
