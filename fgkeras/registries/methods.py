"""Methods: how an embedding is trained, and by which loss."""

from fgkeras.registry import Entry
from fgkeras.registry import Fact
from fgkeras.registry import Registry

# Name of a method -> what trains by it: the class of its loss, or the model.
# Options are what `method.options` may set, with the defaults of the target.
# kind: how it trains,
#   classes: a head and a classification loss
#   nearest: a head made of the training images, without training
#   listed: triplets drawn from the whole set (quasi-online sampling)
#   joint: the same, and anchors with a classification loss
#   batch: a loss over the pairs of batches of P classes x K images
#   proxy: a loss over learned vectors of the classes
#   hdml, dvml: models with a generator
# loss: of a model with a generator, its word or MODULE:NAME.
# defaults: of options, where the method's differ from those of the target.
# images_per_class: K of a batch; 0 where batches are uniform.
# unit_norm: whether the loss sees embeddings of length 1.
# batch_norm: whether features are batch normalized first.
# levels: of a cascade, how many depths of the body are embedded; else 0.
# lots: how many random numbers its loss finds behind each embedding; else 0.
# positives: whether its loss takes a relation of pairs in place of the label
#   ("mask"), with grades too ("graded"), or not ("none").
KINDS = (
    "classes",
    "nearest",
    "listed",
    "joint",
    "batch",
    "proxy",
    "hdml",
    "dvml",
)
_UNIFORM = {"images_per_class": 0}
_FREE = {"images_per_class": 2, "unit_norm": False}
_GRADED, _MASK = {"positives": "graded"}, {"positives": "mask"}


def _triplets(kind, **defaults):
    return Entry(
        "fgkeras.losses.listed_triplets:ListedTriplets",
        {
            "margin": 0.2,
            "negatives": "",
            "nearest": 1.0,
            "rejected": "violating",
        },
        {"kind": kind, "defaults": defaults, **_UNIFORM},
    )


def _of_batch_triplets(**defaults):
    return Entry(
        "fgkeras.losses.triplet:Triplet",
        {"margin": 0.2, "variant": "hinge", "squared": True, "nearest": 1.0},
        {"defaults": defaults, **_GRADED},
    )


def _hdml(loss, **options):
    shared = {
        "alpha": None,
        "beta": 10000.0,
        "recon_share": 0.5,
        "class_scale": 10000.0,
        "hidden": 512,
        "block": 64,
    }
    return Entry(
        "fgkeras.models.hardness_aware:HDML",
        {**shared, **options},
        {"kind": "hdml", "loss": loss, **_FREE, "batch_norm": True},
    )


def _dvml(loss, images_per_class=2, **options):
    shared = {
        "first_steps": 1000,
        "num_samples": 20,
        "first_weights": None,
        "second_weights": None,
        "hidden": 512,
    }
    return Entry(
        "fgkeras.models.variational:DVML",
        {**shared, "seed": None, **options},
        {
            "kind": "dvml",
            "loss": loss,
            "images_per_class": images_per_class,
            "unit_norm": False,
        },
    )


