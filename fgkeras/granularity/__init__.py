"""How fine-grained a labelled set is, before anything is trained."""

from fgkeras.granularity.axioms import AxiomCheck
from fgkeras.granularity.axioms import granularity_consistency
from fgkeras.granularity.axioms import isomorphism_invariance
from fgkeras.granularity.axioms import medoid_counter_example
from fgkeras.granularity.axioms import scale_invariance
from fgkeras.granularity.class_labels import class_labels
from fgkeras.granularity.class_pairs import ClassPairs
from fgkeras.granularity.class_pairs import class_pairs
from fgkeras.granularity.distances import Distances
from fgkeras.granularity.drawn_granularity import DrawnGranularity
from fgkeras.granularity.drawn_granularity import check_draw
from fgkeras.granularity.drawn_granularity import drawn_granularity
from fgkeras.granularity.granularity import Granularity
from fgkeras.granularity.medoids import class_medoids
from fgkeras.granularity.pair_indices import baker_hubert_gamma
from fgkeras.granularity.pair_indices import c_index
from fgkeras.granularity.rank import rank
from fgkeras.granularity.ranked_samples import ranked_samples
from fgkeras.granularity.rankm import rankm
from fgkeras.granularity.resampled_interval import resampled_interval
from fgkeras.granularity.rs import rs
from fgkeras.granularity.rsm import rsm
from fgkeras.granularity.simulation import simulated_granularity
from fgkeras.granularity.simulation import two_gaussians
from fgkeras.granularity.unique_prototypes import UniquePrototypes
from fgkeras.granularity.unique_prototypes import unique_prototypes

__all__ = [
    "AxiomCheck",
    "ClassPairs",
    "Distances",
    "DrawnGranularity",
    "Granularity",
    "UniquePrototypes",
    "baker_hubert_gamma",
    "c_index",
    "check_draw",
    "class_labels",
    "class_medoids",
    "class_pairs",
    "drawn_granularity",
    "granularity_consistency",
    "isomorphism_invariance",
    "medoid_counter_example",
    "rank",
    "ranked_samples",
    "rankm",
    "resampled_interval",
    "rs",
    "rsm",
    "scale_invariance",
    "simulated_granularity",
    "two_gaussians",
    "unique_prototypes",
]
