"""When a run uses an option: conditions on its resolved config."""

from fgkeras.config.methods import method_named
from fgkeras.config.option import Used
from fgkeras.registries import BACKBONES
from fgkeras.registries import LOSSES
from fgkeras.registries import POOLINGS

# Words for what `loss.beta` is measured as: of all classes, or of each.
MEASURED_BETAS = ("data", "data-per-class")


def kind_of_method(config):
    """Returns how the method of a config trains, one of `KINDS`."""
    return method_named(config.method.name).kind


def _gradient(config):
    frozen = config.train.mode == "frozen"
    if kind_of_method(config) == "nearest":
        return False
    linear = config.method.name == "softmax"
    return not (frozen and linear and config.train.head_solver == "logistic")


def _drawn_one_by_one(config):
    """Whether batches are drawn by a sampler of single images."""
    if CLASSIFIER(config):
        return _gradient(config)
    method = method_named(config.method.name)
    grouped = config.method.images_per_class
    return method.kind not in ("listed", "joint") and grouped == "none"


def _drawn_in_groups(config):
    """Whether batches are drawn as P classes with K images each."""
    method = method_named(config.method.name)
    if CLASSIFIER(config) or method.kind in ("listed", "joint"):
        return False
    return config.method.images_per_class != "none"


def of_kinds(*kinds, words):
    """The method trains in one of some ways."""
    return Used(lambda c: kind_of_method(c) in kinds, words)


def pooled_with(option):
    """The pooling takes an option."""
    return Used(
        lambda c: option in POOLINGS[c.model.pooling].options,
        f"with --pooling {' or '.join(POOLINGS.taking(option))}",
    )


def loss_with(option):
    """The loss on logits takes an option."""
    return Used(
        lambda c: option in LOSSES[c.loss.name].options,
        f"with --loss {' or '.join(LOSSES.taking(option))}",
    )


def learns_pooling(config):
    """Returns whether the pooling of a config has weights to train."""
    learned = POOLINGS.fact(config.model.pooling, "learned")
    if learned in (True, False):
        return learned
    return getattr(config.pooling, learned)  # An option decides.


def _trains_pooling(config):
    # On frozen features, which stand behind all others, a kernel alone is.
    kept = CLASSIFIER(config) and config.model.pooling == "kernel"
    return learns_pooling(config) and (FINETUNED(config) or kept)


def _weighted_by(option):
    """The method's loss, or that on its logits, can be weighted."""

    def used(config):
        kind = kind_of_method(config)
        if kind in ("classes", "joint"):
            name = config.loss.name
            own = option in LOSSES[name].options
            return own or LOSSES.fact(name, "around")
        return kind in ("batch", "proxy", "listed")

    words = (
        "by losses that can be weighted by class: not by HDML, DVML or a loss "
        "of one's own that says nothing of it"
    )
    return Used(used, words)


def _has_batch_norm(config):
    body = config.model.backbone
    # A body of one's own may have it.
    return body not in BACKBONES or BACKBONES.fact(body, "batch_norm")


CLASSIFIER = of_kinds(
    "classes", "nearest", words="by a classifier (--method softmax, ncm or knn)"
)
TRAINED = of_kinds(
    "classes", words="by a classifier that is trained (--method softmax)"
)
CLASS_LOSS = of_kinds(
    "classes", "joint", words="by a classifier, triplet-a and triplet-hn-a"
)
EMBEDDING = Used(
    lambda c: not CLASSIFIER(c),
    "by an embedding (a --method other than softmax, ncm and knn)",
)
OPTIONED = Used(
    lambda c: c.method.name != "softmax", "by a --method other than softmax"
)
FINETUNED = Used(lambda c: c.train.mode == "finetune", "with --mode finetune")
GRADIENT = Used(
    _gradient,
    "unless the head is fitted by train.head_solver=logistic, --method ncm or "
    "knn alone",
)
POOLING_TRAINED = GRADIENT & Used(
    _trains_pooling,
    "where the pooling learns: with --pooling kernel and pooling.learn, or "
    "with --pooling fully_connected and --mode finetune",
)
DRAWN = Used(
    _drawn_one_by_one,
    "where batches are drawn image by image: not with groups of a class, "
    "triplets of the whole set or logistic regression",
)
GROUPED = Used(
    _drawn_in_groups, "by an embedding whose batches are K images of P classes"
)
SAMPLED = Used(
    lambda c: DRAWN(c) or GROUPED(c),
    "where batches of images are drawn: pk_parents in groups of a class, the "
    "others image by image; not by triplets of the whole set or logistic "
    "regression",
)
BATCHES = Used(
    lambda c: kind_of_method(c) not in ("listed", "joint") and _gradient(c),
    "where batches of images are drawn: not by triplets of the whole set "
    "(see method.triplets) or logistic regression",
)
WEIGHTED = _weighted_by("weighting")
EFFECTIVE = Used(
    lambda c: c.loss.weighting == "effective", "with loss.weighting=effective"
)
BETA = _weighted_by("beta") & EFFECTIVE
FOLDED = TRAINED & Used(
    lambda c: c.train.mode == "frozen", "with --mode frozen"
)
FOLDABLE = CLASSIFIER & Used(
    lambda c: c.train.mode == "frozen",
    "with --mode frozen, where only a head is trained for each fold",
)
HELD_BACK = Used(
    lambda c: c.evaluation.folds == "none",
    "without --folds, which test each image that is trained on",
)
BATCH_NORM = Used(
    _has_batch_norm, "with a --backbone that has batch normalization"
)
PAIRED = Used(
    lambda c: method_named(c.method.name).positives != "none",
    "by an embedding whose loss compares pairs of a batch: not by listed "
    "triplets, proxies, HDML and DVML",
)
LISTED = of_kinds(
    "listed", "joint", words="by triplet-naive, -hn, -m, -a and -hn-a"
)

CASCADED = Used(
    lambda c: method_named(c.method.name).levels > 0, "by --method hdc"
)
ONE_DEPTH = Used(
    lambda c: not CASCADED(c),
    "by every --method but hdc, whose depths are method.levels",
)


def num_levels(config):
    """Returns how many levels the method of a config has; 0 of others."""
    levels = method_named(config["method.name"]).levels
    return len(config["method.levels"]) or levels if levels else 0


def folds_of(config):
    """Returns how many folds a run trains beside itself, and 0 for none."""
    counts = []
    if FOLDED(config):
        counts.append(config.data.calibration_folds)
    if FOLDABLE(config):
        counts.append(config.evaluation.folds)
    return next((count for count in counts if count != "none"), 0)


def tested_by_folds(config):
    """Whether a run is tested by the folds of what it is trained on."""
    return FOLDABLE(config) and config.evaluation.folds != "none"


def freezes_batch_norm(config):
    """Whether the body of a run is built to keep its batch statistics."""
    if FINETUNED(config):
        return config.model.freeze_batch_norm
    # Nothing moves them there; the same seed goes on giving the same head.
    return bool(config.model.weights)


def weights_classes(config):
    """Whether rare classes count more in a config's loss than others."""
    if WEIGHTED(config) and config.loss.weighting != "effective":
        return config.loss.weighting != "none"
    return BETA(config) and config.loss.beta != 0.0


def measures_beta(config):
    """Whether the beta of a config is measured on the training images."""
    return BETA(config) and config.loss.beta in MEASURED_BETAS