METHODS = Registry(
    "method",
    {
        "softmax": Entry(
            "fgkeras.models.classifiers:classifier",
            (),
            {"kind": "classes", **_UNIFORM, "unit_norm": False},
        ),
        "ncm": Entry(
            "fgkeras.layers.cosine_logits:CosineLogits",
            {"scale": 30.0},
            {"kind": "nearest", **_UNIFORM, "unit_norm": False},
        ),
        "knn": Entry(
            "fgkeras.layers.nearest_neighbor_vote:NearestNeighborVote",
            {"k": 10, "temperature": 0.07},
            {"kind": "nearest", **_UNIFORM, "unit_norm": False},
        ),
        "triplet-naive": _triplets(
            "listed", negatives="random", nearest=1.0, rejected="any"
        ),
        "triplet-hn": _triplets("listed", negatives="violating", nearest=1.0),
        "triplet-m": _triplets("listed", negatives="violating", nearest=0.6),
        "triplet-hn-a": _triplets("joint", negatives="violating", nearest=1.0),
        "triplet-a": _triplets("joint", negatives="violating", nearest=0.6),
        "contrastive": Entry(
            "fgkeras.losses.contrastive:Contrastive",
            {"margin": 1.0, "positive_margin": 0.0, "squared": True},
            _GRADED,
        ),
        "hdc": Entry(
            "fgkeras.losses.cascaded_contrastive:CascadedContrastive",
            {"margin": 1.0, "fraction": 0.5, "squared": False},
            {"levels": 3, **_GRADED},
        ),
        "triplet": _of_batch_triplets(),
        "triplet-local": _of_batch_triplets(nearest=0.6),
        "triplet-soft": _of_batch_triplets(variant="soft"),
        "triplet-ratio": _of_batch_triplets(variant="ratio", squared=False),
        "triplet-hard": Entry(
            "fgkeras.losses.triplet_hard:TripletHard",
            {"margin": 1.0, "soft": False, "squared": False, "nearest": 1.0},
            _MASK,
        ),
        "triplet-semi-hard": Entry(
            "fgkeras.losses.triplet_semi_hard:TripletSemiHard",
            {"margin": 1.0, "squared": False, "nearest": 1.0},
            _GRADED,
        ),
        "triplet2-dws": Entry(
            "fgkeras.losses.distance_weighted_triplet:DistanceWeightedTriplet",
            {
                "margin": 0.2,
                "cutoff": 0.5,
                "limit": 1.4,
                "nearest": 1.0,
            },
            {"lots": 2, **_GRADED},
        ),
        "lifted": Entry(
            "fgkeras.losses.lifted_structure:LiftedStructure",
            {"margin": 1.0},
            _GRADED,
        ),
        "generalized-lifted": Entry(
            "fgkeras.losses.generalized_lifted_structure"
            ":GeneralizedLiftedStructure",
            {"margin": 1.0},
            _GRADED,
        ),
        "n-pair": Entry(
            "fgkeras.losses.n_pair:NPair",
            {"l2": 0.0},
            {"defaults": {"l2": 0.005}, **_FREE, **_GRADED},
        ),
        "angular": Entry(
            "fgkeras.losses.angular:Angular",
            {"alpha": 40.0},
            {"images_per_class": 2, **_GRADED},
        ),
        "margin": Entry(
            "fgkeras.losses.margin:Margin",
            {
                "boundary": 1.2,
                "alpha": 0.2,
                "nu": 0.0,
                "negatives": "distance_weighted",
                "cutoff": 0.5,
                "limit": 1.4,
                "num_boundaries": 0,
            },
            _GRADED,
        ),
        "multi-similarity": Entry(
            "fgkeras.losses.multi_similarity:MultiSimilarity",
            {"alpha": 2.0, "beta": 50.0, "base": 0.5, "epsilon": 0.1},
            _GRADED,
        ),
        "supcon": Entry(
            "fgkeras.losses.sup_con:SupCon",
            {"temperature": 0.1, "form": "out"},
            _GRADED,
        ),
        "infonce": Entry(
            "fgkeras.losses.info_nce:InfoNCE",
            {"temperature": 0.1},
            {"images_per_class": 2, **_GRADED},
        ),
        "recall-at-k": Entry(
            "fgkeras.losses.recall_at_k:RecallAtK",
            {
                "largest_k": 16,
                "rank_temperature": 0.01,
                "recall_temperature": 1.0,
            },
            _GRADED,
        ),
        "histogram": Entry(
            "fgkeras.losses.histogram:Histogram",
            {"num_bins": 100},
            _GRADED,
        ),
        "proxy-nca": Entry(
            "fgkeras.losses.proxy_nca:ProxyNCA",
            {"scale": 1.0, "form": "softmax"},
            {"kind": "proxy", "defaults": {"scale": 10.0}, **_UNIFORM},
        ),
        "proxy-anchor": Entry(
            "fgkeras.losses.proxy_anchor:ProxyAnchor",
            {"alpha": 32.0, "margin": 0.1},
            {"kind": "proxy"},
        ),
        "soft-triple": Entry(
            "fgkeras.losses.soft_triple:SoftTriple",
            {
                "scale": 20.0,
                "gamma": 0.1,
                "margin": 0.01,
                "per_class": None,
                "merging": 0.0,
            },
            {"kind": "proxy", "defaults": {"per_class": 3}, **_UNIFORM},
        ),
        "hdml-triplet": _hdml("triplet", margin=1.0),
        "hdml-npair": _hdml("npair", l2=0.003),
        "dvml-triplet": _dvml("triplet", margin=1.0),
        "dvml-npair": _dvml("npair", l2=0.003),
        "dvml-margin": _dvml(
            "fgkeras.losses.margin:Margin", images_per_class=4
        ),
        "dvml-triplet2-dws": _dvml(
            "fgkeras.losses.distance_weighted_triplet:drawn_triplets",
            images_per_class=4,
        ),
    },
    facts={
        "kind": Fact("batch", KINDS),
        "loss": Fact(""),
        "defaults": Fact({}),
        "images_per_class": Fact(4),
        "unit_norm": Fact(True, (True, False)),
        "batch_norm": Fact(False, (True, False)),
        "levels": Fact(0),
        "lots": Fact(0),
        "positives": Fact("none", ("graded", "mask", "none")),
    },
)
