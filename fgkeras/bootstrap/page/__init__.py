"""The page that people label on: an application, its look and its script."""

from fgkeras.bootstrap.page.app import label_app
from fgkeras.bootstrap.page.words import KEYS

__all__ = ["KEYS", "label_app"]
