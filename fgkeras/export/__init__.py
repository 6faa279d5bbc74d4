"""Classifiers as SavedModels that take image bytes, and their checks."""

from fgkeras.export.load import ExportedClassifier
from fgkeras.export.load import load_exported
from fgkeras.export.saved_model import export_classifier
from fgkeras.export.verify import verify_export

__all__ = [
    "ExportedClassifier",
    "export_classifier",
    "load_exported",
    "verify_export",
]
