"""Fine-grained and long-tailed visual recognition for Keras 3."""

import importlib

__version__ = "0.1.0"

# All but the command line.
_PACKAGES = (
    "bootstrap",
    "config",
    "data",
    "evaluation",
    "export",
    "granularity",
    "jobs",
    "layers",
    "losses",
    "mining",
    "models",
    "ops",
    "registries",
    "report",
    "runs",
    "serving",
    "storage",
    "suspects",
    "training",
    "transfer",
    "tuning",
    "web",
)
_MODULE_OF = {"load_model": "fgkeras.training.loading"}
__all__ = ["__version__", *_MODULE_OF, *_PACKAGES]


def __getattr__(name):
    # Packages are imported when first used, so that `import fgkeras` and the
    # command line's help stay fast.
    if name in _PACKAGES:
        return importlib.import_module(f"fgkeras.{name}")
    if name in _MODULE_OF:
        return getattr(importlib.import_module(_MODULE_OF[name]), name)
    raise AttributeError(f"module 'fgkeras' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_MODULE_OF, *_PACKAGES})
