"""Pure functions on arrays and tensors; no state, no TensorFlow import."""

from fgkeras.ops.effective_number import class_balanced_weights
from fgkeras.ops.effective_number import effective_number

__all__ = ["class_balanced_weights", "effective_number"]
