"""Which task a config is of: the one place that chooses."""

import importlib

_TASKS = {
    "classifier": "fgkeras.runs.classifier.task:ClassifierTask",
    "embedding": "fgkeras.runs.embedding.task:EmbeddingTask",
}


def task_of(config):
    """Returns the `Task` class of a config.

    Args:
        config: A `Config`.

    Returns:
        `ClassifierTask` for the method `softmax`, else `EmbeddingTask`.
    """
    linear = config.method.name == "softmax"
    place = _TASKS["classifier" if linear else "embedding"]
    module, name = place.split(":")
    return getattr(importlib.import_module(module), name)
