"""Samplers: which images make up a batch."""

from fgkeras.registry import Entry
from fgkeras.registry import Registry

# Name -> what takes (labels, batch_size, *, seed, steps_per_epoch) and its
# options, and returns a `Sampler`.
_PLACE = "fgkeras.data.batches.samplers"
SAMPLERS = Registry(
    "sampler",
    {
        "uniform": Entry(f"{_PLACE}:UniformSampler"),
        "class_balanced": Entry(f"{_PLACE}:class_balanced"),
        "square_root": Entry(f"{_PLACE}:square_root"),
        "progressive": Entry(f"{_PLACE}:progressive", ("num_epochs",)),
        "pk": Entry(f"{_PLACE}:PKSampler", ("images_per_class",)),
        "pk_parents": Entry(
            "fgkeras.data.batches.pk_parents:PKParentsSampler",
            ("images_per_class", "parents"),
        ),
    },
    options=("num_epochs", "images_per_class", "parents"),
    facts={},
)
