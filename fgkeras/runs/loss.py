"""The loss on logits that a config describes."""

from fgkeras.config import when
from fgkeras.losses import ClassBalanced
from fgkeras.ops import class_weights
from fgkeras.registries import LOSSES


def make_loss(config, class_counts):
    """Returns the Keras loss of a config, on logits.

    Args:
        config: A `Config`.
        class_counts: Integer array of shape `(num_classes,)`.
    """
    name = config.loss.name
    used = [o for o in LOSSES[name].options if o != "beta"]
    given = {o: getattr(config.loss, o) for o in used}
    if "beta" in LOSSES[name].options and when.EFFECTIVE(config):
        given["beta"] = config.loss.beta
    if LOSSES.fact(name, "counts"):
        given["class_counts"] = [int(n) for n in class_counts]
    loss = LOSSES.load(name)(**given)
    if LOSSES.fact(name, "around"):
        loss = weighted(loss, config, class_counts)
    return loss


def weighted(loss, config, class_counts):
    """Returns a loss whose classes are weighted as a config says.

    Args:
        loss: `keras.losses.Loss` that weights no classes itself.
        config: A `Config`.
        class_counts: Integer array of shape `(num_classes,)`.

    Returns:
        `ClassBalanced` around it, or `loss` where all classes weigh the same.
    """
    if not when.weights_classes(config):
        return loss
    counts = [int(n) for n in class_counts]
    return ClassBalanced(loss, counts, **_weighting(config))


def class_weights_of(config, class_counts):
    """Returns the weights of classes, or `None` where all weigh the same.

    Args:
        config: A `Config`.
        class_counts: Integer array of shape `(num_classes,)`.

    Returns:
        NumPy `float64` array of shape `(num_classes,)`, or `None`.
    """
    if not when.weights_classes(config):
        return None
    return class_weights(class_counts, **_weighting(config))


def _weighting(config):
    given = {"weighting": config.loss.weighting}
    if when.EFFECTIVE(config):
        given["beta"] = config.loss.beta
    return given


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
