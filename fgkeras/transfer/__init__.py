"""How near one set of images is to another, and what to pre-train on."""

from fgkeras.transfer.distance_scale import DistanceScale
from fgkeras.transfer.distance_scale import half_distance
from fgkeras.transfer.domain import Domain
from fgkeras.transfer.domain import make_domain
from fgkeras.transfer.domain_distance import domain_distance
from fgkeras.transfer.domain_distance import domain_similarity
from fgkeras.transfer.domain_scale import domain_scale
from fgkeras.transfer.gaussian_distance import gaussian_class_distance
from fgkeras.transfer.nearest_classes import nearest_classes
from fgkeras.transfer.sample_distance import sample_distance
from fgkeras.transfer.similarity_matrix import SimilarityMatrix
from fgkeras.transfer.similarity_matrix import similarity_matrix
from fgkeras.transfer.source_selection import Selection
from fgkeras.transfer.source_selection import select_source_classes
from fgkeras.transfer.source_selection import single_class_distances
from fgkeras.transfer.transport import Transport
from fgkeras.transfer.transport import transport

__all__ = [
    "DistanceScale",
    "Domain",
    "Selection",
    "SimilarityMatrix",
    "Transport",
    "domain_distance",
    "domain_scale",
    "domain_similarity",
    "gaussian_class_distance",
    "half_distance",
    "make_domain",
    "nearest_classes",
    "sample_distance",
    "select_source_classes",
    "similarity_matrix",
    "single_class_distances",
    "transport",
]
