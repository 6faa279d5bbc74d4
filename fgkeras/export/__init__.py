"""Classifiers and embedders as SavedModels of image bytes, and checks."""

from fgkeras.export.embedder import export_embedder
from fgkeras.export.litert import export_litert
from fgkeras.export.load import ExportedClassifier
from fgkeras.export.load import load_exported
from fgkeras.export.parity import verify_export
from fgkeras.export.saved_model import export_classifier

__all__ = [
    "ExportedClassifier",
    "export_classifier",
    "export_embedder",
    "export_litert",
    "load_exported",
    "verify_export",
]
