"""Choice of pairs and triplets, as dense masks and weights."""

from fgkeras.mining.batch_hard import batch_hard
from fgkeras.mining.cross_batch_memory import CrossBatchMemory
from fgkeras.mining.distance_weighted import distance_weights
from fgkeras.mining.distance_weighted import draw_negatives
from fgkeras.mining.hard_aware_cascade import hard_aware_cascade
from fgkeras.mining.hard_aware_cascade import hardest_pairs
from fgkeras.mining.local_positives import local_positives
from fgkeras.mining.multi_similarity_pairs import multi_similarity_pairs
from fgkeras.mining.nearest_positives import nearest_positives
from fgkeras.mining.pair_relations import PairRelation
from fgkeras.mining.pair_relations import SameParent
from fgkeras.mining.pair_relations import SharedAncestors
from fgkeras.mining.pair_relations import SharedLabels
from fgkeras.mining.quasi_online import quasi_online_triplets
from fgkeras.mining.rejected_negatives import rejected_negatives
from fgkeras.mining.remembering_model import RememberingModel
from fgkeras.mining.semi_hard import semi_hard_band
from fgkeras.mining.semi_hard import semi_hard_per_anchor
from fgkeras.mining.semi_hard import semi_hard_per_pair
from fgkeras.mining.violating import violating_counts
from fgkeras.mining.violating import violating_triplets
from fgkeras.mining.violating_negatives import violating_negatives

__all__ = [
    "CrossBatchMemory",
    "PairRelation",
    "RememberingModel",
    "SameParent",
    "SharedAncestors",
    "SharedLabels",
    "batch_hard",
    "distance_weights",
    "draw_negatives",
    "hard_aware_cascade",
    "hardest_pairs",
    "local_positives",
    "multi_similarity_pairs",
    "nearest_positives",
    "quasi_online_triplets",
    "rejected_negatives",
    "semi_hard_band",
    "semi_hard_per_anchor",
    "semi_hard_per_pair",
    "violating_counts",
    "violating_negatives",
    "violating_triplets",
]
