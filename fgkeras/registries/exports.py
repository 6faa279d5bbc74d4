"""Formats of an export."""

from fgkeras.registry import Entry
from fgkeras.registry import Registry

# Name -> what takes a `Served` and a folder, `overwrite` and its options, and
# returns the path of what it wrote.
EXPORTS = Registry(
    "format",
    {
        "saved_model": Entry(
            "fgkeras.export.saved_model:write_saved_model",
            ("top_k", "tolerance", "gallery"),
        ),
        "litert": Entry(
            "fgkeras.export.litert:write_litert", ("input", "tolerance")
        ),
        "onnx": Entry("fgkeras.export.onnx:write_onnx", ("input", "tolerance")),
    },
    options=("top_k", "input", "tolerance", "gallery"),
    facts={},
)
# What formats were called before.
EARLIER = {"savedmodel": "saved_model"}
