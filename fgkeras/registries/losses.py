"""Losses of a classifier, on logits."""

from fgkeras.registry import Entry
from fgkeras.registry import Fact
from fgkeras.registry import Registry

# Name -> the class. Options are those of
# the section `loss` of a config.
# activation: what makes scores of the logits; with "sigmoid" the head's bias
# starts at one over the number of classes, and weight decay leaves it alone.
# counts: whether it is given `class_counts`, the training images per class.
# around: whether `loss.beta` and `loss.weighting` put `ClassBalanced` around
# it; losses that take them as options weight classes themselves.
_COUNTED = {"counts": True}
_EACH_CLASS = {"counts": True, "activation": "sigmoid"}
_AROUND = {"counts": True, "around": True}
_WEIGHTS = ("beta", "weighting")
_LOSSES = "fgkeras.losses"
_CLASSES = f"{_LOSSES}.class_balanced:ClassBalanced"
LOSSES = Registry(
    "loss",
    {
        "softmax": Entry(
            f"{_CLASSES}Softmax", (*_WEIGHTS, "smoothing"), _COUNTED
        ),
        "sigmoid": Entry(f"{_CLASSES}Sigmoid", _WEIGHTS, _EACH_CLASS),
        "focal": Entry(f"{_CLASSES}Focal", (*_WEIGHTS, "gamma"), _EACH_CLASS),
        "balanced-softmax": Entry(
            f"{_LOSSES}.balanced_softmax:BalancedSoftmax",
            ("smoothing",),
            _AROUND,
        ),
        "logit-adjusted": Entry(
            f"{_LOSSES}.logit_adjusted:LogitAdjusted",
            ("tau", "smoothing"),
            _AROUND,
        ),
        "ldam": Entry(
            f"{_LOSSES}.ldam:LDAM",
            ("max_margin", "scale", "smoothing"),
            _AROUND,
        ),
    },
    options=(*_WEIGHTS, "gamma", "smoothing", "tau", "max_margin", "scale"),
    facts={
        "activation": Fact("softmax", ("softmax", "sigmoid")),
        "counts": Fact(False, (True, False)),
        "around": Fact(False, (True, False)),
    },
)
