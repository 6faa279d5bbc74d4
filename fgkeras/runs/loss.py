"""The loss on logits that a config describes."""

from fgkeras.config import when
from fgkeras.registries import LOSSES


def make_loss(config, class_counts):
    """Returns the Keras loss of a config, on logits.

    Args:
        config: A `Config`.
        class_counts: Integer array of shape `(num_classes,)`.
    """
    name = config.loss.name
    given = {o: getattr(config.loss, o) for o in LOSSES[name].options}
    if LOSSES.fact(name, "counts"):
        given["class_counts"] = [int(n) for n in class_counts]
    return LOSSES.load(name)(**given)


def class_loss_of(config, class_counts):
    """Returns the loss on logits as `make_loss`; `None` where it has none.

    Args:
        config: A `Config`.
        class_counts: Integer array of shape `(num_classes,)`.
    """
    return make_loss(config, class_counts) if when.CLASS_LOSS(config) else None


def activation_of(config):
    """Returns what makes scores of a run's logits.

    Args:
        config: A `Config`.

    Returns:
        `"softmax"`, or `"sigmoid"` of each class for losses of that kind.
    """
    if not when.CLASS_LOSS(config):
        return "softmax"
    return LOSSES.fact(config.loss.name, "activation")
