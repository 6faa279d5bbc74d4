"""Pure functions on arrays and tensors; no state, no TensorFlow import."""

from fgkeras.ops.class_centers import class_mean_directions
from fgkeras.ops.class_centers import nearest_class_means
from fgkeras.ops.class_weights import class_weights
from fgkeras.ops.distances import pairwise_distances
from fgkeras.ops.distances import pairwise_similarities
from fgkeras.ops.distances import pairwise_squared_distances
from fgkeras.ops.distances import safe_sqrt
from fgkeras.ops.distances import unit_normalize
from fgkeras.ops.effective_number import class_balanced_weights
from fgkeras.ops.effective_number import effective_number
from fgkeras.ops.effective_number import effective_number_curves
from fgkeras.ops.kmeans import Clustering
from fgkeras.ops.kmeans import kmeans
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
from fgkeras.ops.principal_components import principal_components
from fgkeras.ops.row_search import row_search
from fgkeras.ops.signed_square_root import signed_square_root
from fgkeras.ops.sketches.count_sketch import count_sketch
from fgkeras.ops.sketches.count_sketch import hash_tables
from fgkeras.ops.sketches.gram_sketch import gram_sketch
from fgkeras.ops.sketches.pooled_tensor_sketches import pooled_tensor_sketches
from fgkeras.ops.sketches.sketch_transform import sketch_transform
from fgkeras.ops.sketches.tensor_sketch import tensor_sketch
from fgkeras.ops.taylor_kernel import gamma_of_data
from fgkeras.ops.taylor_kernel import mean_inner_product
from fgkeras.ops.taylor_kernel import rbf_kernel
from fgkeras.ops.taylor_kernel import relative_kernel_error
from fgkeras.ops.taylor_kernel import taylor_coefficients
from fgkeras.ops.taylor_kernel import taylor_error_bound
from fgkeras.ops.taylor_kernel import taylor_kernel
from fgkeras.ops.taylor_kernel import tensor_product_features

__all__ = [
    "Clustering",
    "class_balanced_weights",
    "class_mean_directions",
    "nearest_class_means",
    "class_weights",
    "count_sketch",
    "effective_number",
    "effective_number_curves",
    "full_precision",
    "gamma_of_data",
    "gram_sketch",
    "hash_tables",
    "integer_labels",
    "kmeans",
    "masked_logsumexp",
    "masked_max",
    "masked_mean",
    "masked_min",
    "mean_inner_product",
    "negative_pairs",
    "pairwise_distances",
    "pairwise_similarities",
    "pairwise_squared_distances",
    "pooled_tensor_sketches",
    "principal_components",
    "positive_pairs",
    "rbf_kernel",
    "relative_kernel_error",
    "row_search",
    "safe_sqrt",
    "same_label",
    "signed_square_root",
    "sketch_transform",
    "taylor_coefficients",
    "taylor_error_bound",
    "taylor_kernel",
    "tensor_product_features",
    "tensor_sketch",
    "unit_normalize",
    "weight_of_labels",
]
