"""Poolings: from a feature map to a vector."""

from fgkeras.registry import Entry
from fgkeras.registry import Fact
from fgkeras.registry import Registry

# Name -> the layer. Options are those of the section `pooling` of
# a config, and the run's seed.
# arguments: how the layer calls an option, where it has another word.
# higher_order: whether a signed square root and unit length belong behind it.
# learned: whether it has weights; or the option that says so.
# dim: what `pooling.dim` comes to.
_SKETCH = {"dim": "sketch_dim", "learn": "train_coefficients"}
POOLINGS = Registry(
    "pooling",
    {
        "average": Entry("keras.layers:GlobalAveragePooling2D"),
        "max": Entry("keras.layers:GlobalMaxPooling2D"),
        "fully_connected": Entry(
            "fgkeras.layers.fully_connected_pooling:FullyConnectedPooling",
            ("units",),
            {"learned": True},
        ),
        "bilinear": Entry(
            "fgkeras.layers.bilinear_pooling:BilinearPooling",
            (),
            {"higher_order": True},
        ),
        "compact_bilinear": Entry(
            "fgkeras.layers.compact_bilinear_pooling:CompactBilinearPooling",
            ("dim", "transform", "seed"),
            {"higher_order": True, "arguments": _SKETCH, "dim": 8192},
        ),
        "kernel": Entry(
            "fgkeras.layers.kernel_pooling:KernelPooling",
            (
                "order",
                "dim",
                "gamma",
                "coefficients",
                "learn",
                "normalize",
                "transform",
                "seed",
            ),
            {"higher_order": True, "arguments": _SKETCH, "learned": "learn"},
        ),
    },
    options=(
        "order",
        "dim",
        "gamma",
        "coefficients",
        "learn",
        "normalize",
        "transform",
        "units",
        "seed",
    ),
    facts={
        "arguments": Fact({}),
        "higher_order": Fact(False, (True, False)),
        "learned": Fact(False, (True, False, "learn")),
        "dim": Fact(4096),
    },
)
