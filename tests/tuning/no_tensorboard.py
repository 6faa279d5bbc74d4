"""A tuner of keras_tuner where tensorboard is not installed."""

import sys
import types


def without_tensorboard(monkeypatch):
    """Lays an empty module where tensorboard is not installed.

    `keras_tuner.Tuner` imports it, and uses nothing of it unless somebody
    gives a TensorBoard callback.
    """
    try:
        import tensorboard  # noqa: F401
    except ImportError:
        for name in ("", ".plugins", ".plugins.hparams"):
            module = types.ModuleType(f"tensorboard{name}")
            module.api = None
            monkeypatch.setitem(sys.modules, f"tensorboard{name}", module)
