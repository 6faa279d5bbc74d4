"""Options that must go together."""

from fgkeras.config.methods import method_options


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
    if config["train.keep"] == "best" and not config["data.val_share"]:
        raise ValueError(
            "The best epoch is chosen on validation images, never on the "
            "test. Received: train.keep='best' with data.val_share=0. Leave "
            "`data.val_share` out, or set a share."
        )
    solver = config["train.head_solver"]
    if solver == "logistic" and config["loss.name"] != "softmax":
        raise ValueError(
            "Logistic regression is of the softmax. Received: "
            f"train.head_solver='logistic', loss.name={config['loss.name']!r}. "
            "Leave `train.head_solver` out."
        )
