"""Keras layers: feature scaling and augmentation."""

from fgkeras.layers.random_pad_crop_flip import RandomPadCropFlip
from fgkeras.layers.scaled_unit_normalization import ScaledUnitNormalization

__all__ = ["RandomPadCropFlip", "ScaledUnitNormalization"]
