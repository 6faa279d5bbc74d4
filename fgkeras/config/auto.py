"""What a config decides by itself where `auto` was left."""

from fgkeras.config.methods import method_named
from fgkeras.registries import BACKBONES
from fgkeras.registries import POOLINGS

# The split of a run that is tested by folds of what it is trained on; no
# source has one of the name.
FOLDS = "out_of_fold"
# Held back where an epoch is chosen, in any stage.
VAL_SHARE = 0.1


def _frozen(c):
    return c["train.mode"] == "frozen"


def _pretrained(c):
    return bool(c["model.weights"])


def _linear(c):
    return c["method.name"] == "softmax"


def _pooled(c, fact):
    return POOLINGS.fact(c["model.pooling"], fact)


def _size(c):
    body = c["model.backbone"]
    side = BACKBONES.fact(body, "side") if body in BACKBONES else None
    return side or (160 if _pretrained(c) else 64)


def _learning_rate(c):
    if _frozen(c):
        if _linear(c):
            return 1e-2
        # Few steps from what is good already: `no_training.py` of
        # `experiments/metric_learning` has measured both.
        return 1e-4 if _from_components(c) else 1e-3
    return 2e-4 if _pretrained(c) else 1e-3


def _from_components(c):
    kind = method_named(c["method.name"]).kind
    embeds = kind not in ("classes", "nearest")
    return embeds and c["method.start"] == "pca"


def _dim(c):
    levels = method_named(c["method.name"]).levels
    if levels:
        return 128 * (len(c["method.levels"]) or levels)
    return 512 if _from_components(c) else 64


def _embedding(c):
    unit = _pretrained(c) or _pooled(c, "higher_order")
    return "unit:10" if unit else "none"


def _head(c):
    cosines = _linear(c) and c["loss.name"] == "ldam"
    return "cosine:30" if cosines else "linear"


def _scale(c):
    scale = c["model.head"].partition(":")[2]
    return float(scale) if scale and _linear(c) else 1.0


# In this order, since one may look at another.
CHOICES = {
    "data.batch_size": lambda c: 128 if _frozen(c) else 32,
    "data.size": _size,
    "data.resize": lambda c: c["data.size"],
    "data.val_share": lambda c: VAL_SHARE if c["train.keep"] == "best" else 0.0,
    "data.train_resize": lambda c: c["data.size"] * 8 // 7,
    "model.embedding": _embedding,
    "model.head": _head,
    "loss.scale": _scale,
    "model.freeze_batch_norm": _pretrained,
    "pooling.dim": lambda c: _pooled(c, "dim"),
    "pooling.square_root": lambda c: _pooled(c, "higher_order"),
    "method.start": lambda c: (
        "pca" if _frozen(c) or _pretrained(c) else "random"
    ),
    "method.dim": _dim,
    "method.images_per_class": lambda c: (
        method_named(c["method.name"]).images_per_class or "none"
    ),
    "train.epochs": lambda c: 60 if _frozen(c) else 10,
    "train.learning_rate": _learning_rate,
    "train.weight_decay": lambda c: 3e-4 if _frozen(c) and _linear(c) else 0.0,
}
