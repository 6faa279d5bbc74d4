"""The loss on logits that a config describes."""

from fgkeras import losses
from fgkeras.config import when


def make_loss(config, class_counts):
    """Returns the Keras loss of a config, on logits.

    Args:
        config: A `Config`.
        class_counts: Integer array of shape `(num_classes,)`.
    """
    loss = config.loss
    kind = {
        "softmax": losses.ClassBalancedSoftmax,
        "sigmoid": losses.ClassBalancedSigmoid,
        "focal": losses.ClassBalancedFocal,
    }[loss.name]
    more = {"gamma": loss.gamma} if loss.name == "focal" else {}
    counts = [int(n) for n in class_counts]
    return kind(class_counts=counts, beta=loss.beta, **more)


def class_loss_of(config, class_counts):
    """Returns the loss on logits as `make_loss`; `None` where it has none.

    Args:
        config: A `Config`.
        class_counts: Integer array of shape `(num_classes,)`.
    """
    return make_loss(config, class_counts) if when.CLASS_LOSS(config) else None
