"""What `--method` names: how an embedding is trained, and by which loss."""

import dataclasses

from fgkeras.data.spec import parse_options

# classes: a linear head and a classification loss
# listed: triplets drawn from the whole set (quasi-online sampling)
# joint: the same, and anchors with a classification loss
# batch: a loss over the pairs of batches of P classes x K images
# proxy: a loss over learned vectors of the classes
# hdml, dvml: models with a generator
KINDS = ("classes", "listed", "joint", "batch", "proxy", "hdml", "dvml")


@dataclasses.dataclass(frozen=True)
class Method:
    """How one method trains.

    Attributes:
        kind: String, one of `KINDS`.
        loss: String, the class of `fgkeras.losses`, or empty; for HDML and
            DVML also their own words.
        defaults: Dict of options that differ from the loss's own defaults.
        images_per_class: Int K of a batch; 0 where batches are uniform.
        unit_norm: Bool, whether the loss sees embeddings of length 1.
        batch_norm: Bool, whether features are batch normalized first.
    """

    kind: str
    loss: str = ""
    defaults: dict = dataclasses.field(default_factory=dict)
    images_per_class: int = 4
    unit_norm: bool = True
    batch_norm: bool = False


def _listed(kind, **defaults):
    return Method(kind, "ListedTriplets", defaults, 0)


METHODS = {
    "softmax": Method("classes", images_per_class=0, unit_norm=False),
    "triplet-naive": _listed("listed", negatives="random", nearest=1.0),
    "triplet-hn": _listed("listed", negatives="violating", nearest=1.0),
    "triplet-m": _listed("listed", negatives="violating", nearest=0.6),
    "triplet-a": _listed("joint", negatives="violating", nearest=0.6),
    "contrastive": Method("batch", "Contrastive"),
    "triplet": Method("batch", "Triplet"),
    "triplet-soft": Method("batch", "Triplet", {"variant": "soft"}),
    "triplet-ratio": Method(
        "batch", "Triplet", {"variant": "ratio", "squared": False}
    ),
    "triplet-hard": Method("batch", "TripletHard"),
    "triplet-semi-hard": Method("batch", "TripletSemiHard"),
    "lifted": Method("batch", "LiftedStructure"),
    "generalized-lifted": Method("batch", "GeneralizedLiftedStructure"),
    "n-pair": Method("batch", "NPair", {"l2": 0.005}, 2, unit_norm=False),
    "angular": Method("batch", "Angular", {}, 2),
    "margin": Method("batch", "Margin"),
    "multi-similarity": Method("batch", "MultiSimilarity"),
    "histogram": Method("batch", "Histogram"),
    "proxy-nca": Method("proxy", "ProxyNCA", {"scale": 10.0}, 0),
    "proxy-anchor": Method("proxy", "ProxyAnchor"),
    "soft-triple": Method("proxy", "SoftTriple", {"per_class": 3}, 0),
    "hdml-triplet": Method(
        "hdml", "triplet", {}, 2, unit_norm=False, batch_norm=True
    ),
    "hdml-npair": Method(
        "hdml", "npair", {}, 2, unit_norm=False, batch_norm=True
    ),
    "dvml-triplet": Method("dvml", "triplet", {}, 2, unit_norm=False),
    "dvml-npair": Method("dvml", "npair", {}, 2, unit_norm=False),
    "dvml-margin": Method("dvml", "Margin", {}, 4, unit_norm=False),
}
_HDML = {
    "alpha": None,
    "beta": 10000.0,
    "recon_share": 0.5,
    "class_scale": 10000.0,
    "hidden": 512,
    "block": 64,
}
_DVML = {"first_steps": 1000, "num_samples": 20, "hidden": 512, "seed": None}
# What `method.options` may set, by loss, with the defaults of its class; a
# test holds them to the signatures.
OPTIONS = {
    "ListedTriplets": {"margin": 0.2, "negatives": "", "nearest": 1.0},
    "Contrastive": {"margin": 1.0, "positive_margin": 0.0, "squared": True},
    "Triplet": {"margin": 0.2, "variant": "hinge", "squared": True},
    "TripletHard": {"margin": 1.0, "soft": False, "squared": False},
    "TripletSemiHard": {"margin": 1.0, "squared": False},
    "LiftedStructure": {"margin": 1.0},
    "GeneralizedLiftedStructure": {"margin": 1.0},
    "NPair": {"l2": 0.0},
    "Angular": {"alpha": 40.0},
    "Margin": {
        "boundary": 1.2,
        "alpha": 0.2,
        "nu": 0.0,
        "negatives": "distance_weighted",
        "cutoff": 0.5,
        "limit": 1.4,
        "num_boundaries": 0,
    },
    "MultiSimilarity": {
        "alpha": 2.0,
        "beta": 50.0,
        "base": 0.5,
        "epsilon": 0.1,
    },
    "Histogram": {"num_bins": 100},
    "ProxyNCA": {"scale": 1.0, "form": "softmax"},
    "ProxyAnchor": {"alpha": 32.0, "margin": 0.1},
    "SoftTriple": {
        "scale": 20.0,
        "gamma": 0.1,
        "margin": 0.01,
        "per_class": None,
        "merging": 0.0,
    },
    ("hdml", "triplet"): {**_HDML, "margin": 1.0},
    ("hdml", "npair"): {**_HDML, "l2": 0.003},
    ("dvml", "triplet"): {**_DVML, "margin": 1.0},
    ("dvml", "npair"): {**_DVML, "l2": 0.003},
    ("dvml", "Margin"): _DVML,
    "": {},
}


def method_named(name):
    """Returns the `Method` of a name.

    Raises:
        ValueError: If there is none.

    Example:
    >>> method_named("triplet-m").defaults["nearest"]
    0.6
    """
    if name not in METHODS:
        raise ValueError(
            f"`method.name` must be one of {', '.join(METHODS)}. "
            f"Received: method.name={name!r}."
        )
    return METHODS[name]


def method_options(name, text=""):
    """Returns the options of a method: its own, and what `text` sets.

    Args:
        name: String, one of `METHODS`.
        text: String such as `"margin=0.1,squared=no"`.

    Returns:
        Dict, values of the types of the defaults they replace.

    Raises:
        ValueError: If an option is unknown or of another type.

    Example:
    >>> method_options("triplet-m", "nearest=0.4")["nearest"]
    0.4
    """
    method = method_named(name)
    known = known_options(method)
    out = dict(method.defaults)
    for key, value in parse_options(text).items():
        if key not in known:
            raise ValueError(
                f"`method.options` of {name} may set {', '.join(known) or '-'}."
                f" Received: {key}={value}."
            )
        out[key] = _typed(name, key, value, known[key])
    return out


def known_options(method):
    """Returns the options that a method takes, with their defaults.

    Args:
        method: `Method`.
    """
    generative = method.kind in ("hdml", "dvml")
    known = OPTIONS[(method.kind, method.loss) if generative else method.loss]
    return {**known, **method.defaults}


def _typed(name, key, value, default):
    words = {"true": True, "yes": True, "false": False, "no": False}
    try:
        if isinstance(default, bool):
            return words[value.lower()]
        if isinstance(default, str):
            return value
        if isinstance(default, int):
            return int(value)
        number = float(value)
    except (KeyError, ValueError):
        raise ValueError(
            f"`method.options` of {name}: {key} must be a "
            f"{type(default).__name__}. Received: {key}={value}."
        ) from None
    if default is None and number.is_integer():
        return int(number)
    return number
