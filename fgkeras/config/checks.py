"""Options that must go together."""

from fgkeras.config.methods import method_options
from fgkeras.registries import LOSSES


def check_together(config):
    """Checks what no option can check alone.

    Args:
        config: A resolved `Config`.

    Raises:
        ValueError: If options contradict each other.
    """
    method_options(config["method.name"], config["method.options"])
    size, resize = config["data.size"], config["data.resize"]
    if resize < size:
        raise ValueError(
            f"`data.resize` must be at least {size}, the size of the crop cut "
            f"from it. Received: data.resize={resize}, data.size={size}."
        )
    solver = config["train.head_solver"]
    if solver == "logistic" and config["loss.name"] != "softmax":
        raise ValueError(
            "Logistic regression is of the softmax. Received: "
            f"train.head_solver='logistic', loss.name={config['loss.name']!r}. "
            "Leave `train.head_solver` out."
        )
    head = config["model.head"]
    if head == "linear" or config["method.name"] != "softmax":
        return
    if solver == "logistic":
        raise ValueError(
            "Logistic regression fits a linear head. Received: "
            f"train.head_solver='logistic', model.head={head!r}. Leave one of "
            "them out."
        )
    if LOSSES.fact(config["loss.name"], "activation") == "sigmoid":
        raise ValueError(
            "Cosines have no bias, from which losses of one sigmoid per class "
            f"start. Received: model.head={head!r}, "
            f"loss.name={config['loss.name']!r}. Leave `model.head` out."
        )
