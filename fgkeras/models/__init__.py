"""Backbones, classifiers, and what is done to them before training.

Names load on first use, so that importing the package loads no framework.
"""

import importlib

_MODULE_OF = {
    "apply_weight_decay": "weight_decay",
    "backbone": "backbones",
    "backbone_names": "backbones",
    "classifier": "classifiers",
    "embedding_model": "classifiers",
    "features_dim": "classifiers",
    "freeze_batch_norm": "frozen_batch_norm",
    "load_model": "loading",
    "sigmoid_head_bias": "classifiers",
}

__all__ = [
    "apply_weight_decay",
    "backbone",
    "backbone_names",
    "classifier",
    "embedding_model",
    "features_dim",
    "freeze_batch_norm",
    "load_model",
    "sigmoid_head_bias",
]


def __getattr__(name):
    if name in _MODULE_OF:
        module = importlib.import_module(f"fgkeras.models.{_MODULE_OF[name]}")
        return getattr(module, name)
    raise AttributeError(f"module 'fgkeras.models' has no attribute {name!r}")


def __dir__():
    return __all__
