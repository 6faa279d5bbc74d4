"""An exported model over HTTP: two interfaces, a page, a gallery that grows."""

from fgkeras.serving.additions import Additions
from fgkeras.serving.app import serving_app
from fgkeras.serving.batcher import Batcher
from fgkeras.serving.metrics import Metrics
from fgkeras.serving.served_version import ServedVersion
from fgkeras.serving.versions import Versions

__all__ = [
    "Additions",
    "Batcher",
    "Metrics",
    "ServedVersion",
    "Versions",
    "serving_app",
]
