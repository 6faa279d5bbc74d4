"""Every metric loss and every miner of a batch, by name.

What is listed here goes through the checks of `degenerate_batches_test.py`. A
new loss is one more line.
"""

import dataclasses

import keras
import numpy as np
from keras import ops

from fgkeras import losses
from fgkeras import mining
from fgkeras.ops import pairwise_distances
from fgkeras.ops import pairwise_similarities
from fgkeras.ops import unit_normalize
from fgkeras.ops.precision import full_precision

# Batches in which no anchor has both a positive and a negative.
ONE_SIDED = ("singletons", "one_class", "one_row")


@dataclasses.dataclass(frozen=True)
class Case:
    """A loss, and how it differs from the others.

    Attributes:
        loss: The loss, with one value per anchor.
        head: `None`, or function from embeddings to what the loss takes.
        compares: The batches of `ONE_SIDED` in which it still compares: a
            contrastive loss pushes singletons apart, a proxy loss compares
            with proxies. "mixed" if only its lone row is compared: negative
            pairs of all rows enter the histogram.
    """

    loss: keras.losses.Loss
    head: object = None
    compares: tuple = ()
    draws: bool = False

    def __call__(self, labels, x):
        """Value per anchor, without the casts of `Loss.__call__`."""
        return self.loss.call(labels, x if self.head is None else self.head(x))


def cosines(per_class=None):
    """Head of proxy losses: cosines with fixed proxies of nine classes."""
    shape = (9 * (per_class or 1), 4)
    proxies = np.random.default_rng(7).normal(size=shape)

    def head(x):
        x = unit_normalize(x)
        p = unit_normalize(ops.convert_to_tensor(proxies, x.dtype))
        s = ops.matmul(x, ops.transpose(p))
        return ops.reshape(s, (-1, 9, per_class)) if per_class else s

    return head


def case(cls, *, head=None, compares=(), draws=False, **kwargs):
    return Case(cls(reduction=None, **kwargs), head, compares, draws)


def levels(x):
    """Head of a cascade: two levels, the second of other numbers."""
    # In full precision: what is rounded here is none of the loss.
    x = full_precision(ops.convert_to_tensor(x))
    turn = np.random.default_rng(8).normal(size=(4, 4))
    deep = ops.matmul(x, ops.convert_to_tensor(turn, x.dtype))
    return ops.concatenate([x, deep], axis=-1)


LOSSES = {
    "Angular": case(losses.Angular),
    "CascadedContrastive, two levels": case(
        losses.CascadedContrastive,
        num_levels=2,
        head=levels,
        compares=("singletons", "one_class"),
    ),
    "CascadedContrastive": case(
        losses.CascadedContrastive,
        num_levels=1,
        squared=True,
        compares=("singletons", "one_class"),
    ),
    "Contrastive": case(
        losses.Contrastive, compares=("singletons", "one_class")
    ),
    "Contrastive, not squared": case(
        losses.Contrastive,
        squared=False,
        positive_margin=0.1,
        compares=("singletons", "one_class"),
    ),
    "DistanceWeightedTriplet": case(losses.DistanceWeightedTriplet, draws=True),
    "GeneralizedLiftedStructure": case(losses.GeneralizedLiftedStructure),
    "Histogram": case(losses.Histogram, compares=("mixed",)),
    "InfoNCE": case(losses.InfoNCE),
    "LiftedStructure": case(losses.LiftedStructure),
    "Margin": case(losses.Margin, draws=True),
    "Margin, uniform": case(losses.Margin, negatives="uniform"),
    "MultiSimilarity": case(losses.MultiSimilarity),
    "NPair": case(losses.NPair, l2=0.005),
    "ProxyAnchor": case(losses.ProxyAnchor, head=cosines(), compares=ONE_SIDED),
    "ProxyNCA": case(losses.ProxyNCA, head=cosines(), compares=ONE_SIDED),
    "RecallAtK": case(losses.RecallAtK, rank_temperature=0.1),
    "SupCon": case(losses.SupCon, compares=("one_class",)),
    "SupCon, in": case(losses.SupCon, form="in", compares=("one_class",)),
    "SoftTriple": case(losses.SoftTriple, head=cosines(2), compares=ONE_SIDED),
    "Triplet": case(losses.Triplet, margin=1.0),
    "Triplet, squared hinge": case(losses.Triplet, variant="squared_hinge"),
    "Triplet, soft": case(losses.Triplet, variant="soft"),
    "Triplet, ratio": case(losses.Triplet, variant="ratio", squared=False),
    "Triplet, two sided": case(
        losses.Triplet, variant="two_sided", squared=False
    ),
    "Triplet, near": case(losses.Triplet, margin=1.0, nearest=0.6),
    "TripletHard": case(losses.TripletHard),
    "TripletHard, soft": case(losses.TripletHard, soft=True),
    "TripletSemiHard": case(losses.TripletSemiHard),
    "TripletHard, near": case(losses.TripletHard, nearest=0.6),
    "TripletSemiHard, near": case(losses.TripletSemiHard, nearest=0.6),
    "TripletSemiHard, squared": case(losses.TripletSemiHard, squared=True),
}


def of_distances(miner, **kwargs):
    return lambda labels, x, **relation: miner(
        labels, pairwise_distances(x), **kwargs, **relation
    )


# Functions of labels and embeddings that return masks, counts or weights.
MINERS = {
    "batch_hard": of_distances(mining.batch_hard),
    "distance_weights": lambda labels, x, **relation: mining.distance_weights(
        labels, pairwise_distances(unit_normalize(x)), 4, **relation
    ),
    "hard_aware_cascade": lambda labels, x, **relation: (
        mining.hard_aware_cascade(
            labels, [pairwise_distances(x)] * 2, **relation
        )
    ),
    "local_positives": of_distances(mining.local_positives),
    "multi_similarity_pairs": lambda labels, x, **relation: (
        mining.multi_similarity_pairs(
            labels, pairwise_similarities(unit_normalize(x)), **relation
        )
    ),
    "semi_hard_band": of_distances(mining.semi_hard_band),
    "semi_hard_per_anchor": of_distances(mining.semi_hard_per_anchor),
    "semi_hard_per_pair": of_distances(mining.semi_hard_per_pair),
    "violating_counts": of_distances(mining.violating_counts),
    "violating_triplets": of_distances(mining.violating_triplets),
}
