"""Pure functions on arrays and tensors; no state, no TensorFlow import."""

from fgkeras.ops.distances import pairwise_distances
from fgkeras.ops.distances import pairwise_similarities
from fgkeras.ops.distances import pairwise_squared_distances
from fgkeras.ops.distances import safe_sqrt
from fgkeras.ops.distances import unit_normalize
from fgkeras.ops.effective_number import class_balanced_weights
from fgkeras.ops.effective_number import effective_number
from fgkeras.ops.labels import integer_labels
from fgkeras.ops.labels import weight_of_labels
from fgkeras.ops.masked import masked_logsumexp
from fgkeras.ops.masked import masked_max
from fgkeras.ops.masked import masked_mean
from fgkeras.ops.masked import masked_min
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import positive_pairs
from fgkeras.ops.pair_masks import same_label
from fgkeras.ops.precision import full_precision
from fgkeras.ops.row_search import row_search

__all__ = [
    "class_balanced_weights",
    "effective_number",
    "full_precision",
    "integer_labels",
    "masked_logsumexp",
    "masked_max",
    "masked_mean",
    "masked_min",
    "negative_pairs",
    "pairwise_distances",
    "pairwise_similarities",
    "pairwise_squared_distances",
    "positive_pairs",
    "row_search",
    "safe_sqrt",
    "same_label",
    "unit_normalize",
    "weight_of_labels",
]
