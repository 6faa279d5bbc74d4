"""Losses of a classifier, on logits."""

from fgkeras.registry import Entry
from fgkeras.registry import Fact
from fgkeras.registry import Registry

# Name -> the class. Options are those of
# the section `loss` of a config.
# activation: what makes scores of the logits; with "sigmoid" the head's bias
# starts at one over the number of classes, and weight decay leaves it alone.
# counts: whether it is given `class_counts`, the training images per class.
_COUNTED = {"counts": True}
_EACH_CLASS = {"counts": True, "activation": "sigmoid"}
_CLASSES = "fgkeras.losses.class_balanced:ClassBalanced"
LOSSES = Registry(
    "loss",
    {
        "softmax": Entry(f"{_CLASSES}Softmax", ("beta",), _COUNTED),
        "sigmoid": Entry(f"{_CLASSES}Sigmoid", ("beta",), _EACH_CLASS),
        "focal": Entry(f"{_CLASSES}Focal", ("beta", "gamma"), _EACH_CLASS),
    },
    options=("beta", "gamma"),
    facts={
        "activation": Fact("softmax", ("softmax", "sigmoid")),
        "counts": Fact(False, (True, False)),
    },
)
