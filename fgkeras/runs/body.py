"""How the body of a run is built."""

from fgkeras.config import when


def freezes_batch_norm(config):
    """Whether the body is built to keep its batch statistics.

    Args:
        config: A `Config`.
    """
    if when.FINETUNED(config):
        return config.model.freeze_batch_norm
    # Nothing moves them there; the same seed goes on giving the same head.
    return bool(config.model.weights)
