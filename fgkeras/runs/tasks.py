"""Which task a config is of: the one place that chooses."""

import importlib

from fgkeras.config import when

_TASKS = {
    "classifier": "fgkeras.runs.classifier.task:ClassifierTask",
    "embedding": "fgkeras.runs.embedding.task:EmbeddingTask",
}


def task_of(config):
    """Returns the `Task` class of a config.

    Args:
        config: A `Config`.

    Returns:
        `ClassifierTask` for `softmax`, `ncm` and `knn`, else `EmbeddingTask`.
    """
    place = _TASKS["classifier" if when.CLASSIFIER(config) else "embedding"]
    module, name = place.split(":")
    return getattr(importlib.import_module(module), name)
