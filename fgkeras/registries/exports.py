"""Formats of an export."""

from fgkeras.registry import Entry
from fgkeras.registry import Registry

# Name -> what takes a `Served` and a folder, `overwrite` and its options, and
# returns the path of what it wrote.
EXPORTS = Registry(
    "format",
    {
        "savedmodel": Entry(
            "fgkeras.export.saved_model:write_saved_model", ("top_k",)
        ),
        "litert": Entry("fgkeras.export.litert:write_litert"),
    },
    options=("top_k",),
    facts={},
)
