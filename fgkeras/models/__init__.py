"""Backbones, classifiers, and what is done to them before training.

Names load on first use, so that importing the package loads no framework.
"""

import importlib

_MODULE_OF = {
    "anchor_classifier": "anchors",
    "apply_weight_decay": "weight_decay",
    "backbone": "backbones",
    "backbone_names": "backbones",
    "register_backbone": "backbones",
    "classifier": "classifiers",
    "default_levels": "levels",
    "dvml": "variational",
    "embedder": "embedders",
    "embedding_head": "embedders",
    "embedding_model": "classifiers",
    "features_dim": "classifiers",
    "freeze_batch_norm": "frozen_batch_norm",
    "hdml": "hardness_aware",
    "joint_model": "anchors",
    "load_model": "loading",
    "part_learning_rates": "learning_rates",
    "sigmoid_head_bias": "classifiers",
    "start_anchors": "anchors",
    "start_at_components": "embedders",
    "view_averaging": "view_averaging_model",
}

__all__ = [
    "anchor_classifier",
    "apply_weight_decay",
    "backbone",
    "backbone_names",
    "register_backbone",
    "classifier",
    "default_levels",
    "dvml",
    "embedder",
    "embedding_head",
    "embedding_model",
    "features_dim",
    "freeze_batch_norm",
    "hdml",
    "joint_model",
    "load_model",
    "part_learning_rates",
    "sigmoid_head_bias",
    "start_anchors",
    "view_averaging",
]


def __getattr__(name):
    if name in _MODULE_OF:
        module = importlib.import_module(f"fgkeras.models.{_MODULE_OF[name]}")
        return getattr(module, name)
    raise AttributeError(f"module 'fgkeras.models' has no attribute {name!r}")


def __dir__():
    return __all__
