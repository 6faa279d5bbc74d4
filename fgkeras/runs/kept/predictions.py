"""Predictions that a run keeps, checked against its classes."""

import numpy as np

from fgkeras.runs.kept.files import AGAIN
from fgkeras.runs.kept.files import damaged
from fgkeras.runs.kept.part import are_places
from fgkeras.training.saved_arrays import load_arrays


def read_predictions(path, num_classes):
    """Returns labels, logits and ids of images that a run answered.

    Args:
        path: Path of a `predictions.npz` or `val_predictions.npz`.
        num_classes: Int, classes of the run.

    Returns:
        Dict of `labels`, `logits` and `ids`.

    Raises:
        ValueError: If it is damaged, or of other classes.
    """
    found = load_arrays(path, AGAIN, ("labels", "logits", "ids"))
    labels, logits = found["labels"], found["logits"]
    count = len(found["ids"]) if found["ids"].ndim == 1 else -1
    if logits.shape != (count, num_classes) or logits.dtype.kind != "f":
        raise damaged(path, f"its logits are not of {num_classes} classes")
    if labels.ndim != 1 or not are_places(labels, count, num_classes):
        raise damaged(path, "its labels must be a class for each image")
    if not np.isfinite(logits).all():
        raise damaged(path, "its logits are not finite")
    return found
